#!/usr/bin/env python3
"""A sensor with Python's paho-mqtt (Debian: python3-paho-mqtt): a will, and readings at QoS 1."""
import json
import os
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

compound, device = os.environ["COMPOUND"], os.environ["DEVICE"]


def topic(leaf):
    return f"xy/v1/{compound}/{device}/{leaf}"


# From paho 2.0 on the first argument names the version of the callbacks.
version = getattr(mqtt, "CallbackAPIVersion", None)
first = () if version is None else (version.VERSION2,)
client = mqtt.Client(*first, client_id=device, clean_session=False)
client.username_pw_set(device, os.environ["SECRET"])
client.will_set(topic("status"), "offline", qos=1, retain=True)
client.connect(os.environ.get("HUB_HOST", "localhost"), int(os.environ.get("HUB_MQTT_PORT", "1883")))
client.loop_start()
client.publish(topic("status"), "online", qos=1, retain=True).wait_for_publish()
for count in range(int(os.environ.get("COUNT", "3"))):
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    reading = {"time": now, "values": {"temperatureC": 20 + count / 10}}
    client.publish(topic("telemetry"), json.dumps(reading), qos=1).wait_for_publish()
    print(f"{count + 1} acknowledged")
client.disconnect()
client.loop_stop()
