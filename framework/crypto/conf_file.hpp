// A file in OpenSSL's configuration syntax: sections, quotes, escapes, continuation lines, variables, .include.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct conf_st;

namespace certctl::crypto {

class ConfFile {
 public:
  // Fails with "conf-unreadable" (never), naming file and line, or why the file cannot be opened.
  [[nodiscard]] static ConfFile load(const std::string& path);
  // From text that came from `name`.
  [[nodiscard]] static ConfFile parse(const std::string& text, const std::string& name);

  [[nodiscard]] bool has_section(const std::string& section) const;
  // Only of this section: OpenSSL itself would also look into [default] and, for [ENV], into the environment.
  [[nodiscard]] std::optional<std::string> value(const std::string& section, const std::string& key) const;
  // Name and value in the order of the file; empty when there is no such section.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> entries(const std::string& section) const;

 private:
  explicit ConfFile(conf_st* owned);
  std::shared_ptr<conf_st> conf_;
};

}  // namespace certctl::crypto
