#!/usr/bin/env bash
# Creates what docker-compose.yml needs and git must never hold: .env with random passwords, and certificates for
# KurrentDB signed by an authority of this copy's own. Run again at any time: what is there stays, what is missing or
# runs out within 30 days is made.
#   infra/secrets/create.sh [folder of the project]
set -euo pipefail
umask 077

root=$(cd "${1:-$(dirname "$0")/../..}" && pwd)
settings="$root/.env"
certificates="$root/infra/secrets/generated"
authority_days=1825
certificate_days=397
renew_before_seconds=$((30 * 24 * 3600))

command -v openssl >/dev/null || { echo 'openssl is missing: install it and run this again.' >&2; exit 1; }

made=0
say() { echo "$1"; made=1; }

# Hexadecimal, because these passwords also stand in URLs.
add_password() {
  grep -q "^$1=" "$settings" && return
  printf '%s=%s\n' "$1" "$(openssl rand -hex 24)" >>"$settings"
  say ".env: made $1"
}

touch "$settings"
chmod 600 "$settings"
# A last line that somebody wrote without its line feed would swallow what is added.
[ -z "$(tail -c 1 "$settings")" ] || echo >>"$settings"
if ! grep -q '^PUBLISH_ADDRESS=' "$settings"; then
  {
    echo '# Where the ports are open: 127.0.0.1 is this machine only, 0.0.0.0 is everybody who reaches it.'
    echo 'PUBLISH_ADDRESS=127.0.0.1'
  } >>"$settings"
  say '.env: ports open on this machine only (PUBLISH_ADDRESS)'
fi
for name in HUB_ADMIN_PASSWORD HUB_DATABASE_PASSWORD POSTGRES_PASSWORD KURRENTDB_ADMIN_PASSWORD \
  KURRENTDB_OPS_PASSWORD MOSQUITTO_HUB_PASSWORD MOSQUITTO_DEVICES_PASSWORD GRAFANA_ADMIN_PASSWORD \
  GRAFANA_DATABASE_PASSWORD PROMETHEUS_HUB_PASSWORD; do
  add_password "$name"
done

mkdir -p "$certificates"
chmod 700 "$certificates"
cd "$certificates"

lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$renew_before_seconds" >/dev/null 2>&1; }

# A key and a request for it are made in one step; the extensions come from the authority, never from the request.
request() { # name, subject
  openssl req -new -newkey rsa:3072 -nodes -sha256 -config /dev/null -subj "$2" -keyout "$1.key" -out "$1.csr" \
    2>/dev/null
}

if ! { lasts ca.crt && [ -s ca.key ]; }; then
  cat >ca.ext <<'END'
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END
  request ca '/O=Xingyuan development/CN=Xingyuan development CA'
  openssl x509 -req -in ca.csr -signkey ca.key -sha256 -days "$authority_days" -extfile ca.ext -out ca.crt 2>/dev/null
  say 'made the certificate authority of this copy (infra/secrets/generated/ca.crt)'
fi

if ! { lasts kurrentdb.crt && [ -s kurrentdb.key ] && openssl verify -CAfile ca.crt kurrentdb.crt >/dev/null 2>&1; }; then
  # KurrentDB is server to the hub and client to other nodes with one and the same certificate.
  cat >kurrentdb.ext <<'END'
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:kurrentdb, DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
  request kurrentdb '/O=Xingyuan development/CN=eventstoredb-node'
  openssl x509 -req -in kurrentdb.csr -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 15)" -sha256 \
    -days "$certificate_days" -extfile kurrentdb.ext -out kurrentdb.crt 2>/dev/null
  say 'made the certificate of KurrentDB: restart it if it runs (docker compose up -d --force-recreate secrets kurrentdb)'
fi
rm -f ./*.csr ./*.ext
# The authority's certificate is no secret; the hub reads it as another user than the one who made it.
chmod 644 ca.crt

[ "$made" = 1 ] || echo 'Nothing to do: every password and certificate is there.'
