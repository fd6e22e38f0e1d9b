#!/usr/bin/env bash
# usage: build.sh node|postgres|nginx TAG
# Makes the image that stands in for a public one where no registry can be reached. The tag is that of the
# public one, in an engine that nobody else uses, so that what names it is checked unchanged.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 tag=$2
source=$(cat "$here/$name.Dockerfile" "$here"/*entrypoint.sh | cksum | cut -d' ' -f1)
[ "$("$DOCKER" image inspect --format '{{ .Config.Labels.source }}' "$tag" 2>/dev/null)" = "$source" ] && exit
"$here/base.sh" "$CHECK_CACHE"
context=$(mktemp -d -p "$CHECK_DIRECTORY")
cp "$here/$name.Dockerfile" "$here"/*entrypoint.sh "$context"
if [ "$name" = node ]; then
  version=${tag##*:}
  case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=x64 ;; esac
  cp "$CHECK_CA_BUNDLE" "$context/ca.crt"
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$context/npmrc"
  for package in "node:node-linux-$architecture@${version%%-*}" npm:npm@11; do
    mkdir "$context/${package%%:*}"
    (cd "$context/${package%%:*}" && npm pack --silent "${package#*:}" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz)
  done
fi
"$DOCKER" build --quiet --network host --label "source=$source" --tag "$tag" --file "$context/$name.Dockerfile" "$context" >/dev/null
