#include "framework/cli/program.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <random>

#include "framework/config/locks_directory.hpp"
#include "framework/engine/plugin_catalog.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::cli {
namespace {

std::atomic<bool> g_stop{false};  // a signal handler can reach nothing else

void on_signal(int signal) {
  if (g_stop.exchange(true)) {
    // The second one: stop; the journal recovers.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

spdlog::level::level_enum spd_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const GlobalOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("certctl", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  // On a terminal progress is for a person; elsewhere it is a log.
  logger->set_pattern(isatty(STDERR_FILENO) != 0 ? "%^%v%$" : "%Y-%m-%dT%H:%M:%S%z %l: %v");
  logger->set_level(options.quiet ? spdlog::level::err : options.verbose ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

engine::Random make_random() {
  auto generator = std::make_shared<std::mt19937_64>(std::random_device{}());
  auto mutex = std::make_shared<std::mutex>();
  return [generator, mutex] {
    const std::lock_guard guard(*mutex);
    return std::uniform_real_distribution<double>(0.0, 1.0)(*generator);
  };
}

}  // namespace

const std::atomic<bool>& stop_requested() {
  return g_stop;
}

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of file size is an error of write(), not the end
}

void restore_signals() {
  g_stop = false;
  install_signal_handlers();
  std::signal(SIGHUP, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void harden_process() {
  // OpenSSL would load code and change trust by these (P13).
  constexpr std::array kLoaders{"OPENSSL_CONF",
                                "OPENSSL_CONF_INCLUDE",
                                "OPENSSL_MODULES",
                                "OPENSSL_ENGINES",
                                "SSL_CERT_FILE",
                                "SSL_CERT_DIR",
                                "SSLKEYLOGFILE",
                                "CURL_CA_BUNDLE",
                                "http_proxy",
                                "https_proxy",
                                "HTTP_PROXY",
                                "HTTPS_PROXY",
                                "all_proxy",
                                "ALL_PROXY",
                                "no_proxy",
                                "NO_PROXY",
                                "GCONV_PATH",
                                "MALLOC_TRACE",
                                "LD_PRELOAD",
                                "LD_LIBRARY_PATH",
                                "LD_AUDIT",
                                "BASH_ENV",
                                "ENV",
                                "IFS"};
  for (const char* name : kLoaders) unsetenv(name);
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

struct Program::Parts {
  std::shared_ptr<spdlog::logger> logger;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<engine::PluginCatalog> catalog;
  std::optional<config::Loaded> loaded;
  engine::Context context;
};

Program::Program(GlobalOptions options) : options_(std::move(options)), parts_(std::make_unique<Parts>()) {
  parts_->logger = make_logger(options_);
}
Program::~Program() = default;

std::string Program::config_path() const {
  return config::settings_path(options_.config);
}

void Program::log(LogLevel level, const std::string& profile, const std::string& line) const {
  const std::string safe = sys::printable(line);
  parts_->logger->log(spd_level(level), "{}{}{}", profile, profile.empty() ? "" : ": ", safe);
}

void Program::open() {
  if (parts_->loaded) return;
  parts_->loaded =
      config::load(config_path(), [this](const config::Settings& settings) -> const config::PluginCatalog& {
        parts_->registry = std::make_unique<registry::Registry>(settings.plugin_directories);
        parts_->catalog = std::make_unique<engine::PluginCatalog>(*parts_->registry);
        return *parts_->catalog;
      });
  engine::Context& context = parts_->context;
  context = base_context();
  context.settings = parts_->loaded->settings;
  context.registry = parts_->registry.get();
  context.locks_directory = config::locks_directory(context.settings);
}

engine::Context Program::base_context() const {
  engine::Context context;
  context.clock = [] { return std::chrono::system_clock::now(); };
  context.build_date = CERTCTL_BUILD_DATE;
  context.random = make_random();
  context.log = [this](LogLevel level, const std::string& profile, const std::string& line) {
    log(level, profile, line);
  };
  context.lock_timeout = std::chrono::seconds(options_.lock_timeout);
  context.stop = &g_stop;
  return context;
}

const config::Loaded& Program::loaded() {
  open();
  return *parts_->loaded;
}
void Program::require_usable() {
  open();
  if (parts_->loaded->usable) return;
  print_diagnostics(parts_->loaded->diagnostics);
  throw Failure::never("config-invalid", "the configuration has errors; nothing was done");
}
engine::Context& Program::context() {
  require_usable();
  return parts_->context;
}
registry::Registry& Program::registry() {
  require_usable();  // else it was never said where plugins are
  return *parts_->registry;
}
config::PluginCatalog& Program::catalog() {
  require_usable();
  return *parts_->catalog;
}

std::size_t Program::print_diagnostics(const std::vector<config::Diagnostic>& diagnostics) const {
  std::size_t errors = 0;
  for (const auto& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == config::Severity::error;
    errors += error ? 1 : 0;
    log(error ? LogLevel::error : LogLevel::warning, "", config::format(diagnostic));
  }
  return errors;
}

std::vector<const config::Profile*> Program::choose(const std::vector<std::string>& names, engine::ExitState& exit) {
  require_usable();
  std::vector<const config::Profile*> chosen;
  const auto& broken = loaded().broken;
  const auto report = [&](const std::string& name) {
    for (const auto& diagnostic : loaded().diagnostics) {
      if (diagnostic.severity == config::Severity::error && (name.empty() || diagnostic.profile == name)) {
        log(LogLevel::error, "", config::format(diagnostic));
      }
    }
    exit = engine::worse(exit, engine::ExitState::configuration);
  };
  if (names.empty()) {
    for (const auto& profile : loaded().profiles) chosen.push_back(&profile);
    if (!broken.empty() || config::has_errors(loaded().diagnostics)) report("");
    return chosen;
  }
  for (const auto& name : names) {
    if (const config::Profile* profile = loaded().find(name)) {
      if (std::find(chosen.begin(), chosen.end(), profile) == chosen.end()) chosen.push_back(profile);
    } else if (std::find(broken.begin(), broken.end(), name) != broken.end()) {
      report(name);
    } else {
      log(LogLevel::error, "", "there is no profile '" + name + "' in " + config_path());
      exit = engine::worse(exit, engine::ExitState::configuration);
    }
  }
  return chosen;
}

}  // namespace certctl::cli
