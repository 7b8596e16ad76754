#include "framework/daemon/daemon.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "framework/config/diagnostic.hpp"
#include "framework/daemon/work.hpp"
#include "framework/engine/json_objects.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::daemon {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

// With nothing due the daemon wakes this often, for files that have changed and a clock that was set.
constexpr EpochSeconds kIdle = 60;
// Looks are small: one process does many.
constexpr std::size_t kLooksAtOnce = 200;

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, number);
  return set;
}

LogLevel level_of(const json& word) {
  if (word == "error") return LogLevel::error;
  if (word == "warning") return LogLevel::warning;
  return word == "debug" ? LogLevel::debug : LogLevel::info;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string text_of_json(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Daemon::Daemon(Configuration& configuration, DaemonOptions options, ServiceManager manager)
    : configuration_(configuration),
      options_(std::move(options)),
      manager_(std::move(manager)),
      connections_(options_.socket, options_.page_user),
      timetable_(options_.device, options_.intervals),
      sessions_(options_.session_idle) {}

int Daemon::run(const std::function<void()>& restore_signals) {
  restore_signals_ = restore_signals;
  const sigset_t signals = handled_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_ = sys::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  started_ = configuration_.context().now();
  timetable_.set_profiles(configuration_.all_names(), {}, started_);
  for (const config::Diagnostic& error : configuration_.errors()) log(LogLevel::error, "", config::format(error));
  log(LogLevel::info, "",
      "serving " + std::to_string(configuration_.profiles().size()) + " profiles at " + options_.socket);
  manager_.ready(std::to_string(configuration_.profiles().size()) + " profiles");
  bool stopping = false;
  while (!stopping) turn(stopping);
  manager_.stopping();
  return end_all() ? 0 : 1;
}

// One round: wait for something to happen, take what came, start what is due.
void Daemon::turn(bool& stopping) {
  look_for_changes();
  if (!stopping) start_due();
  write_files();
  std::vector<pollfd> list{{signals_.get(), POLLIN, 0}};
  connections_.add_to(list);
  for (const Job& job : jobs_) list.push_back({job.worker.descriptor(), POLLIN, 0});
  manager_.alive();
  (void)::poll(list.data(), list.size(), wait_time(stopping));
  handle_signals(stopping);
  connections_.serve(list, [this](ClientNumber client, std::string&& line) { hear(client, std::move(line)); });
  end_jobs();
}

int Daemon::wait_time(bool stopping) const {
  const EpochSeconds now = configuration_.context().now();
  EpochSeconds until = kIdle;
  // As many as may be at work are: an end of one of them wakes us.
  const bool room = jobs_.size() < static_cast<std::size_t>(configuration_.context().settings.jobs);
  if (const EpochSeconds next = timetable_.next(now); next != 0 && room && !stopping)
    until = std::clamp<EpochSeconds>(next - now, 0, kIdle);
  auto wait = std::chrono::milliseconds(until * 1000);
  if (manager_.watchdog().count() > 0) wait = std::min(wait, manager_.watchdog());
  if (!jobs_.empty()) wait = std::min(wait, std::chrono::milliseconds(5000));
  return static_cast<int>(wait.count());
}

void Daemon::handle_signals(bool& stopping) {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
      log(LogLevel::info, "", "stopping: what is at work ends its step");
      stopping = true;
    }
    if (info.ssi_signo == SIGHUP) reload();
  }
}

void Daemon::reload() {
  manager_.reloading();
  const Configuration::Outcome outcome = configuration_.load();
  for (const config::Diagnostic& error : outcome.errors) log(LogLevel::error, "", config::format(error));
  const std::string count = std::to_string(configuration_.profiles().size());
  if (outcome.kept) {
    log(LogLevel::error, "", "the configuration has errors: what was read before goes on where it is broken");
  } else {
    log(LogLevel::info, "",
        "the configuration was read: " + count + " profiles, " + std::to_string(outcome.changed.size()) +
            " new or changed");
  }
  const auto names = configuration_.all_names();
  timetable_.set_profiles(names, outcome.changed, configuration_.context().now());
  facts_.keep_only(names);
  files_outdated_ = true;
  manager_.ready(count + " profiles" + (outcome.kept ? ", configuration broken" : ""));
}

// What others do beside us: edit files, run verbs. At most once a minute.
void Daemon::look_for_changes() {
  const EpochSeconds now = configuration_.context().now();
  if (now >= last_look_for_changes_ && now - last_look_for_changes_ < kIdle) return;
  last_look_for_changes_ = now;
  if (configuration_.outdated()) reload();
  for (const config::Profile& profile : configuration_.profiles()) {
    std::string state = journal_state(configuration_.context(), profile.name);
    std::string& known = journals_[profile.name];
    if (!known.empty() && known != state) timetable_.touched(profile.name, now);
    known = std::move(state);
  }
  files_outdated_ = true;  // a sign of life for monitoring
}

