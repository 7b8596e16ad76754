// Puts pieces into a settings file and proves, by parsing the result, that nothing else moved.
#pragma once

#include "distributors/settings/editor/document.hpp"

#include <certctl/types.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::settings {

// Collects changes of a document, which must outlive it.
class Splice {
 public:
  explicit Splice(const Document& document) : document_(document) {}

  // `assignment`: one of the document's. Each at most once.
  void replace(const Assignment& assignment, std::string_view raw);
  // The whole line; the last line of a file takes the line break before it along, if it has none of its own:
  // `break_before` if that stands there, else whatever does.
  void remove(const Assignment& assignment, std::string_view break_before = {});
  // A new last line, without a line break if the file ends without one.
  void append(const std::string& name, std::string_view raw);

  // Failure settings-edit (RetryClass::never) when the result does not read back as it must.
  [[nodiscard]] Secret result() const;

 private:
  struct Change {
    bool removed = false;
    Secret raw;
    std::string break_before;  // removed
  };
  [[nodiscard]] const Change* change_of(const Assignment& assignment) const noexcept;
  void check(const Document& after) const;

  const Document& document_;
  std::map<const Assignment*, Change> changes_;
  std::vector<std::pair<std::string, Secret>> appended_;
};

}  // namespace certctl::settings
