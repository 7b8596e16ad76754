#include "framework/engine/preview.hpp"

#include <algorithm>

#include "framework/engine/profile_session.hpp"

namespace certctl::engine {
namespace {

std::string words_of(const Command& command) {
  std::string words;
  for (const auto& argument : command.arguments) words += (words.empty() ? "" : " ") + argument;
  return "'" + words + "'";
}

// What the distributor does itself, the profile's reload, and what may follow.
std::string disturbance_of(const config::Target& target, const std::string& by_distributor) {
  const bool own = !by_distributor.empty() && by_distributor != "none";
  std::string text = by_distributor;
  if (!target.reload.empty()) text = (own ? by_distributor + ", then " : "") + "reload by " + words_of(target.reload);
  if (!target.restart.empty())
    text +=
        (text.empty() ? "" : "; ") + std::string("if it is not served then, restart by ") + words_of(target.restart);
  return text;
}

}  // namespace

Preview preview(const Context& context, const config::Profile& profile, const Wishes& wishes, bool diff) noexcept {
  Preview result;
  result.profile = profile.name;
  try {
    ProfileSession session(context, profile, Access::look);
    const PlanInput facts = session.plan_input(wishes, true);
    result.decision = plan(facts);
    result.request_due = result.decision.due(session.now());
    result.due = result.decision.action != Action::none && result.decision.at <= session.now();
    result.work = result.request_due || result.decision.delivery_due(session.now());
    const auto& due = result.decision.deliver_targets;
    for (const auto& [name, inspection] : session.inspections()) {
      TargetPreview target;
      target.target = name;
      target.deliver =
          result.decision.delivery_due(session.now()) && std::find(due.begin(), due.end(), name) != due.end();
      target.after_renewal = result.request_due;
      target.detail = inspection.detail;
      if (diff) {
        target.diff = inspection.diff;
      }
      for (const auto& configured : profile.targets) {
        if (diff && configured.name == name) target.disturbance = disturbance_of(configured, inspection.disturbance);
      }
      result.targets.push_back(std::move(target));
    }
  } catch (const Failure& failure) {
    result.problem = failure.error().message;
  } catch (const std::exception& exception) {
    result.problem = exception.what();
  }
  return result;
}

}  // namespace certctl::engine
