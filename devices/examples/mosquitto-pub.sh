#!/bin/sh
# A sensor in one line a message: status, a reading, a fault, and the same fault mended.
# HUB_HOST, HUB_MQTT_PORT, COMPOUND, DEVICE and SECRET (the device's password) come from the environment.
set -eu

say() {
  mosquitto_pub -h "${HUB_HOST:-localhost}" -p "${HUB_MQTT_PORT:-1883}" -q 1 \
    -i "$DEVICE" -u "$DEVICE" -P "$SECRET" -t "xy/v1/$COMPOUND/$DEVICE/$1" -m "$2"
}

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
say status online
say telemetry "{\"time\":\"$now\",\"values\":{\"temperatureC\":21.5,\"batteryPercent\":90}}"
say events "{\"type\":\"device.fault-raised\",\"time\":\"$now\",\"data\":{\"code\":\"low-pressure\"}}"
say events "{\"type\":\"device.fault-cleared\",\"time\":\"$now\",\"data\":{\"code\":\"low-pressure\"}}"
