#!/bin/sh
# Runs as root in a container of its own and ends: hands each service its secrets in a volume that belongs to the user
# the service runs as. Files of the host stay closed (0600) to everybody but the person who made them.
#   distribute-secrets.sh [folder of the volumes] [folder of the certificates]
set -eu
umask 077
out=${1:-/volumes}
certificates=${2:-/certificates}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

folder() { install -d -o "$2" -g "$2" -m 0500 "$out/$1"; }
file() { install -o "$3" -g "$3" -m 0400 "$1" "$out/$2"; }
# A password in a file, without a line feed at its end, as those who read it expect.
password() {
  printf '%s' "$1" >"$work/password"
  file "$work/password" "$2" "$3"
}

kurrentdb=1001
mosquitto=1883
prometheus=65534
hub=1000

folder kurrentdb "$kurrentdb"
folder kurrentdb/ca "$kurrentdb"
file "$certificates/ca.crt" kurrentdb/ca/ca.crt "$kurrentdb"
file "$certificates/kurrentdb.crt" kurrentdb/node.crt "$kurrentdb"
file "$certificates/kurrentdb.key" kurrentdb/node.key "$kurrentdb"

folder mosquitto "$mosquitto"
printf 'hub:%s\ndevices:%s\n' "$MOSQUITTO_HUB_PASSWORD" "$MOSQUITTO_DEVICES_PASSWORD" >"$work/passwords"
# Devices that have accounts of their own, one `user:password` a line.
[ ! -f "$certificates/mosquitto-accounts" ] || cat "$certificates/mosquitto-accounts" >>"$work/passwords"
mosquitto_passwd -U "$work/passwords"
file "$work/passwords" mosquitto/passwords "$mosquitto"

folder prometheus "$prometheus"
password "$PROMETHEUS_HUB_PASSWORD" prometheus/hub-password "$prometheus"

folder hub "$hub"
password "$HUB_ADMIN_PASSWORD" hub/admin-password "$hub"
password "$PROMETHEUS_HUB_PASSWORD" hub/prometheus-password "$hub"
