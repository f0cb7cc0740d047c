// The sketch's first minutes: before a time server has answered, after it, and with a sensor that gives nothing.
#include "Arduino.h"

time_t clockSeconds = 7;
float airTemperatureC = 21.46f;

#include "../../devices/examples/esp32-sensor/esp32-sensor.ino"

int main() {
  setup();
  loop();
  clockSeconds = 1772410530;
  loop();
  airTemperatureC = NAN;
  loop();
}
