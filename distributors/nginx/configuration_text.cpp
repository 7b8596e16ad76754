#include "distributors/nginx/configuration_text.hpp"

#include <certctl/result.hpp>

namespace certctl::nginx {
namespace {

enum class Kind : int { word, semicolon, open, close, end };

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::vector<Directive> parse() {
    if (text_.size() > kMaxConfigurationFile) throw problem("is longer than certctl reads");
    if (text_.starts_with("\xef\xbb\xbf")) position_ = 3;
    return block(0);
  }

 private:
  [[nodiscard]] Failure problem(const std::string& what) const {
    return Failure("configuration-unreadable", name_ + ":" + std::to_string(line_) + ": " + what,
                   "`nginx -t` says whether nginx can read it; name `listen` in the profile if it can");
  }

  std::vector<Directive> block(int depth) {
    if (depth > kMaxDepth) throw problem("blocks are nested too deeply");
    std::vector<Directive> directives;
    Directive current;
    for (;;) {
      std::string word;
      switch (next(word)) {
        case Kind::word:
          if (++words_ > kMaxWords) throw problem("has more words than certctl reads");
          current.words.push_back(std::move(word));
          continue;
        case Kind::semicolon:
          if (current.words.empty()) throw problem("unexpected ';'");
          break;
        case Kind::open:
          if (current.words.empty()) throw problem("unexpected '{'");
          current.has_block = true;
          current.block = block(depth + 1);
          break;
        case Kind::close:
          if (depth == 0 || !current.words.empty()) throw problem("unexpected '}'");
          return directives;
        case Kind::end:
          if (depth != 0 || !current.words.empty()) throw problem("ends within a directive");
          return directives;
      }
      directives.push_back(std::move(current));
      current = Directive{};
    }
  }

  Kind next(std::string& word) {
    skip_blanks_and_comments();
    if (position_ == text_.size()) return Kind::end;
    const char c = text_[position_];
    if (c == ';' || c == '{' || c == '}') {
      ++position_;
      return c == ';' ? Kind::semicolon : c == '{' ? Kind::open : Kind::close;
    }
    if (c == '"' || c == '\'') {
      ++position_;
      quoted(c, word);
    } else {
      plain(word);
    }
    return Kind::word;
  }

  void skip_blanks_and_comments() {
    bool comment = false;  // a '#' within a word begins none
    for (; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (c == '\n') {
        ++line_;
        comment = false;
      } else if (c == '#') {
        comment = true;
      } else if (!comment && !is_blank(c)) {
        return;
      }
    }
  }

  void quoted(char quote, std::string& word) {
    for (; position_ < text_.size() && text_[position_] != quote; ++position_) take(word);
    if (position_ == text_.size()) throw problem("a quote has no end");
    ++position_;
    // A ')' may follow: `if ($a = "b")`.
    if (position_ == text_.size() || is_blank(text_[position_]) || text_[position_] == ';' || text_[position_] == '{' ||
        text_[position_] == ')')
      return;
    throw problem("something follows a quote without a blank between");
  }

  // A '}' or a quote inside is a part of it; a '{' only in "${".
  void plain(std::string& word) {
    bool variable = false;
    for (; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (is_blank(c) || c == ';' || (c == '{' && !variable)) return;
      variable = c == '$';
      take(word);
    }
  }

  // One character, or a backslash and what it stands for: before another character than these it stands for itself.
  void take(std::string& word) {
    const char c = text_[position_];
    if (c == '\n') ++line_;
    if (c != '\\' || position_ + 1 == text_.size()) {
      word.push_back(c);
      return;
    }
    const char escaped = text_[++position_];
    if (escaped == '\n') ++line_;
    switch (escaped) {
      case '"':
      case '\'':
      case '\\': word.push_back(escaped); return;
      case 't': word.push_back('\t'); return;
      case 'r': word.push_back('\r'); return;
      case 'n': word.push_back('\n'); return;
      default: word.append({c, escaped}); return;
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t words_ = 0;
};

}  // namespace

std::vector<Directive> parse_configuration(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

}  // namespace certctl::nginx
