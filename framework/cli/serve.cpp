#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "framework/cli/output.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/compat/router_app/store_facts.hpp"
#include "framework/config/units.hpp"
#include "framework/daemon/daemon.hpp"
#include "framework/daemon/page_password.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

struct ServeArguments {
  std::string socket = "/run/certctl/engine.sock";
  std::string status_file;
  std::string metrics_file;
  std::string verify_every = "1d";
  std::string look_every = "1h";
  std::string spread = "1h";
  std::string device;
  std::string page_user;
  std::string page_may = "edit";
  std::string page_idle = "30m";
  std::string router_settings;
  std::string store;
  bool set_password = false;
};

// What this device has and others have not, the same on every start.
std::string device_identity() {
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"})
    if (auto text = sys::read_file_if_exists(path, 4096)) return *text;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// The directory of the socket is made when only it is missing: /run is empty after each start.
void make_directory_of(const std::string& socket) {
  const std::string directory = std::filesystem::path(socket).parent_path().string();
  if (!directory.empty()) (void)::mkdir(directory.c_str(), 0700);  // what is wrong shows when the socket is made
}

// A line without its end, from a terminal without showing it.
std::string read_secret(const std::string& prompt) {
  termios before{};
  const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::cerr << prompt << std::flush;
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
  }
  return line;
}

// From a terminal twice; else one line of standard input. It is in force at once, and ends all sessions.
int set_password(Program& program) {
  const std::string password = read_secret("New password of the page: ");
  if (::isatty(STDIN_FILENO) != 0 && read_secret("The same again: ") != password)
    throw Failure::never("bad-password", "the two are not the same", "nothing was changed; try again");
  daemon::set_page_password(program.context().settings.state, password);
  if (!program.options().quiet) print_line("the password of the page is set");
  return 0;
}

// Without the page's user there is no page; certificates are renewed all the same.
std::optional<daemon::PageUser> page_user(const Program& program, const std::string& name) {
  if (name.empty()) return std::nullopt;
  try {
    return daemon::find_page_user(name);
  } catch (const Failure& failure) {
    if (failure.error().code != "no-such-user") throw;
    program.log(LogLevel::warning, "", failure.error().message + ": there is no page (" + failure.error().hint + ")");
    return std::nullopt;
  }
}

int serve(Program& program, const ServeArguments& arguments) {
  if (arguments.set_password) return set_password(program);
  daemon::DaemonOptions options;
  options.socket = std::filesystem::absolute(arguments.socket).string();
  options.status_file = arguments.status_file;
  options.metrics_file = arguments.metrics_file;
  options.intervals.verify = config::parse_duration(arguments.verify_every);
  options.intervals.look = config::parse_duration(arguments.look_every);
  options.intervals.spread = config::parse_duration(arguments.spread);
  if (options.intervals.look.count() < 60)
    throw Failure::never("bad-arguments", "--look-every is at least 60s",
                         "a changed file is seen within a minute anyway");
  options.device = arguments.device.empty() ? device_identity() : arguments.device;
  options.page_user = page_user(program, arguments.page_user);
  options.page_power = *daemon::page_power(arguments.page_may);
  options.session_idle = config::parse_duration(arguments.page_idle);
  const auto manager = daemon::ServiceManager::from_environment();
  daemon::Configuration::RouterApp router_app;
  if (!arguments.router_settings.empty())
    router_app = {std::filesystem::absolute(arguments.router_settings).lexically_normal().string(),
                  std::filesystem::absolute(arguments.store).lexically_normal().string()};
  daemon::Configuration configuration(program.config_path(), program.base_context(), std::move(router_app));
  configuration.load();
  make_directory_of(options.socket);
  daemon::Daemon server(configuration, std::move(options), manager);
  return server.run(&restore_signals);
}

}  // namespace

Verb add_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand("serve", "the daemon: does for all profiles what is due, when it is due");
  command->add_option("--socket", arguments->socket, "unix socket of the JSON API, for root only")
      ->capture_default_str();
  command->add_option("--status-file", arguments->status_file,
                      "keeps the state of all profiles here for monitoring: JSON without secrets, readable by all");
  command->add_option("--metrics-file", arguments->metrics_file,
                      "keeps metrics here for node_exporter's textfile collector");
  command
      ->add_option("--verify-every", arguments->verify_every, "targets are asked this often what they serve; 0s: never")
      ->capture_default_str();
  command
      ->add_option("--look-every", arguments->look_every, "a profile is looked at this often although nothing is due")
      ->capture_default_str();
  command
      ->add_option("--spread", arguments->spread,
                   "renewals because of age are put off by up to this much, the same on each start and another on "
                   "each device, so that a fleet does not ask its CA all at once")
      ->capture_default_str();
  command->add_option("--device", arguments->device, "what tells this device from others (default: its machine ID)");
  command->add_option("--page-user", arguments->page_user,
                      "user of the process certctl-web, which may ask at the socket then, too (default: no page)");
  command->add_option("--page-may", arguments->page_may, "how far the page may go: look, act, edit")
      ->check(CLI::IsMember({"look", "act", "edit"}))
      ->capture_default_str();
  command->add_option("--page-idle", arguments->page_idle, "whoever does nothing for this long has to log in again")
      ->capture_default_str();
  command->add_flag("--set-password", arguments->set_password,
                    "asks for the page's password, keeps its hash, and ends; without a password the page is closed");
  command->add_option("--router-settings", arguments->router_settings,
                      "settings file of the router app that is to be followed: a profile is made of it");
  arguments->store = router_app::default_store();
  command->add_option("--store", arguments->store, "directory of keys and certificates of --router-settings")
      ->capture_default_str();
  return {command, [arguments](Program& program) { return serve(program, *arguments); }};
}

}  // namespace certctl::cli
