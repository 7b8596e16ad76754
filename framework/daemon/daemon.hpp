// certctl serve: keeps time for all profiles, does what is due, answers local clients. One thread; all work with
// plugins, stores and issuers is done in processes of its own (worker.hpp), so that renewals that wait, hang or crash
// hold up nobody.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/daemon/access.hpp"
#include "framework/daemon/configuration.hpp"
#include "framework/daemon/connections.hpp"
#include "framework/daemon/facts.hpp"
#include "framework/daemon/guessing.hpp"
#include "framework/daemon/request.hpp"
#include "framework/daemon/service_manager.hpp"
#include "framework/daemon/sessions.hpp"
#include "framework/daemon/timetable.hpp"
#include "framework/sys/worker.hpp"

namespace certctl::daemon {

struct DaemonOptions {
  std::string socket = "/run/certctl/engine.sock";
  std::string status_file;   // JSON without secrets, 0644, for monitoring; empty: none
  std::string metrics_file;  // for node_exporter's textfile collector, 0644; empty: none
  Intervals intervals;
  std::string device;                       // tells this device from others; empty: machine-id, else the host's name
  std::chrono::seconds stop_time{90};       // for what is at work when the daemon is to stop
  std::chrono::seconds longest_work{3600};  // of one process: then it is stopped
  std::optional<PageUser> page_user;        // nothing: the socket is root's alone, and there is no page
  PagePower page_power = PagePower::edit;
  std::chrono::seconds session_idle{1800};  // a session that is not used ends after this
};

class Daemon {
 public:
  // `configuration` must be loaded. Throws as Connections.
  Daemon(Configuration& configuration, DaemonOptions options, ServiceManager manager);

  // Until TERM or INT: then what is at work ends its step. Returns the exit code: 0, or 1 when work had to be cut off.
  // Blocks these signals, HUP (reload) and CHLD for itself; `restore_signals` gives a forked process its own handling.
  int run(const std::function<void()>& restore_signals);

 private:
  struct Job {
    sys::Worker worker;
    std::vector<Due> due;                // the daemon's own work, not yet done
    std::optional<ClientNumber> client;  // a client's
    Request request;
    std::chrono::steady_clock::time_point started;
    bool told_to_stop = false;
    bool answered = false;
  };

  void turn(bool& stopping);
  void handle_signals(bool& stopping);
  void reload();
  void look_for_changes();
  void start_due();
  void start(std::vector<Due> due);
  void start(ClientNumber client, Request request);
  void hear(ClientNumber client, std::string&& line);
  void obey(ClientNumber client, Request&& request);
  void require_access(ClientNumber client, const Request& request);
  [[nodiscard]] bool has_session(const Request& request);
  void log_in(ClientNumber client, Request&& request);
  void end_login(Job& job, bool matches);
  [[nodiscard]] std::string page_state(const Request& request);
  void answer(ClientNumber client, const Request& request, const std::string& body);
  void take_lines(Job& job);
  void end_jobs();
  void finish(Job& job);
  void write_files();
  bool end_all();
  [[nodiscard]] int wait_time(bool stopping) const;
  [[nodiscard]] std::string own_state() const;
  void log(LogLevel level, const std::string& profile, const std::string& line) const;

  Configuration& configuration_;
  DaemonOptions options_;
  ServiceManager manager_;
  Connections connections_;
  Timetable timetable_;
  Facts facts_;
  Sessions sessions_;
  Guessing guessing_;
  std::string password_hash_;  // that the sessions were opened with
  sys::FileDescriptor signals_;
  std::function<void()> restore_signals_;
  std::list<Job> jobs_;
  std::map<std::string, std::string> journals_;  // profile: what tells one state of its journal file from another
  EpochSeconds started_ = 0;
  EpochSeconds last_look_for_changes_ = 0;
  bool files_outdated_ = true;
};

}  // namespace certctl::daemon
