#pragma once
#include "Arduino.h"

enum wl_status_t { WL_CONNECTED = 3 };

class WiFiClient {};

struct {
  wl_status_t begin(const char *, const char *) { return WL_CONNECTED; }
  wl_status_t status() { return WL_CONNECTED; }
} WiFi;