void Daemon::start_due() {
  const auto limit = static_cast<std::size_t>(configuration_.context().settings.jobs);
  std::vector<Due> looks;
  for (Due& due : timetable_.due(configuration_.context().now())) {
    if (configuration_.find(due.profile) == nullptr) {
      // Broken and never read well: nothing can be done until its file changes.
      timetable_.ended({due.profile, Task::look}, nullptr, configuration_.context().now());
      continue;
    }
    if (due.task == Task::look) {
      if (looks.size() < kLooksAtOnce) looks.push_back(std::move(due));
      continue;
    }
    if (jobs_.size() >= limit) break;
    start(std::vector<Due>{std::move(due)});
  }
  if (!looks.empty() && jobs_.size() < limit) start(std::move(looks));
}

void Daemon::start(std::vector<Due> due) {
  for (const Due& one : due) timetable_.began(one.profile);
  try {
    Job job{sys::Worker(
                [this] {
                  connections_.forget();
                  restore_signals_();
                },
                scheduled_work(configuration_, due)),
            std::move(due),
            std::nullopt,
            {},
            Steady::now()};
    jobs_.push_back(std::move(job));
  } catch (const Failure& failure) {
    log(LogLevel::error, "", failure.error().message);
    for (const Due& one : due) timetable_.ended(one, nullptr, configuration_.context().now());
  }
}

void Daemon::start(ClientNumber client, Request request) {
  sys::Worker worker(
      [this] {
        connections_.forget();
        restore_signals_();
      },
      requested_work(configuration_, request));
  jobs_.push_back({std::move(worker), {}, client, std::move(request), Steady::now()});
}

void Daemon::hear(ClientNumber client, std::string&& line) {
  Request request;
  request.id = "null";
  const auto refuse = [&](const Error& error) {
    answer(client, request, text_of_json({{"schema", 1}, {"error", engine::to_json(error)}}));
  };
  try {
    request = parse_request(line);
    require_access(client, request);
    obey(client, std::move(request));
  } catch (const Failure& failure) {
    refuse(failure.error());
  }
}

void Daemon::obey(ClientNumber client, Request&& request) {
  switch (request.verb) {
    case Verb::daemon: return answer(client, request, own_state());
    case Verb::metrics:
      return answer(
          client, request,
          text_of_json({{"schema", 1},
                        {"metrics", facts_.metrics(configuration_.context().now(), configuration_.errors().size())}}));
    case Verb::reload: reload(); return answer(client, request, own_state());
    case Verb::page: return answer(client, request, page_state(request));
    case Verb::login: return log_in(client, std::move(request));
    case Verb::logout: sessions_.end(request.session); return answer(client, request, text_of_json({{"schema", 1}}));
    case Verb::status:
      if (request.known) {
        std::string text = facts_.status_json(configuration_.context().now());
        std::erase(text, '\n');  // between its objects; within a text it is escaped
        return answer(client, request, text);
      }
      return start(client, std::move(request));
    default: return start(client, std::move(request));
  }
}

void Daemon::answer(ClientNumber client, const Request& request, const std::string& body) {
  connections_.send(client, "{\"id\":" + request.id + ",\"result\":" + body + "}", true);
}

std::string Daemon::own_state() const {
  const EpochSeconds now = configuration_.context().now();
  json errors = json::array();
  for (const config::Diagnostic& error : configuration_.errors()) errors.push_back(config::format(error));
  json at_work = json::array();
  for (const Job& job : jobs_)
    for (const Due& due : job.due)
      if (due.task != Task::look) at_work.push_back(due.profile);
  const EpochSeconds next = timetable_.next(now);
  json object = {{"schema", 1},
                 {"process", ::getpid()},
                 {"since", engine::say_time(started_)},
                 {"profiles", configuration_.profiles().size()},
                 {"configuration_errors", std::move(errors)},
                 {"at_work", std::move(at_work)}};
  object["next"] = next == 0 ? json(nullptr) : json(engine::say_time(next));
  return text_of_json(object);
}

