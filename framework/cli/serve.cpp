#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "framework/cli/verbs.hpp"
#include "framework/config/units.hpp"
#include "framework/daemon/daemon.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

struct Arguments {
  std::string socket = "/run/certctl/engine.sock";
  std::string status_file;
  std::string metrics_file;
  std::string verify_every = "1d";
  std::string look_every = "1h";
  std::string spread = "1h";
  std::string device;
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

int serve(Program& program, const Arguments& arguments) {
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
  const auto manager = daemon::ServiceManager::from_environment();
  daemon::Configuration configuration(program.config_path(), program.base_context());
  configuration.load();
  make_directory_of(options.socket);
  daemon::Daemon server(configuration, std::move(options), manager);
  return server.run(&restore_signals);
}

}  // namespace

Verb add_serve(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
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
  return {command, [arguments](Program& program) { return serve(program, *arguments); }};
}

}  // namespace certctl::cli
