// The daemon's clients that are not root's: who has logged in, and what they may.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "framework/crypto/password_hash.hpp"
#include "framework/daemon/daemon.hpp"
#include "framework/daemon/page_password.hpp"
#include "framework/engine/json_objects.hpp"

namespace certctl::daemon {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

// Each costs 16 MiB and a core for a moment.
constexpr int kLoginsAtOnce = 2;

std::string slowed(std::chrono::seconds wait) {
  json error = engine::to_json(Failure::never("login-slowed", "too many tries: wait " + std::to_string(wait.count()) +
                                                                  (wait.count() == 1 ? " second" : " seconds"))
                                   .error());
  error["retry_after"] = wait.count();
  return json{{"schema", 1}, {"error", std::move(error)}}.dump();
}

}  // namespace

// A password that was changed, or taken away, ends what was opened with the one before.
bool Daemon::has_session(const Request& request) {
  std::string hash;
  try {
    hash = page_password_hash(configuration_.context().settings.state).value_or("");
  } catch (const Failure& failure) {
    log(LogLevel::error, "", failure.error().message);
  }
  if (hash != password_hash_ || hash.empty()) {
    sessions_.end_all();
    password_hash_ = hash;
  }
  return sessions_.use(request.session, Steady::now());
}

void Daemon::require_access(ClientNumber client, const Request& request) {
  if (connections_.peer(client) == Peer::trusted || needs_no_session(request.verb)) return;
  if (!has_session(request)) throw Failure::never("session-needed", "log in first");
  if (request.verb == Verb::logout) return;
  if (const auto why = refusal(request.verb, options_.page_power)) throw Failure(*why);
}

std::string Daemon::page_state(const Request& request) {
  const bool known = has_session(request);
  json object = {{"schema", 1}, {"session", known}, {"password", !password_hash_.empty()}};
  if (known) {
    object["may"] = page_power_word(options_.page_power);
    object["router_settings"] = !configuration_.router_settings().empty();
    object["profiles"] = configuration_.all_names();
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

void Daemon::log_in(ClientNumber client, Request&& request) {
  const auto hash = page_password_hash(configuration_.context().settings.state);
  if (!hash)
    throw Failure::never("login-closed", "the page is closed: no password is set",
                         "set one on the device: certctl serve --set-password");
  const auto at_work =
      std::count_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.request.verb == Verb::login; });
  auto wait = at_work >= kLoginsAtOnce ? std::chrono::seconds{1} : guessing_.begin_try(request.from, Steady::now());
  if (wait.count() > 0) return answer(client, request, slowed(wait));
  sys::Worker worker(
      [this] {
        connections_.forget();
        restore_signals_();
      },
      [&hash, &request](const sys::Say& say) {
        say(crypto::password_matches(request.password, *hash) ? R"({"login":true})" : R"({"login":false})");
      });
  request.password.clear();
  jobs_.push_back({std::move(worker), {}, client, std::move(request), Steady::now()});
}

void Daemon::end_login(Job& job, bool matches) {
  job.answered = true;
  const std::string from = job.request.from.empty() ? "an unknown address" : job.request.from;
  if (!matches) {
    log(LogLevel::warning, "", "a wrong password for the page, from " + from);
    return answer(*job.client, job.request,
                  json{{"schema", 1},
                       {"error", engine::to_json(Failure::never("login-refused", "the password is wrong").error())}}
                      .dump());
  }
  (void)has_session(job.request);  // so that the password of now is the one that is known
  guessing_.succeeded(job.request.from, Steady::now());
  log(LogLevel::info, "", "somebody has logged in to the page, from " + from);
  answer(*job.client, job.request, json{{"schema", 1}, {"session", sessions_.begin(Steady::now())}}.dump());
}

}  // namespace certctl::daemon
