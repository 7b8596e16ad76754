#include "distributors/settings/editor/splice.hpp"

#include <certctl/result.hpp>

namespace certctl::settings {

void Splice::replace(const Assignment& assignment, std::string_view raw) {
  changes_[&assignment] = {false, Secret(std::string(raw)), {}};
}

void Splice::remove(const Assignment& assignment, std::string_view break_before) {
  changes_[&assignment] = {true, {}, std::string(break_before)};
}

void Splice::append(const std::string& name, std::string_view raw) {
  appended_.emplace_back(name, Secret(std::string(raw)));
}

const Splice::Change* Splice::change_of(const Assignment& assignment) const noexcept {
  const auto found = changes_.find(&assignment);
  return found == changes_.end() ? nullptr : &found->second;
}

Secret Splice::result() const {
  const std::string& text = document_.text();
  std::string_view missing_break = document_.missing_line_break();
  const bool open_end = !missing_break.empty();
  std::size_t size = text.size();
  for (const auto& [assignment, change] : changes_) size += change.raw.reveal().size();
  for (const auto& [name, raw] : appended_) size += name.size() + raw.reveal().size() + 3;
  std::string out;
  out.reserve(size);  // grows never: no copy of a key is left behind

  std::size_t at = 0;
  std::string_view break_before;  // of the first of the lines that go together
  for (const Assignment& assignment : document_.assignments()) {
    const Change* change = change_of(assignment);
    if (change == nullptr) continue;
    out.append(text, at, (change->removed ? assignment.line_begin : assignment.value_begin) - at);
    if (change->removed) {
      if (at != assignment.line_begin || break_before.empty()) break_before = change->break_before;
      at = assignment.line_end;
      if (at == text.size() && open_end && out.ends_with('\n')) {
        const bool known = !break_before.empty() && out.ends_with(break_before);
        out.resize(out.size() - (known ? break_before.size() : out.ends_with("\r\n") ? 2 : 1));
      }
    } else {
      out += change->raw.reveal();
      at = assignment.value_end;
    }
  }
  out.append(text, at);
  for (const auto& [name, raw] : appended_) {
    out += missing_break;
    if (open_end) missing_break = document_.last_line_break();
    out += name;
    out += '=';
    out += raw.reveal();
    if (!open_end) out += document_.last_line_break();
  }
  Document after{Secret(std::move(out))};
  check(after);
  return Secret(after.text());
}

void Splice::check(const Document& after) const {
  const auto& read = after.assignments();
  std::size_t next = 0;
  const auto expect = [&](const std::string& name, std::string_view raw) {
    const bool same = next < read.size() && read[next].name == name && after.raw(read[next]) == raw;
    if (!same) {
      throw Failure::never("settings-edit", "the settings file with the new value of " + name + " would not read back",
                           "a quote in the file is not closed; mend the file");
    }
    ++next;
  };
  for (const Assignment& assignment : document_.assignments()) {
    const Change* change = change_of(assignment);
    if (change != nullptr && change->removed) continue;
    expect(assignment.name, change == nullptr ? document_.raw(assignment) : std::string_view(change->raw.reveal()));
  }
  for (const auto& [name, raw] : appended_) expect(name, raw.reveal());
  if (next != read.size()) {
    throw Failure::never("settings-edit", "the settings file would have lines that it did not have before",
                         "a quote in the file is not closed; mend the file");
  }
}

}  // namespace certctl::settings
