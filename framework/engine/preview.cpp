#include "framework/engine/preview.hpp"

#include <algorithm>

#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

Preview preview(const Context& context, const config::Profile& profile, const Wishes& wishes, bool diff) noexcept {
  Preview result;
  result.profile = profile.name;
  try {
    ProfileSession session(context, profile, Access::look);
    const PlanInput facts = session.plan_input(wishes, true);
    result.decision = plan(facts);
    result.request_due = result.decision.due(session.now());
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
        target.disturbance = inspection.disturbance;
        target.diff = inspection.diff;
      }
      for (const auto& configured : profile.targets) {
        if (diff && configured.name == name && !configured.reload.empty()) {
          std::string command;
          for (const auto& argument : configured.reload.arguments) command += (command.empty() ? "" : " ") + argument;
          target.disturbance = "reload by '" + command + "'";
        }
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
