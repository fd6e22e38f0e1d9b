#!/usr/bin/env bash
# npm run check:deploy -- [part of the name of a check…]
# Runs what is shipped for operation: *.check.* of test/deploy (or of the directory CHECKS), in the order of
# their names. A check is a program. It ends with 0 if it passed and with 77 if it cannot run here, which its
# last line explains. Each finds in its environment
#   CHECK_CACHE      a directory that is kept, for what is downloaded or built for checks
#   CHECK_DIRECTORY  a directory that is removed when all checks are over
#   DOCKER           the client of a container engine of our own, which it finds by DOCKER_HOST; empty
#                    where there can be none, and NO_DOCKER says why
# CHECK_CA_BUNDLE names the certificates that builds in containers trust; those of the machine if not set.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
[ "$(uname -s)" = Linux ] || { echo 'skipped: all of it needs Linux' && exit; }

export CHECK_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/signpost-checks
export CHECK_CA_BUNDLE=${CHECK_CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
mkdir -p "$CHECK_CACHE"
exec 9>"$CHECK_CACHE/check-deploy.lock"
flock --nonblock 9 || { echo 'Waiting for another run to end' && flock 9; }
CHECK_DIRECTORY=$(mktemp -d "${TMPDIR:-/tmp}/signpost-check-XXXXXX")
export CHECK_DIRECTORY
chmod 755 "$CHECK_DIRECTORY"

# shellcheck source=test/deploy/engine.sh
. test/deploy/engine.sh
clean_up() {
  stop_engine
  rm -rf "$CHECK_DIRECTORY"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_wanted() { # NAME [part…]
  local name=$1 part
  shift
  [ $# -eq 0 ] && return
  for part in "$@"; do [[ $name == *"$part"* ]] && return; done
  return 1
}

start_engine
failures=0
for check in "${CHECKS:-test/deploy}"/*.check.*; do
  name=$(basename "$check")
  name=${name%%.*}
  is_wanted "$name" "$@" || continue
  printf '\n== %s\n' "$name"
  log=$CHECK_DIRECTORY/$name.out
  started=$SECONDS
  case $check in
    *.js) node "$check" ;;
    *) "$check" ;;
  esac 9>&- 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  case $code in
    0) echo "passed: $name ($((SECONDS - started)) s)" ;;
    77) echo "skipped: $name: $(tail -n 1 "$log")" ;;
    *)
      echo "failed: $name ($((SECONDS - started)) s, exit code $code)"
      failures=$((failures + 1))
      ;;
  esac
done
echo
echo "$failures checks failed, after $SECONDS s"
[ "$failures" -eq 0 ]
