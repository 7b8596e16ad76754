#include "distributors/swanctl/control.hpp"

#include "distributors/swanctl/dead_end.hpp"

#include <certctl/result.hpp>

#include <algorithm>

#include "framework/sys/shown_output.hpp"

namespace certctl::swanctl {
namespace {

// Certificates in hexadecimal: a gateway that has met many peers lists many.
constexpr std::size_t kOutputBytes = 8U << 20U;
constexpr std::size_t kShown = 300;
// swanctl belongs to the system: nothing of a user's PATH, and no STRONGSWAN_CONF.
constexpr const char* kSearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<std::string_view> lines_of(std::string_view output) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    lines.push_back(output.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string shown(std::string_view line) {
  return sys::shown_start(line, kShown);
}

// How it ended, and its own last line.
std::string words_of(const sys::ProcessResult& result) {
  std::string_view last;
  for (const std::string_view line : lines_of(result.output))
    if (!line.empty()) last = line;
  return last.empty() ? sys::describe_end(result) : shown(last);
}

std::string_view first_with(std::string_view output, std::string_view start) {
  for (const std::string_view line : lines_of(output))
    if (line.starts_with(start)) return line;
  return {};
}

}  // namespace

LoadProblems problems_in(std::string_view output) {
  static constexpr std::string_view kLoading = "loading '";
  static constexpr std::string_view kFailed = "' failed: ";
  LoadProblems problems;
  std::string_view before;
  for (const std::string_view line : lines_of(output)) {
    const std::size_t end = line.rfind(kFailed);
    if (line.starts_with("invalid config file") || line.starts_with("failed to open config file")) {
      problems.configuration = shown(line);
      if (before.find("syntax error") != std::string_view::npos) problems.configuration += ": " + shown(before);
    } else if (line.starts_with(kLoading) && end != std::string_view::npos && end >= kLoading.size()) {
      problems.files.emplace_back(line.substr(kLoading.size(), end - kLoading.size()));
      if (problems.first.empty()) problems.first = shown(line);
    }
    before = line;
  }
  return problems;
}

Control::Control(const Options& options)
    : settings_{options.text("binary"), options.text("directory"), options.text("uri"), options.duration("timeout")} {
  const auto bad = [](const std::string& message, const std::string& hint) {
    return Failure::never("bad-option", message, hint);
  };
  if (settings_.binary.empty()) throw bad("`binary` of swanctl is empty", "name the program, as in /usr/sbin/swanctl");
  if (settings_.timeout < std::chrono::seconds{1})
    throw bad("`timeout` of swanctl is less than a second", "write a longer time, as in 30s");
  while (settings_.directory.size() > 1 && settings_.directory.ends_with('/')) settings_.directory.pop_back();
}

std::string Control::identity() const {
  return settings_.directory + (settings_.uri.empty() ? "" : " " + settings_.uri);
}

sys::ProcessResult Control::run(const std::vector<std::string>& arguments, const std::string& uri) const {
  // Not by the host, which keeps only the end of what a command writes.
  sys::ProcessRequest request;
  request.command.arguments = {settings_.binary};
  request.command.arguments.insert(request.command.arguments.end(), arguments.begin(), arguments.end());
  if (!uri.empty()) request.command.arguments.insert(request.command.arguments.end(), {"--uri", uri});
  request.environment = {kSearchPath, "LANG=C", "HOME=/", "SWANCTL_DIR=" + settings_.directory};
  request.timeout = settings_.timeout;
  request.output_limit = kOutputBytes;
  sys::ProcessResult result = sys::run_process(request);
  if (result.timed_out) {
    throw Failure("service-not-running", "swanctl " + arguments.front() + " is " + sys::describe_end(result),
                  "see whether charon hangs; `timeout` gives it longer");
  }
  return result;
}

sys::ProcessResult Control::ask(const std::vector<std::string>& arguments) const {
  sys::ProcessResult result = run(arguments, settings_.uri);
  if (const auto line = first_with(result.output, "connecting to '"); !result.succeeded() && !line.empty()) {
    throw Failure("service-not-running", "charon does not answer: " + shown(line),
                  "start strongSwan (systemctl start strongswan), or name its vici socket with `uri`");
  }
  return result;
}

bool Control::test_configuration() const {
  const DeadEnd nobody;
  // It fails in any case, for lack of an answer; what counts is what it says before.
  const std::string output = run({"--load-conns"}, nobody.uri()).output;
  if (!first_with(output, "connecting to '").empty()) return false;
  const LoadProblems problems = problems_in(output);
  if (problems.configuration.empty()) return true;
  throw Failure("reload-refused", "swanctl cannot read its configuration: " + problems.configuration,
                "mend the file; charon has kept its connections and credentials");
}

LoadProblems Control::load_credentials(const std::vector<std::string>& ours) const {
  const sys::ProcessResult result = ask({"--load-creds", "--clear", "--noprompt"});
  LoadProblems problems = problems_in(result.output);
  for (const std::string& path : problems.files) {
    if (std::find(ours.begin(), ours.end(), path) == ours.end()) continue;
    throw Failure("reload-refused",
                  "swanctl does not load what was delivered: " +
                      shown(first_with(result.output, "loading '" + path + "' failed: ")),
                  "see `load` in strongswan.conf: a plugin for this type of key may be missing");
  }
  if (!result.succeeded() && problems.files.empty()) {
    throw Failure("reload-failed", "swanctl --load-creds fails: " + words_of(result), "run it by hand to see why");
  }
  return problems;
}

void Control::load_connections() const {
  const sys::ProcessResult result = ask({"--load-conns"});
  if (result.succeeded()) return;
  const auto line = first_with(result.output, "loading ");
  throw Failure("reload-failed", "swanctl --load-conns fails: " + (line.empty() ? words_of(result) : shown(line)),
                "mend the connection in swanctl.conf");
}

bool Control::reauthenticate(const std::string& ike) const {
  const sys::ProcessResult result = ask({"--rekey", "--ike", ike, "--reauth"});
  if (result.succeeded()) return true;
  if (result.output.find("no matching SAs") != std::string::npos) return false;
  throw Failure("reload-failed", "swanctl --rekey --ike " + ike + " --reauth fails: " + words_of(result),
                "the tunnel goes on with the old certificate until it is authenticated anew");
}

std::vector<probe::LoadedCertificate> Control::loaded() const {
  const sys::ProcessResult result = ask({"--list-certs", "--type", "x509", "--raw"});
  if (!result.succeeded())
    throw Failure("listing-failed", "swanctl --list-certs fails: " + words_of(result), "run it by hand to see why");
  if (result.output_cut) {
    throw Failure("listing-failed", "charon has more certificates than can be read",
                  "see which ones of peers it remembers (swanctl --flush-certs)");
  }
  return probe::loaded_certificates(result.output);
}

}  // namespace certctl::swanctl
