#!/bin/sh
# Backs up an installation while it runs: the database, the spool of clicks, and secrets.
#
#   DATABASE_URL=postgres://… DATA_DIR=/var/lib/signpost backup.sh /backups
#
# Environment:
#   DATABASE_URL  the database; or DATABASE_URL_FILE, a file with it; or the variables of libpq
#   DATA_DIR      that of the service; without it no spool is backed up
#   SECRET_FILES  files to be backed up as well, separated by colons: those of JWT_SECRET_FILE and
#                 the like, or the environment file of the service
#
# Makes /backups/signpost-TIME with database.dump, spool/ and secrets.tar, for the eyes of its owner
# only. Keep secrets.tar apart from the rest: both together tell addresses of visitors.
set -eu
umask 077

if [ $# -ne 1 ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
# shellcheck disable=SC1091 # It lies beside this file.
. "$(dirname "$0")/connection.sh"

target=$1/signpost-$(date -u +%Y%m%dT%H%M%SZ)
# Under another name until it is complete: half a backup is none.
partial=$target.partial
mkdir -p "$partial"
trap 'rm -rf "$partial"' EXIT
trap 'exit 1' HUP INT TERM

# First: what is stored after this is in the spool still, or kept there (SPOOL_KEEP_HOURS).
pg_dump --format=custom --no-owner --no-privileges ${url:+"--dbname=$url"} \
  --file="$partial/database.dump"
pg_restore --list "$partial/database.dump" >/dev/null

# Copies what there is. A file that is gone meanwhile has gone on to what is copied next.
copy() {
  find . -type f "$@" | while IFS= read -r file; do
    mkdir -p "$partial/spool/$(dirname "$file")"
    cp -p "$file" "$partial/spool/$file" 2>/dev/null || [ ! -e "$file" ] || exit 1
  done
}

if [ -n "${DATA_DIR:-}" ] && [ -d "$DATA_DIR/spool" ]; then
  mkdir -p "$partial/spool"
  # As a segment goes: it is open, then sealed, and before the service deletes it, it is among those kept.
  (cd "$DATA_DIR/spool" && copy ! -path './done/*' ! -name '*.lock*' ! -name '*.sealed' &&
    copy ! -path './done/*' -name '*.sealed')
  # What was sealed meanwhile is there twice, and whole only once.
  find "$partial/spool" -name '*.sealed' | while IFS= read -r file; do
    rm -f "${file%.sealed}.open"
  done
  (cd "$DATA_DIR/spool" && copy -name '*.kept')
fi

secrets=${SECRET_FILES:-}
if [ -n "${DATA_DIR:-}" ] && [ -f "$DATA_DIR/jwt-secret" ]; then
  secrets=$secrets:$(cd "$DATA_DIR" && pwd)/jwt-secret
fi
(
  IFS=:
  set -f
  # shellcheck disable=SC2086 # It is to be split.
  set -- $secrets
  for file in "$@"; do
    shift
    [ -z "$file" ] || set -- "$@" "${file#/}"
  done
  if [ $# -gt 0 ]; then tar -cf "$partial/secrets.tar" -C / "$@"; fi
)

mv "$partial" "$target"
echo "$target"
