#include "framework/compat/router_app/settings_text.hpp"

#include <algorithm>
#include <set>

namespace certctl::router_app {
namespace {

constexpr std::string_view kMeaningToSh = "|&<>()";

bool is_name_start(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) noexcept {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

class Reader {
 public:
  Reader(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  SettingsText read() {
    if (text_.size() > kLongestSettingsFile) return fail_whole("the file has more than 64 KiB");
    if (text_.find('\0') != std::string_view::npos) return fail_whole("the file has a NUL byte: it is no text");
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) read_line();
    warn_of_repeated();
    return std::move(result_);
  }

 private:
  enum class Word : int { good, bad };

  SettingsText fail_whole(const std::string& why) {
    result_.diagnostics.push_back({{file_, 0, 0}, config::Severity::error, "settings-unreadable", why, "", ""});
    return std::move(result_);
  }

  void report(config::Severity severity, std::size_t at, const char* code, const std::string& message,
              const std::string& hint) {
    const auto before = text_.substr(0, at);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    result_.diagnostics.push_back({{file_, line, static_cast<int>(at - begin) + 1}, severity, code, message, hint, ""});
  }

  [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
  [[nodiscard]] char here() const noexcept { return text_[at_]; }
  [[nodiscard]] bool at_line_end() const noexcept {
    return at_end() || here() == '\n' || (here() == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }
  void skip_blanks() {
    while (!at_line_end() && (here() == ' ' || here() == '\t')) ++at_;
  }
  void skip_line() {
    while (!at_end() && here() != '\n') ++at_;
    if (!at_end()) ++at_;
  }

  void read_line() {
    const std::size_t begin = at_;
    skip_blanks();
    if (at_line_end() || here() == '#') return skip_line();
    if (text_.substr(at_).starts_with("export ")) {
      at_ += 7;
      skip_blanks();
    }
    const std::size_t name_begin = at_;
    while (!at_end() && (at_ == name_begin ? is_name_start(here()) : is_name_part(here()))) ++at_;
    Setting setting;
    setting.name = text_.substr(name_begin, at_ - name_begin);
    if (setting.name.empty() || at_end() || here() != '=') {
      report(config::Severity::error, name_begin, "not-an-assignment", "this is no NAME=value",
             "no blank may stand before or after the '='");
      return skip_line();
    }
    ++at_;
    const auto before = text_.substr(0, name_begin);
    setting.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    if (read_word(setting) == Word::bad) return skip_line();
    if (!read_tail(setting)) return skip_line();
    skip_line();
    setting.begin = begin;
    setting.end = at_;
    result_.settings.push_back(std::move(setting));
  }

  // What follows the value: nothing, or a comment.
  bool read_tail(const Setting& setting) {
    skip_blanks();
    if (!at_end() && here() == ';') ++at_;
    skip_blanks();
    if (at_line_end() || here() == '#') return true;
    report(config::Severity::error, at_, "value-unquoted", "something follows the value of " + setting.name,
           "put the whole value in single quotes");
    return false;
  }

  Word read_word(Setting& setting) {
    const std::size_t begin = at_;
    bool warned = false;
    const auto literal = [&](std::size_t at) {
      if (!warned)
        report(config::Severity::warning, at, "not-expanded",
               setting.name + " has a '" + std::string(1, text_[at]) + "' that sh would expand; it is taken as it is",
               "put the value in single quotes");
      warned = true;
    };
    while (!at_line_end() && here() != ' ' && here() != '\t' && here() != ';') {
      const char c = here();
      if (c == '\'' || c == '"') {
        if (!read_quoted(setting, c, literal)) return Word::bad;
      } else if (c == '\\') {
        ++at_;
        if (at_end()) break;
        if (here() != '\n') setting.value += here();  // a backslash before the line's end joins two lines
        ++at_;
      } else if (kMeaningToSh.find(c) != std::string_view::npos) {
        report(config::Severity::error, at_, "value-unquoted",
               setting.name + " has a '" + std::string(1, c) + "' that sh would not take as text",
               "put the value in single quotes");
        return Word::bad;
      } else {
        if (c == '$' || c == '`') literal(at_);
        setting.value += c;
        ++at_;
      }
      if (setting.value.size() > kLongestValue) return too_long(setting, begin);
    }
    return Word::good;
  }

  template <class Literal>
  bool read_quoted(Setting& setting, char quote, const Literal& literal) {
    const std::size_t begin = at_++;
    while (!at_end() && here() != quote) {
      char c = here();
      if (quote == '"' && c == '\\' && at_ + 1 < text_.size()) {
        const char next = text_[at_ + 1];
        if (next == '$' || next == '`' || next == '"' || next == '\\') {
          ++at_;
          c = next;
        } else if (next == '\n') {
          at_ += 2;
          continue;
        }
      } else if (quote == '"' && (c == '$' || c == '`')) {
        literal(at_);
      }
      setting.value += c;
      ++at_;
      if (setting.value.size() > kLongestValue) return too_long(setting, begin) == Word::good;
    }
    if (at_end()) {
      report(config::Severity::error, begin, "quote-open", "the quote of " + setting.name + " never ends",
             "end it with " + std::string(1, quote));
      at_ = begin;  // the next lines are read
      return false;
    }
    ++at_;
    return true;
  }

  Word too_long(const Setting& setting, std::size_t at) {
    report(config::Severity::error, at, "value-too-long", setting.name + " has more than 8 KiB",
           "put a long script into a file, and its path here");
    return Word::bad;
  }

  void warn_of_repeated() {
    std::set<std::string> seen;
    for (const Setting& setting : result_.settings) {
      if (seen.insert(setting.name).second) continue;
      report(config::Severity::warning, setting.begin, "repeated-name",
             setting.name + " is there more than once; the last one counts", "remove the others");
    }
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  SettingsText result_;
};

}  // namespace

const Setting* SettingsText::find(std::string_view name) const noexcept {
  const auto it =
      std::find_if(settings.rbegin(), settings.rend(), [&](const Setting& setting) { return setting.name == name; });
  return it == settings.rend() ? nullptr : &*it;
}

SettingsText parse_settings(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

std::string quoted_for_sh(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  }
  return text + "'";
}

std::string with_values(std::string_view text, const std::map<std::string, std::string>& values) {
  const SettingsText parsed = parse_settings(text, "");
  std::string result;
  std::size_t at = 0;
  std::set<std::string> written;
  const auto line = [&](const std::string& name) { return name + "=" + quoted_for_sh(values.at(name)) + "\n"; };
  for (const Setting& setting : parsed.settings) {
    if (values.count(setting.name) == 0) continue;
    result += text.substr(at, setting.begin - at);
    if (parsed.find(setting.name) == &setting) {
      result += line(setting.name);
      written.insert(setting.name);
    }
    at = setting.end;
  }
  result += text.substr(at);
  if (!result.empty() && result.back() != '\n') result += '\n';
  for (const auto& [name, value] : values) {
    if (written.count(name) == 0) result += line(name);
  }
  return result;
}

}  // namespace certctl::router_app
