#include "framework/compat/sscep/run.hpp"

#include "framework/compat/sscep/algorithm_names.hpp"
#include "framework/compat/sscep/configuration.hpp"
#include "framework/compat/sscep/operations.hpp"
#include "framework/compat/sscep/stop.hpp"

#include <algorithm>

namespace certctl::sscep {
namespace {

constexpr const char* kVersion = "sscep of certctl " CERTCTL_VERSION;

// All three names, whatever the operation: a typing error shows at once.
void check_names(const Options& options) {
  if (options.cipher) (void)cipher_named(*options.cipher);
  if (options.digest) (void)digest_named(*options.digest, "-S");
  if (options.fingerprint) (void)digest_named(*options.fingerprint, "-F");
}

void dispatch(const Task& task) {
  switch (task.options.operation) {
    case Operation::get_ca: get_ca(task); return;
    case Operation::get_next_ca: get_next_ca(task); return;
    case Operation::enroll: enroll(task); return;
    case Operation::get_cert: get_certificate(task); return;
    case Operation::get_crl: get_crl(task); return;
    case Operation::get_caps: return;  // shown already
  }
}

void perform(Options options, Console& console) {
  const auto file = load_configuration(options, console);
  console.set_level(options.verbose, options.debug);
  (void)Compat(options.compat.value_or(""));
  (void)legacy_from(options.legacy);
  check_required(options);
  const auto engine = engine_settings(options, file);
  console.verbose("starting " + std::string(kVersion));
  console.verbose("new transaction");
  Server server(options, console);
  const scep::Capabilities capabilities = server.capabilities();
  check_names(options);
  const KeySource keys(engine, console);
  dispatch({options, console, server, capabilities, keys});
}

// The reference tool ends with 0 after a mistake on the command line.
int usage_error(const Console& console, const std::string& program, const Stop& stop,
                const std::vector<std::string>& arguments) {
  console.problem(stop.message());
  Console::plain(usage_text(program));
  const bool as_before = std::any_of(arguments.begin(), arguments.end(), [](const std::string& word) {
    return word.starts_with("--compat=") && word.find("usage") != std::string::npos;
  });
  return as_before ? 0 : stop.code();
}

int run_words(const std::vector<std::string>& arguments) {
  const std::string program = arguments.empty() ? "sscep" : arguments.front();
  Console console(program);
  if (arguments.size() < 2 || arguments[1] == "--help") {
    Console::plain(usage_text(program));
    return 0;
  }
  if (arguments[1] == "--version") {
    Console::plain(std::string(kVersion) + "\n");
    return 0;
  }
  Options options;
  try {
    const auto operation = operation_from(arguments[1]);
    if (!operation) throw Stop(ExitCode::error, "unknown operation: " + arguments[1]);
    options = parse_command_line(*operation, std::span(arguments).subspan(2));
  } catch (const Stop& stop) {
    return usage_error(console, program, stop, arguments);
  }
  if (options.help || options.version) {
    Console::plain(options.help ? usage_text(program) : std::string(kVersion) + "\n");
    return 0;
  }
  try {
    perform(std::move(options), console);
    return 0;
  } catch (const Stop& stop) {
    if (!stop.message().empty()) console.problem(stop.message());
    if (!stop.hint().empty()) console.problem("  " + stop.hint());
    return stop.code();
  } catch (const Failure& failure) {
    console.problem(failure.error().message);
    return static_cast<int>(ExitCode::error);
  }
}

}  // namespace

int run(const std::vector<std::string>& arguments) noexcept {
  try {
    return run_words(arguments);
  } catch (const std::exception& error) {
    try {
      Console("sscep").problem(error.what());
    } catch (...) {  // nothing left to say it with
      return 1;
    }
    return 1;
  }
}

}  // namespace certctl::sscep
