#include "framework/daemon/work.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "framework/daemon/configuration.hpp"
#include "framework/daemon/edit.hpp"
#include "framework/engine/json_objects.hpp"
#include "framework/engine/kept_certificate.hpp"
#include "framework/engine/next_run.hpp"
#include "framework/engine/status.hpp"

namespace certctl::daemon {
namespace {

using nlohmann::json;

constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};

void say_object(const sys::Say& say, const json& object) {
  say(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

// The context of this process: its log goes to the daemon.
engine::Context context_of(const Configuration& configuration, const sys::Say& say) {
  engine::Context context = configuration.context();
  context.log = [say](LogLevel level, const std::string& profile, const std::string& line) {
    say_object(say, {{"log", {{"level", kLevels[static_cast<int>(level)]}, {"profile", profile}, {"line", line}}}});
  };
  return context;
}

void say_state(const sys::Say& say, const engine::Context& context, const config::Profile& profile) {
  // First: what others change while the status is made counts as changed afterwards.
  const std::string journal = journal_state(context, profile.name);
  const engine::ProfileStatus status = engine::status_of(context, profile);
  const engine::NextRun next = engine::next_run(status, context.now());
  say("{\"status\":" + engine::status_object(status) + "}");
  say_object(say,
             {{"next", {{"profile", profile.name}, {"at", next.at}, {"latest", next.latest}, {"journal", journal}}}});
}

void say_report(const sys::Say& say, const engine::RunReport& report) {
  say_object(say, {{"report", engine::to_json(report)}});
}

void do_one(const sys::Say& say, const engine::Context& context, const config::Profile& profile, Task task) {
  if (task == Task::run) say_report(say, engine::renew(context, profile, {}));
  if (task == Task::verify) say_report(say, engine::verify(context, profile));
  say_state(say, context, profile);
}

json answer_to(const Request& request, const Configuration& configuration, const engine::Context& context,
               const sys::Say& say) {
  std::vector<const config::Profile*> chosen;
  std::vector<std::string> unknown;
  if (request.profiles.empty())
    for (const config::Profile& profile : configuration.profiles()) chosen.push_back(&profile);
  for (const std::string& name : request.profiles) {
    const config::Profile* profile = configuration.find(name);
    profile != nullptr ? chosen.push_back(profile) : unknown.push_back(name);
  }
  if (!unknown.empty())
    throw Failure::never("profile-unknown", "there is no usable profile '" + unknown.front() + "'",
                         "see `certctl lint`");

  json list = json::array();
  engine::ExitState exit = engine::ExitState::ok;
  const auto reported = [&](const engine::RunReport& report) {
    exit = engine::worse(exit, report.exit);
    list.push_back(engine::to_json(report));
  };
  bool trusted = true;
  for (const config::Profile* profile : chosen) {
    switch (request.verb) {
      case Verb::status: {
        const engine::ProfileStatus status = engine::status_of(context, *profile);
        trusted = trusted && status.clock_trusted;
        list.push_back(json::parse(engine::status_object(status)));
        break;
      }
      case Verb::plan: {
        const engine::Preview preview = engine::preview(context, *profile, request.wishes, request.diff);
        if (!preview.problem.empty()) exit = engine::worse(exit, engine::ExitState::failed);
        if (preview.work) exit = engine::worse(exit, engine::ExitState::work);
        list.push_back(engine::to_json(preview));
        break;
      }
      case Verb::history:
        for (const engine::HistoryEntry& entry : engine::history(context, *profile))
          list.push_back(engine::to_json(entry));
        return {{"schema", 1}, {"profile", profile->name}, {"generations", list}};
      case Verb::certificate: {
        const engine::KeptCertificate kept = engine::kept_certificate(context, *profile, request.generation);
        return {{"schema", 1},
                {"profile", profile->name},
                {"generation", kept.generation},
                {"certificate", kept.certificate_pem},
                {"chain", kept.chain_pem}};
      }
      case Verb::renew: reported(engine::renew(context, *profile, {request.wishes, std::nullopt})); break;
      case Verb::deliver: reported(engine::deliver_again(context, *profile)); break;
      case Verb::verify: reported(engine::verify(context, *profile)); break;
      case Verb::rollback:
        reported(engine::roll_back(context, *profile, request.generation, request.wishes.force));
        break;
      case Verb::release: reported(engine::release(context, *profile)); break;
      default: break;
    }
    if (changes_something(request.verb)) say_state(say, context, *profile);
  }
  json object = {{"schema", 1}, {"profiles", std::move(list)}};
  if (request.verb == Verb::status) {
    object["clock"] = trusted ? "trusted" : "untrusted";
    object["orphans"] =
        request.profiles.empty() ? engine::orphans(context, configuration.all_names()) : std::vector<std::string>{};
  } else {
    object["exit"] = static_cast<int>(exit);
  }
  return object;
}

}  // namespace

std::string journal_state(const engine::Context& context, const std::string& profile) {
  struct stat status {};
  if (::stat((context.settings.state + "/" + profile + "/journal.json").c_str(), &status) != 0) return "-";
  return std::to_string(status.st_ino) + ":" + std::to_string(status.st_mtim.tv_sec) + ":" +
         std::to_string(status.st_mtim.tv_nsec);
}

sys::Body scheduled_work(const Configuration& configuration, std::vector<Due> due) {
  return [&configuration, due = std::move(due)](const sys::Say& say) {
    const engine::Context context = context_of(configuration, say);
    for (const Due& one : due) {
      if (context.stopping()) return;
      if (const config::Profile* profile = configuration.find(one.profile)) do_one(say, context, *profile, one.task);
    }
  };
}

sys::Body requested_work(const Configuration& configuration, Request request) {
  return [&configuration, request = std::move(request)](const sys::Say& say) {
    const engine::Context context = context_of(configuration, say);
    json result;
    try {
      result = is_edit(request.verb) ? edit(request, configuration, context, say)
                                     : answer_to(request, configuration, context, say);
    } catch (const Failure& failure) {
      result = {{"schema", 1}, {"error", engine::to_json(failure.error())}};
    } catch (const std::exception& exception) {
      result = {{"schema", 1}, {"error", {{"code", "internal"}, {"message", exception.what()}, {"hint", ""}}}};
    }
    say_object(say, {{"result", std::move(result)}});
  };
}

}  // namespace certctl::daemon
