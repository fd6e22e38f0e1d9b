#!/usr/bin/env bash
# Makes Docker Compose from its Go module, once, and prints where it is. Debian 12 has none that is kept.
set -euo pipefail
version=v5.6.0
program=$CHECK_CACHE/docker-compose-$version
if [ ! -x "$program" ]; then
  command -v go >/dev/null || { echo 'Docker Compose is made with Go, which is not here' >&2; exit 77; }
  module=$(mktemp -d -p "$CHECK_DIRECTORY")
  cd "$module"
  {
    go mod init signpost.local/compose
    go get -tool "github.com/docker/compose/v5/cmd@$version"
    CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$program.new" github.com/docker/compose/v5/cmd
    mv "$program.new" "$program"
  } >&2
fi
echo "$program"
