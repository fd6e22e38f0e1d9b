#!/usr/bin/env bash
# A Docker engine of our own, beside whatever runs on the machine: it shares no image, network or firewall
# rule with another one. Its images are kept in CHECK_CACHE, and nothing else.

# Containers of one network may talk to each other, also where another engine drops what is forwarded.
ENGINE_ADDRESSES=10.213.0.0/16
ENGINE_RULE=(FORWARD -s "$ENGINE_ADDRESSES" -d "$ENGINE_ADDRESSES" -m comment --comment signpost-checks -j ACCEPT)

start_engine() {
  export DOCKER='' NO_DOCKER=''
  if [ "$(uname -s)" != Linux ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    NO_DOCKER='a container engine of our own needs root on Debian'
    return
  fi
  install_packages docker.io debootstrap iptables || return
  # Not the first one on the PATH: another client may lack BuildKit.
  DOCKER=/usr/bin/docker
  export DOCKER_HOST=unix://$CHECK_DIRECTORY/docker.sock DOCKER_BUILDKIT=1 DOCKER_CONFIG=$CHECK_DIRECTORY/docker
  mkdir -p "$DOCKER_CONFIG"
  dockerd --data-root "$CHECK_CACHE/docker" --exec-root "$CHECK_DIRECTORY/exec" \
    --pidfile "$CHECK_DIRECTORY/docker.pid" --host "$DOCKER_HOST" --iptables=false --ip-forward=false \
    --bridge=none --default-address-pool "base=$ENGINE_ADDRESSES,size=24" \
    >"$CHECK_DIRECTORY/dockerd.log" 2>&1 9>&- &
  ENGINE_PID=$!
  for _ in $(seq 120); do
    if "$DOCKER" version >/dev/null 2>&1; then
      iptables -I "${ENGINE_RULE[@]}"
      remove_leftovers
      return
    fi
    kill -0 "$ENGINE_PID" 2>/dev/null || break
    sleep 0.5
  done
  NO_DOCKER="dockerd does not start: $(tail -n 1 "$CHECK_DIRECTORY/dockerd.log")"
  DOCKER=''
}

install_packages() {
  command -v dockerd >/dev/null && command -v debootstrap >/dev/null && command -v iptables >/dev/null && return
  echo "Installing $*"
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install \
    -y -qq --no-install-recommends "$@"; } >"$CHECK_DIRECTORY/apt.log" 2>&1; then
    NO_DOCKER="apt-get cannot install $*: $(tail -n 1 "$CHECK_DIRECTORY/apt.log")"
    return 1
  fi
}

# Of this run, or of one that was killed.
remove_leftovers() {
  "$DOCKER" ps -aq | xargs -r "$DOCKER" rm -f -v
  "$DOCKER" network prune -f
  "$DOCKER" volume ls -q | xargs -r "$DOCKER" volume rm -f
  "$DOCKER" image prune -f
} >/dev/null 2>&1

stop_engine() {
  [ -n "${ENGINE_PID:-}" ] || return 0
  if [ -n "$DOCKER" ]; then
    remove_leftovers
    iptables -D "${ENGINE_RULE[@]}"
  fi
  kill "$ENGINE_PID" 2>/dev/null
  wait "$ENGINE_PID" 2>/dev/null
  # Mounts of containers, should the engine have died.
  awk -v d="$CHECK_DIRECTORY" 'index($2, d) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
}
