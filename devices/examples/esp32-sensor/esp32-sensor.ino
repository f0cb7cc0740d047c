// An ESP32 with a DHT22 on pin 4. Libraries: PubSubClient, DHT sensor library. PubSubClient publishes at QoS 0 only:
// use the ESP-IDF MQTT client where no reading may be lost.
#include <DHT.h>
#include <PubSubClient.h>
#include <WiFi.h>
#include <time.h>

const char *wifiName = "...";
const char *wifiPassword = "...";
const char *hubHost = "192.168.1.10";
const char *compound = "harbour-view";
const char *device = "plant-room-1";
const char *secret = "...";  // the device's password

DHT dht(4, DHT22);
WiFiClient network;
PubSubClient client(network);
String base = String("xy/v1/") + compound + "/" + device + "/";

void connectHub() {
  while (!client.connected()) {
    // The will comes before the session flag; the last argument keeps the session.
    if (client.connect(device, device, secret, (base + "status").c_str(), 1, true, "offline", false)) {
      client.publish((base + "status").c_str(), "online", true);
    } else {
      delay(5000);
    }
  }
}

void setup() {
  dht.begin();
  WiFi.begin(wifiName, wifiPassword);
  while (WiFi.status() != WL_CONNECTED) delay(500);
  configTime(0, 0, "pool.ntp.org");  // UTC
  client.setServer(hubHost, 1883);
  client.setBufferSize(512);
}

void loop() {
  connectHub();
  client.loop();
  // Until a time server has answered the clock stands in 1970: without a time the hub takes its own.
  char at[40] = "";
  time_t now = time(nullptr);
  if (now > 1600000000) strftime(at, sizeof at, "\"time\":\"%Y-%m-%dT%H:%M:%SZ\",", gmtime(&now));
  float celsius = dht.readTemperature();
  if (!isnan(celsius)) {
    char reading[160];
    snprintf(reading, sizeof reading, "{%s\"values\":{\"temperatureC\":%.1f}}", at, celsius);
    client.publish((base + "telemetry").c_str(), reading);
  }
  for (int second = 0; second < 60; second++) {
    client.loop();
    delay(1000);
  }
}