void Daemon::take_lines(Job& job) {
  for (const std::string& line : job.worker.read_lines()) {
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object() || object.empty()) continue;
    const std::string& kind = object.begin().key();
    const json& value = object.begin().value();
    const std::string profile = value.is_object() ? text_of(value, "profile") : "";
    const EpochSeconds now = configuration_.context().now();
    if (kind == "log") {
      log(level_of(value.value("level", json())), profile, text_of(value, "line"));
      if (job.client && job.request.follow)
        connections_.send(*job.client, "{\"id\":" + job.request.id + "," + line.substr(1), false);
    } else if (kind == "report") {
      const std::string result = text_of(value, "result");
      facts_.count_run(profile, result, now);
      log(result == "ok" ? LogLevel::info : LogLevel::warning, profile, result + ": " + text_of(value, "summary"));
    } else if (kind == "status") {
      facts_.set_status(profile, text_of_json(value));
      files_outdated_ = true;
    } else if (kind == "next") {
      const engine::NextRun next{value.value("at", EpochSeconds{0}), value.value("latest", EpochSeconds{0})};
      const auto due = std::find_if(job.due.begin(), job.due.end(), [&](const Due& d) { return d.profile == profile; });
      const bool ours = due != job.due.end();
      if (ours) {
        timetable_.ended(*due, &next, now);
        job.due.erase(due);
      } else {
        timetable_.learned(profile, next, now);
      }
      journals_[profile] = text_of(value, "journal");
    } else if (kind == "reload") {
      reload();
    } else if (kind == "login" && job.client) {
      end_login(job, value == true);
    } else if (kind == "result" && job.client) {
      job.answered = true;
      answer(*job.client, job.request, text_of_json(value));
    }
  }
}

void Daemon::end_jobs() {
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    take_lines(*job);
    if (job->worker.ended()) {
      take_lines(*job);
      finish(*job);
      job = jobs_.erase(job);
      continue;
    }
    const auto age = Steady::now() - job->started;
    if (age > options_.longest_work && !job->told_to_stop) {
      log(LogLevel::error, "", "a process works for longer than an hour and is stopped");
      job->worker.signal(SIGTERM);
      job->told_to_stop = true;
    }
    if (job->told_to_stop && age > options_.longest_work + options_.stop_time) job->worker.signal(SIGKILL);
    ++job;
  }
}

void Daemon::finish(Job& job) {
  const std::string why = job.worker.problem().empty() ? "ended without a result" : job.worker.problem();
  for (const Due& due : job.due) {
    // The first of those that are left is the one that it worked on; the others did not have their turn.
    const bool culprit = &due == &job.due.front();
    if (culprit) {
      log(LogLevel::error, due.profile, "the process that worked on it " + why);
      if (due.task == Task::run) facts_.count_run(due.profile, "crashed", configuration_.context().now());
    }
    timetable_.ended(due, nullptr, configuration_.context().now());
    if (!culprit) timetable_.touched(due.profile, configuration_.context().now());
  }
  if (!job.client || job.answered) return;
  // What it left open is to be settled.
  const auto profiles = job.request.profiles.empty() ? configuration_.all_names() : job.request.profiles;
  for (const std::string& profile : profiles) timetable_.touched(profile, configuration_.context().now());
  answer(*job.client, job.request,
         json{{"schema", 1},
              {"error",
               {{"code", "worker-crashed"},
                {"message", "the process that worked on it " + why},
                {"hint", "the daemon's log says more; the next run goes on where it was"}}}}
             .dump());
}

void Daemon::write_files() {
  if (!files_outdated_) return;
  files_outdated_ = false;
  const EpochSeconds now = configuration_.context().now();
  try {
    if (!options_.status_file.empty()) sys::replace_file(options_.status_file, facts_.status_json(now), 0644);
    if (!options_.metrics_file.empty())
      sys::replace_file(options_.metrics_file, facts_.metrics(now, configuration_.errors().size()), 0644);
  } catch (const Failure& failure) {
    log(LogLevel::error, "", failure.error().message);
  }
}

// True when all ended by themselves. What does not is left to the journal.
bool Daemon::end_all() {
  for (const Job& job : jobs_) job.worker.signal(SIGTERM);
  const auto begin = Steady::now();
  bool urged = false;
  while (!jobs_.empty()) {
    const auto left = options_.stop_time - (Steady::now() - begin);
    if (left.count() <= 0 && !urged) {
      for (const Job& job : jobs_) job.worker.signal(SIGTERM);  // the second one: stop at once
      urged = true;
    }
    if (left < -std::chrono::seconds(5)) {
      log(LogLevel::error, "", std::to_string(jobs_.size()) + " processes did not end in time; their journals know");
      for (const Job& job : jobs_) job.worker.signal(SIGKILL);
      return false;
    }
    std::vector<pollfd> list{{signals_.get(), POLLIN, 0}};
    for (const Job& job : jobs_) list.push_back({job.worker.descriptor(), POLLIN, 0});
    manager_.alive();
    (void)::poll(list.data(), list.size(), 200);
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) continue;
    end_jobs();
  }
  write_files();
  log(LogLevel::info, "", "stopped");
  return !urged;
}

void Daemon::log(LogLevel level, const std::string& profile, const std::string& line) const {
  if (configuration_.context().log) configuration_.context().log(level, profile, line);
}

}  // namespace certctl::daemon
