#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "framework/config/lint.hpp"

namespace certctl::config {
namespace {

void add(std::vector<Diagnostic>& found, Severity severity, const Mark& mark, const std::string& profile,
         const char* code, std::string message, std::string hint) {
  found.push_back({mark, severity, code, std::move(message), std::move(hint), profile});
}

std::string target_text(const TargetClaim& claim) {
  return "target " + quote(claim.target) + " of profile " + quote(claim.profile) + " (" + format(claim.mark) + ")";
}

// "file:/etc/settings.ipsec#NAME" is a value within "file:/etc/settings.ipsec"; "file:/etc/a#b" may be a file of that
// name, which the target then locks under that name.
std::string_view container_of(const Inspection& inspection, std::string_view value) {
  std::string_view container;
  for (const std::string& resource : inspection.resources) {
    if (value == resource) return value;
    if (value.starts_with(resource) && value[resource.size()] == '#' && resource.size() > container.size())
      container = value.substr(0, resource.size());
  }
  return container.empty() ? value.substr(0, value.rfind('#')) : container;
}

// What writes the same value, or one writes the whole of what the other writes a part of.
void find_shared_values(const std::vector<TargetClaim>& targets, std::vector<Diagnostic>& found) {
  std::map<std::string, std::size_t, std::less<>> whole;  // value → who came first
  std::map<std::string, std::size_t, std::less<>> parts;  // container → who wrote the first part
  const auto collide = [&](std::size_t first, std::size_t second, const std::string& value) {
    if (first == second) return;
    add(found, Severity::error, targets[second].mark, targets[second].profile, "shared-value",
        value + " is written by " + target_text(targets[first]) + " too", "one would destroy what the other wrote");
  };
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (const std::string& value : targets[i].inspection.values) {
      const auto [same, is_new] = whole.emplace(value, i);
      if (!is_new) {
        collide(same->second, i, value);
        continue;
      }
      if (const auto part = parts.find(value); part != parts.end()) collide(part->second, i, value);
      const std::string_view container = container_of(targets[i].inspection, value);
      if (container.size() == value.size()) continue;
      if (const auto all = whole.find(container); all != whole.end()) collide(all->second, i, value);
      parts.emplace(container, i);
    }
  }
}

void find_readable_files(const TargetClaim& claim, std::vector<Diagnostic>& found) {
  for (const std::string& file : claim.inspection.output_files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
      add(found, Severity::warning, claim.mark, claim.profile, "target-readable",
          "every user can read " + quote(file) + ", which holds the private key", "chmod o-r " + file);
  }
}

}  // namespace

std::vector<Diagnostic> lint_claims(const std::vector<TargetClaim>& targets, const std::vector<StoreClaim>& stores) {
  std::vector<Diagnostic> found;
  find_shared_values(targets, found);
  for (const TargetClaim& claim : targets) {
    find_readable_files(claim, found);
    // A script is the delivery and the reload in one.
    if (!claim.reload_configured && !claim.reloads_itself && claim.inspection.disturbance != "script")
      add(found, Severity::warning, claim.mark, claim.profile, "no-reload",
          "nothing tells the service of target " + quote(claim.target) + " that its certificate has changed",
          "write reload: COMMAND, or reload: [] if it notices by itself");
    if (claim.restart_configured && !claim.verified)
      add(found, Severity::warning, claim.mark, claim.profile, "restart-unused",
          "restart of target " + quote(claim.target) + " never runs: nothing says what the service serves",
          "write verify: too, or make the command the reload");
  }
  std::map<std::string, const StoreClaim*> places;
  for (const StoreClaim& claim : stores) {
    const auto [first, is_new] = places.emplace(claim.location, &claim);
    if (!is_new)
      add(found, Severity::error, claim.mark, claim.profile, "shared-store",
          "profile " + quote(first->second->profile) + " (" + format(first->second->mark) + ") has the same store",
          "give each profile a store of its own");
  }
  sort_and_unify(found);
  return found;
}

}  // namespace certctl::config
