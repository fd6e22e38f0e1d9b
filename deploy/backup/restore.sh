#!/bin/sh
# Restores what backup.sh has made.
#
#   DATABASE_URL=postgres://… DATA_DIR=/var/lib/signpost restore.sh /backups/signpost-TIME
#
# Environment:
#   DATABASE_URL  the database to restore into, as its owner; or DATABASE_URL_FILE, or libpq's variables
#   DATA_DIR      that of the service
#
# All that the schema "public" of the database has now is REPLACED, in one transaction. The spool of
# DATA_DIR is restored only if there is none: one that is there is newer, and has what the backup
# lacks. Secrets are put where they were, if nothing is there. The service may run meanwhile; it finds
# out by itself which clicks it has to store again.
set -eu
umask 077

if [ $# -ne 1 ] || [ ! -f "$1/database.dump" ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
# shellcheck disable=SC1091 # It lies beside this file.
. "$(dirname "$0")/connection.sh"
backup=$1

# Before the database: a service that is started by chance must find all of it.
if [ -n "${DATA_DIR:-}" ] && [ -d "$backup/spool" ] && [ ! -e "$DATA_DIR/spool" ]; then
  mkdir -p "$DATA_DIR"
  rm -rf "$DATA_DIR/spool.restoring"
  cp -Rp "$backup/spool" "$DATA_DIR/spool.restoring"
  if [ "$(id -u)" -eq 0 ]; then
    # shellcheck disable=SC2012 # Numbers, and nothing else, are read.
    chown -R "$(ls -nd "$DATA_DIR" | awk '{ print $3 ":" $4 }')" "$DATA_DIR/spool.restoring"
  fi
  mv "$DATA_DIR/spool.restoring" "$DATA_DIR/spool"
  echo "restored $DATA_DIR/spool"
fi

if [ -f "$backup/secrets.tar" ]; then
  tar -tf "$backup/secrets.tar" | while IFS= read -r file; do
    if [ -e "/$file" ]; then
      echo "left /$file as it is"
    else
      tar -xpf "$backup/secrets.tar" -C / "$file"
      echo "restored /$file"
    fi
  done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

run() {
  psql ${url:+"--dbname=$url"} --no-psqlrc --quiet --output=/dev/null \
    --set=ON_ERROR_STOP=1 --set=VERBOSITY=verbose "$@"
}

# Whoever is connected works on, and believes in, what was there before.
end_sessions() {
  run --command='
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()'
}

# To a file first: the end of a pipe would not tell whether its beginning has failed.
pg_restore --no-owner --no-privileges --file="$work/script.sql" "$backup/database.dump"
tries=5
until
  end_sessions
  run --single-transaction --command='DROP SCHEMA IF EXISTS public CASCADE' \
    --command='CREATE SCHEMA public' --file="$work/script.sql" 2>"$work/errors"
do
  tries=$((tries - 1))
  # 40P01: a deadlock with the running service.
  if [ "$tries" -eq 0 ] || ! grep -q ' 40P01: ' "$work/errors"; then
    cat "$work/errors" >&2
    exit 1
  fi
done
end_sessions
echo 'restored the database'
