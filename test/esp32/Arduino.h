// As much of the ESP32's Arduino core as the example's sketch uses, over the C++ library.
#pragma once
#include <math.h>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>

typedef bool boolean;

class String : public std::string {
 public:
  String(const char *text) : std::string(text) {}
  String operator+(const char *more) const { return String((std::string(*this) + more).c_str()); }
};

extern time_t clockSeconds;
inline time_t clockTime(time_t *) { return clockSeconds; }
#define time(into) clockTime(into)

inline void delay(uint32_t) {}
inline void configTime(long, int, const char *) {}
