#!/bin/sh
# usage: docker/secrets.sh
# Makes the secrets of docker/compose.yaml in docker/secrets/, except those that are there. The certificate
# is a self-made one of the host in PUBLIC_URL (default: localhost), to be replaced by a real one.
set -eu
directory=$(dirname "$0")/secrets
# The directory is for its owner only; a container reads its files whatever user it runs as.
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"

keep() { # NAME: what comes in, unless there is such a secret
  [ -s "$1" ] || { cat >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1" && echo "made docker/secrets/$1"; }
}

openssl rand -hex 24 | keep database_password
printf 'postgres://signpost:%s@database:5432/signpost\n' "$(cat database_password)" | keep database_url
openssl rand -base64 48 | tr -d '\n' | keep jwt_secret
openssl rand -hex 24 | keep setup_token
openssl rand -hex 24 | keep metrics_token
if [ ! -s tls_certificate ] || [ ! -s tls_key ]; then
  host=$(printf '%s' "${PUBLIC_URL:-https://localhost}" | sed 's#^[a-z]*://##; s#[:/].*##')
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -keyout tls_key.new -out tls_certificate.new 2>/dev/null
  chmod 444 tls_key.new tls_certificate.new
  mv tls_key.new tls_key
  mv tls_certificate.new tls_certificate
  echo "made docker/secrets/tls_certificate and tls_key for $host, self-made"
fi
