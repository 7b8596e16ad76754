// Hook "syslog": one line to the system's log. Speaks to the log's socket itself: syslog(3) has one set of settings per
// process and says nothing when the line is lost.
#include <certctl/plugin.hpp>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl {
namespace {

constexpr std::size_t kLongestLine = 900;  // RFC 3164 §4.1: 1024 in all

constexpr OptionSpec kOptions[] = {
    {"facility", OptionType::choice, "daemon", false, false,
     "daemon|user|auth|cron|local0|local1|local2|local3|local4|local5|local6|local7", "under which the line is filed"},
    {"tag", OptionType::text, "certctl", false, false, "", "the program's name in the line"},
    {"socket", OptionType::path, "/dev/log", false, false, "", "where the log listens"},
};

// RFC 5424 §6.2.1
int facility_number(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, int>, 4> kNamed{
      {{"user", 1}, {"daemon", 3}, {"auth", 4}, {"cron", 9}}};
  for (const auto& [known, number] : kNamed) {
    if (known == name) return number;
  }
  return 16 + (name.back() - '0');  // local0 … local7
}

int severity(const std::string& event) {
  constexpr int kError = 3;
  constexpr int kNotice = 5;
  constexpr int kInformation = 6;
  if (event == "failed") return kError;
  return event == "before-deliver" ? kInformation : kNotice;
}

class Syslog final : public Hook {
 public:
  Syslog(const Options& options, Host& host)
      : host_(host),
        facility_(facility_number(options.text("facility"))),
        tag_(sys::printable_start(options.text("tag"), 32)),
        socket_(options.text("socket")) {
    if (tag_.empty() || tag_.find_first_of(" :[]") != std::string::npos) {
      throw Failure::never("bad-option", "`tag` of the hook syslog must be one word without : [ ]");
    }
    if (socket_.size() >= sizeof(sockaddr_un::sun_path)) {
      throw Failure::never("bad-option", "`socket` of the hook syslog is too long for a socket");
    }
  }

  void on_event(const Event& event) override {
    std::string text = "profile " + event.profile + ": " + event.name;
    if (!event.message.empty()) text += ": " + event.message;
    if (!event.code.empty()) text += " [" + event.code + "]";
    if (!event.hint.empty()) text += "; " + event.hint;
    send("<" + std::to_string(facility_ * 8 + severity(event.name)) + ">" + timestamp() + tag_ + "[" +
         std::to_string(::getpid()) + "]: " + sys::printable_start(text, kLongestLine));
  }

 private:
  // RFC 3164 §4.1.2: local time, English names whatever the locale.
  [[nodiscard]] std::string timestamp() const {
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t now = std::chrono::system_clock::to_time_t(host_.now());
    std::tm local{};
    if (::localtime_r(&now, &local) == nullptr) return {};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%s %2d %02d:%02d:%02d ",
                  kMonths.at(static_cast<std::size_t>(local.tm_mon)), local.tm_mday, local.tm_hour, local.tm_min,
                  local.tm_sec);
    return text.data();
  }

  void send(const std::string& line) const {
    // Most logs take datagrams, some a stream, in which NUL ends a line.
    int error = try_send(SOCK_DGRAM, line);
    if (error == EPROTOTYPE) error = try_send(SOCK_STREAM, line + '\0');
    if (error == 0) return;
    const Failure cause = sys::system_failure("cannot write to the system's log at " + socket_, error);
    throw Failure("syslog-unreachable", cause.error().message, "is a log daemon running there?");
  }

  [[nodiscard]] int try_send(int type, const std::string& line) const {
    const sys::FileDescriptor connection(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (!connection.is_open()) return errno;
    const timeval patience{2, 0};  // a log that does not read must not hold a renewal up
    (void)::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
    if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return errno;
    return ::send(connection.get(), line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())
               ? 0
               : errno;
  }

  Host& host_;
  int facility_;
  std::string tag_;
  std::string socket_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Hook, certctl::Syslog, "syslog", "1.0", "writes one line to the system's log",
               certctl::kOptions);
