#!/usr/bin/env bash
# usage: base.sh DIRECTORY
# Where no registry can be reached, images are made of Debian's packages. This one stands in for
# debian:trixie-slim, and its file system is kept in the directory for the next time.
set -euo pipefail
archive=$1/debian-trixie.tar
if [ ! -s "$archive" ]; then
  root=$(mktemp -d -p "$1")
  trap 'rm -rf "$root"' EXIT
  # shellcheck disable=SC2016 # apt-get puts the address in place of it
  mirror=$(apt-get indextargets --format '$(SITE)' | grep -m1 '/debian/\?$' || echo http://deb.debian.org/debian)
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror" >"$1/debootstrap.log" 2>&1 ||
    { tail -5 "$1/debootstrap.log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale,info}/*
  tar -C "$root" --numeric-owner -cf "$archive.new" .
  mv "$archive.new" "$archive"
fi
"$DOCKER" image inspect debian:trixie-slim >/dev/null 2>&1 ||
  "$DOCKER" import --change 'CMD ["bash"]' "$archive" debian:trixie-slim >/dev/null
