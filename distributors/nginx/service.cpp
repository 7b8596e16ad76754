#include "distributors/nginx/service.hpp"

#include <certctl/result.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "distributors/nginx/configuration_files.hpp"
#include "framework/sys/service_process.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::nginx {
namespace {

constexpr std::chrono::seconds kTestLimit{60};  // it reads all certificates, and looks up the names of upstreams

constexpr std::string_view kLineEnd = "\\n";  // the host has made one line of the output

// Without the number of the process, "4711#4711: ".
std::string_view without_number(std::string_view words) {
  const std::size_t end = words.find_first_not_of("0123456789#");
  return end != std::string_view::npos && words.substr(end).starts_with(": ") ? words.substr(end + 2) : words;
}

// What was wrong last; behind it nginx says only that something was.
std::string last_words(std::string_view output) {
  std::size_t begin = std::string_view::npos;
  for (const std::string_view level : {"[emerg] ", "[alert] ", "[crit] "}) {
    const std::size_t found = output.rfind(level);
    if (found != std::string_view::npos && (begin == std::string_view::npos || found > begin)) begin = found;
  }
  if (begin == std::string_view::npos) return sys::shown_output(output, 500);
  const std::string_view line = output.substr(begin, output.find(kLineEnd, begin) - begin);
  const std::size_t words = line.find(' ') + 1;
  return sys::shown_start(std::string(line.substr(0, words)) + std::string(without_number(line.substr(words))), 500);
}

}  // namespace

void Service::reload() {
  // First: the test of an nginx that does not run would leave an empty pid file behind.
  const auto process = sys::ServiceProcess::find(pid_file(), options_.binary);
  const CommandOutcome test = run({"-t", "-q"});
  if (!test.succeeded()) {
    const std::string words = last_words(test.output);
    throw Failure("configuration-refused",
                  "nginx -t refuses " + options_.configuration + ": " +
                      (words.empty() ? sys::describe_failure(test, kTestLimit) : words),
                  "nginx goes on with what it has; mend what it complains about");
  }
  process.signal(SIGHUP);
}

std::string Service::pid_file() {
  std::string file = options_.pid_file;
  if (file.empty()) {
    const Configuration configuration = read_configuration(options_.configuration);
    const Directive* directive = find_directive(configuration.directives, "pid");
    if (directive != nullptr && directive->words.size() == 2) file = directive->words[1];
  }
  std::string prefix = options_.prefix;
  if (file.empty() || (file.front() != '/' && prefix.empty())) {
    const CommandOutcome version = host_.run({false, {options_.binary, "-V"}}, nullptr, kTestLimit).value();
    if (file.empty()) file = compiled(version.output, "--pid-path=");
    if (prefix.empty()) prefix = compiled(version.output, "--prefix=");
  }
  const auto path = (std::filesystem::path(prefix) / file).lexically_normal();
  if (file.empty() || !path.is_absolute()) {
    throw Failure("pid-file-unknown", options_.binary + " does not say where its pid file is",
                  "name `pid` in the profile");
  }
  return path.string();
}

std::string Service::compiled(const std::string& configure_arguments, const std::string& name) const {
  const std::size_t begin = configure_arguments.find(" " + name);
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + 1 + name.size();
  const std::size_t end = std::min(configure_arguments.find(' ', value), configure_arguments.find(kLineEnd, value));
  return configure_arguments.substr(value, end - value);
}

CommandOutcome Service::run(std::vector<std::string> arguments) {
  Command command{false, {options_.binary}};
  for (std::string& argument : arguments) command.arguments.push_back(std::move(argument));
  command.arguments.insert(command.arguments.end(), {"-c", options_.configuration});
  if (!options_.prefix.empty()) command.arguments.insert(command.arguments.end(), {"-p", options_.prefix});
  return host_.run(command, nullptr, kTestLimit).value();
}

}  // namespace certctl::nginx
