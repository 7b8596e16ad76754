#include "framework/compat/replace_pem/replace.hpp"

#include "distributors/settings/editor/edit_file.hpp"

#include "framework/compat/replace_pem/arguments.hpp"
#include "framework/compat/replace_pem/delivery_result.hpp"
#include "framework/compat/replace_pem/stored_pair.hpp"
#include "framework/config/locks_directory.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/lock.hpp"
#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

#include <filesystem>

namespace certctl::replace_pem {
namespace {

namespace fs = std::filesystem;

// Everybody who writes the file must use the same directory.
std::string locks_of(const Arguments& arguments, const Surroundings& surroundings) {
  if (!arguments.locks.empty()) return arguments.locks;
  if (!surroundings.locks.empty()) return surroundings.locks;
  if (!surroundings.configuration.empty()) return config::locks_directory_of(surroundings.configuration);
  std::error_code error;
  const fs::path beside = fs::path(surroundings.program).parent_path().parent_path() / "etc" / "certctl.yaml";
  if (!surroundings.program.empty() && fs::exists(beside, error)) return config::locks_directory_of(beside.string());
  return config::locks_directory_of("/etc/certctl/certctl.yaml");
}

std::string store_of(const Arguments& arguments, const Surroundings& surroundings) {
  if (!arguments.store.empty()) return arguments.store;
  return surroundings.store.empty() ? "/var/data/scepClient" : surroundings.store;
}

std::vector<std::string> edit(const Arguments& arguments, const std::string& path, const Credential& credential) {
  const settings::Material material(credential);
  std::vector<std::string> notes;
  const fs::path file(path);
  sys::remove_left_overs(file.parent_path().string(), file.filename().string());
  bool first = true;
  settings::edit_file(path, [&](const settings::Document& document) {
    std::vector<std::string> warnings;
    std::vector<settings::NewValue> values;
    for (const auto& slot : settings::place(document, arguments.wanted, arguments.edit, material)) {
      values.push_back(settings::render(slot, material, warnings));
      if (slot.append) warnings.push_back(slot.wanted.name + " was not in " + path + ": appended");
    }
    if (first) notes = std::move(warnings);
    first = false;
    return settings::write(document, values, arguments.edit.missing);
  });
  return notes;
}

std::string one_line(const Error& error) {
  return error.message + (error.hint.empty() ? "" : " (" + error.hint + ")");
}

void replace(const Arguments& arguments, const Surroundings& surroundings, Outcome& outcome) {
  const std::string path = settings::canonical_path(arguments.file);
  const auto locks = sys::lock_resources(locks_of(arguments, surroundings), {"file:" + path}, arguments.lock_timeout);
  const Credential credential = surroundings.generation_directory.empty()
                                    ? read_active(store_of(arguments, surroundings))
                                    : read_generation(surroundings.generation_directory);
  for (auto& note : edit(arguments, path, credential)) outcome.notes.push_back(std::move(note));
}

}  // namespace

Outcome replace_pem(const std::vector<std::string>& words, const Surroundings& surroundings) {
  Outcome outcome;
  const bool asks_only = !words.empty() && words[0] == "--help";
  DeliveryResult result(asks_only ? "" : surroundings.event_directory,
                        "scep_replace_pem " + (words.empty() ? std::string() : words[0]));
  try {
    const Arguments arguments = parse_arguments(words);
    if (arguments.help) {
      outcome.help = help_text();
    } else {
      replace(arguments, surroundings, outcome);
    }
    result.succeeded();
  } catch (const Failure& failure) {
    const std::string& code = failure.error().code;
    outcome.exit = code == "busy" ? Exit::busy : code == "bad-arguments" ? Exit::usage : Exit::failed;
    outcome.notes.push_back(one_line(failure.error()));
    result.failed("scep_replace_pem: " + one_line(failure.error()));
  } catch (const std::exception& exception) {
    outcome.exit = Exit::failed;
    outcome.notes.emplace_back(exception.what());
    result.failed(std::string("scep_replace_pem: ") + exception.what());
  }
  if (!result.problem().empty())
    outcome.notes.push_back("the result cannot be written for the delivery: " + result.problem());
  for (auto& note : outcome.notes) note = sys::printable(note);
  return outcome;
}

}  // namespace certctl::replace_pem
