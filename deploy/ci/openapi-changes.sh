#!/usr/bin/env bash
# npm run ci:openapi-changes -- [openapi.json of an older version]
# Fails if programs written for the last release would break: compares the OpenAPI document with the one of
# the newest tag v*, or with the file that is given.
set -euo pipefail
cd "$(dirname "$0")/../.."

directory=$(mktemp -d)
clean_up() {
  if [ -d "$directory/release" ]; then git worktree remove --force "$directory/release"; fi
  rm -rf "$directory"
}
trap clean_up EXIT

base=${1:-}
if [ -z "$base" ]; then
  if ! release=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null); then
    echo 'There is no release yet that this could break.'
    exit 0
  fi
  git worktree add --quiet --detach "$directory/release" "$release"
  (cd "$directory/release" && npm ci --silent && npm run --silent openapi)
  base=$directory/release/openapi.json
  echo "Compared with $release:"
fi
oasdiff=$(deploy/ci/tool.sh oasdiff)
npm run --silent openapi
"$oasdiff" breaking --fail-on ERR "$base" openapi.json
