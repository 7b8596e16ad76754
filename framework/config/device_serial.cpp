#include "framework/config/device_serial.hpp"

#include "framework/config/option_reader.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::config {
namespace {

constexpr std::size_t kMaxOutput = 65536;
// std::regex recurses with the length of what it looks at.
constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxSerial = 64;
constexpr std::chrono::seconds kDeadline{10};

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line.substr(0, kMaxLine);
}

std::string_view trimmed(std::string_view text) {
  static constexpr const char* kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Failure no_serial(const std::string& why, std::string hint) {
  return Failure::never("device-serial", "the device's serial number is needed here, and " + why, std::move(hint));
}

}  // namespace

DeviceSerial DeviceSerial::read(const Entry& entry, Report& report) {
  DeviceSerial result;
  const Node& map = entry.value;
  if (!map.is_map()) {
    report.error(map.mark(), "wrong-type", std::string("device_serial must be a map, and is ") + kind_word(map.kind),
                 "write { command: … }, { file: PATH } or { text: SERIAL }");
    return result;
  }
  if (!check_keys(map, {"command", "file", "text", "match"}, "in device_serial", report)) return result;
  const Entry* command = map.find("command");
  const Entry* file = map.find("file");
  const Entry* text = map.find("text");
  const int sources = (command != nullptr ? 1 : 0) + (file != nullptr ? 1 : 0) + (text != nullptr ? 1 : 0);
  if (sources != 1) {
    report.error(entry.mark(), "bad-combination", "device_serial needs exactly one of command, file and text");
    return result;
  }
  if (command != nullptr) result.command_ = read_command(command->value, "device_serial: command", report);
  if (file != nullptr) result.file_ = read_path(file->value, "device_serial: file", report);
  if (text != nullptr) result.text_ = read_text(text->value, "device_serial: text", report);
  if (const Entry* match = map.find("match")) {
    const auto pattern = read_text(match->value, "device_serial: match", report);
    if (!pattern) return result;
    try {
      result.match_.emplace(*pattern, std::regex::ECMAScript);
    } catch (const std::regex_error& error) {
      report.error(match->value.mark(), "bad-value",
                   "device_serial: match is no regular expression: " + std::string(error.what()));
    }
  }
  return result;
}

std::string DeviceSerial::output() const {
  if (text_) return *text_;
  if (file_) return sys::read_file(*file_, kMaxOutput);
  sys::ProcessRequest request;
  request.command = *command_;
  request.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C"};
  request.timeout = kDeadline;
  request.output_limit = kMaxOutput;
  const sys::ProcessResult result = sys::run_process(request);
  if (!result.succeeded()) throw Failure::never("device-serial", "its command: " + sys::describe_end(result));
  return result.output;
}

std::string DeviceSerial::find() const {
  if (!command_ && !file_ && !text_)
    throw no_serial("certctl.yaml has no device_serial", "write device_serial, or \\SN for the two letters");
  std::string text;
  try {
    text = output();
  } catch (const Failure& failure) {
    throw no_serial(failure.error().message, failure.error().hint);
  }
  std::string serial(trimmed(text));
  if (match_) {
    serial.clear();
    std::string_view rest = text;
    while (serial.empty() && !rest.empty()) {
      const std::string_view line = next_line(rest);
      std::match_results<std::string_view::const_iterator> groups;
      if (std::regex_search(line.begin(), line.end(), groups, *match_))
        serial = groups.size() > 1 ? groups[1] : groups[0];
    }
    if (serial.empty())
      throw no_serial("nothing in the output matches `match`", "correct device_serial in certctl.yaml");
  }
  static constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (serial.empty()) throw no_serial("the output of device_serial is empty", "correct device_serial in certctl.yaml");
  if (serial.size() > kMaxSerial || serial.find_first_not_of(kAllowed) != std::string::npos) {
    // A path may be wrong, and a key lie there.
    const std::string what =
        sys::may_show_private_key(serial) ? "what came, which may hold a private key," : quote(serial);
    throw no_serial(what + " is not a single word of letters, digits, '.', '_' and '-'",
                    "write `match:` in device_serial to pick it");
  }
  return serial;
}

std::string DeviceSerial::get() {
  if (failure_) throw Failure(*failure_);
  if (!found_) {
    try {
      found_ = find();
    } catch (const Failure& failure) {
      failure_ = failure;
      throw;
    }
  }
  return *found_;
}

}  // namespace certctl::config
