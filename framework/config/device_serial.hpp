// `device_serial` of certctl.yaml: where the serial number of the device comes from.
#pragma once

#include <certctl/options.hpp>

#include <optional>
#include <regex>
#include <string>

#include "framework/config/report.hpp"

namespace certctl::config {

class DeviceSerial {
 public:
  // Nothing configured: get() says so.
  DeviceSerial() = default;
  // Reads { command: … } or { file: … } or { text: … }, with or without `match:`. Mistakes go to the report.
  [[nodiscard]] static DeviceSerial read(const Entry& entry, Report& report);

  // The serial number: letters, digits, '.', '_', '-', at most 64. Runs the command (10 s) or reads the file at the
  // first call and remembers what came of it. Throws Failure::never("device-serial", …).
  [[nodiscard]] std::string get();

 private:
  [[nodiscard]] std::string find() const;
  [[nodiscard]] std::string output() const;

  std::optional<Command> command_;
  std::optional<std::string> file_;
  std::optional<std::string> text_;
  std::optional<std::regex> match_;  // searched line by line; its first group, or all of it, is the serial number
  std::optional<std::string> found_;
  std::optional<Failure> failure_;
};

}  // namespace certctl::config
