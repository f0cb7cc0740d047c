// The signatures of PubSubClient 2.8. What is published goes to the standard output, a line each.
#pragma once
#include "WiFi.h"

class PubSubClient {
  bool isConnected = false;

 public:
  PubSubClient(WiFiClient &) {}
  PubSubClient &setServer(const char *, uint16_t) { return *this; }
  boolean setBufferSize(uint16_t) { return true; }
  boolean connected() { return isConnected; }
  boolean loop() { return isConnected; }
  boolean connect(const char *, const char *, const char *, const char *willTopic, uint8_t willQos, boolean willRetain,
                  const char *willMessage, boolean) {
    printf("will\t%s\t%d\t%d\t%s\n", willTopic, willQos, willRetain, willMessage);
    return isConnected = true;
  }
  boolean publish(const char *topic, const char *payload, boolean retained) {
    printf("publish\t%s\t0\t%d\t%s\n", topic, retained, payload);
    return true;
  }
  boolean publish(const char *topic, const char *payload) { return publish(topic, payload, false); }
};
