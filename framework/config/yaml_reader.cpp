// The one place that knows yaml-cpp: its events become our tree, and what the tree cannot have is refused on the way.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>

#include "framework/config/text_check.hpp"
#include "framework/config/tree.hpp"

namespace certctl::config {
namespace {

struct Refused {
  Diagnostic diagnostic;
};

// yaml-cpp keeps the tokens of a list or map that may still turn out to be a key, and tells nobody before it knows. So
// that no text makes it fill the memory, it gets at most this much between two events.
constexpr std::size_t kMaxSilence = 65536;

// Reads from memory that somebody else owns, and notices when nothing comes of it.
class WatchedBuffer final : public std::streambuf {
 public:
  explicit WatchedBuffer(std::string_view text) : text_(text) {}

  // Called at each event.
  void heard() noexcept { silence_ = 0; }
  [[nodiscard]] bool gave_up() const noexcept { return gave_up_; }

 protected:
  int_type underflow() override {
    constexpr std::size_t kChunk = 1024;
    const std::size_t size = std::min(kChunk, text_.size());
    silence_ += size;
    gave_up_ = gave_up_ || silence_ > kMaxSilence;
    if (text_.empty() || gave_up_) return traits_type::eof();
    char* begin = const_cast<char*>(text_.data());  // streambuf's interface; a get area is never written
    setg(begin, begin, begin + size);
    text_.remove_prefix(size);
    return traits_type::to_int_type(*begin);
  }

 private:
  std::string_view text_;
  std::size_t silence_ = 0;
  bool gave_up_ = false;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file, WatchedBuffer& buffer)
      : text_(text), file_(std::make_shared<const std::string>(file)), buffer_(buffer) {}

  [[nodiscard]] Node take_root() { return std::move(root_); }
  // Of the last event before the buffer gave up.
  [[nodiscard]] Mark last_place() const { return {*file_, last_.line + 1, last_.column + 1}; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    heard(mark);
    if (documents_++ > 0) refuse(mark, "second-document", "a second document in the file", "write one file for each");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    refuse(mark, "anchor", "anchors (&name) are not used here", "write the value out, or put it under `defaults`");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "alias", "aliases (*name) are not used here", "write the value out, or put it under `defaults`");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (wants_key()) refuse(mark, "bad-key", "a key is missing before the colon", "");
    add(make(mark, Node::Kind::null));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    // yaml-cpp reports "?" for a plain scalar and "!" for a quoted one; an explicit "!" shows in the text only.
    const bool plain = tag == "?";
    if ((!plain && tag != "!") || character_at(mark) == '!') refuse_tag(mark);
    if (!plain && !is_closed(mark))
      refuse(mark, "yaml-syntax", "a quote that is not closed", "close it at the end of the text");
    if (!is_plain_text(value)) refuse(mark, "bad-character", "a control character in a value", "remove its escape");
    if (wants_key()) {
      take_key(mark, value, plain);
      return;
    }
    Node node = make(mark, Node::Kind::scalar);
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    bool has_key = false;
    Entry entry;                                 // map: what the next value belongs to
    std::unordered_map<std::string, int> lines;  // map: of the keys
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, const char* code, std::string message, const char* hint) const {
    throw Refused{
        {{*file_, mark.line + 1, mark.column + 1}, Severity::error, code, std::move(message), hint, std::string()}};
  }
  [[noreturn]] void refuse_tag(const YAML::Mark& mark) const {
    refuse(mark, "tag", "tags (!name) are not used here", "remove it; every value is text until it is read");
  }
  [[nodiscard]] char character_at(const YAML::Mark& mark) const noexcept {
    const auto pos = static_cast<std::size_t>(mark.pos);
    return mark.pos >= 0 && pos < text_.size() ? text_[pos] : '\0';
  }
  // yaml-cpp takes a quoted text that only the end of the file ends.
  [[nodiscard]] bool is_closed(const YAML::Mark& mark) const noexcept {
    const char quote = character_at(mark);
    if (quote != '"' && quote != '\'') return true;  // a block scalar
    for (auto i = static_cast<std::size_t>(mark.pos) + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool wants_key() const noexcept {
    return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key;
  }

  void heard(const YAML::Mark& mark) {
    if (buffer_.gave_up()) return;
    buffer_.heard();
    last_ = mark;
  }

  Node make(const YAML::Mark& mark, Node::Kind kind) {
    heard(mark);
    if (++nodes_ > kMaxNodes) refuse(mark, "too-many-nodes", "more than 100,000 values in the file", "split it");
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    node.file = file_;
    return node;
  }

  void take_key(const YAML::Mark& mark, const std::string& key, bool plain) {
    heard(mark);
    if (plain && key == "<<")
      refuse(mark, "merge-key", "merge keys (<<) are not used here", "put common values under `defaults`");
    if (++nodes_ > kMaxNodes) refuse(mark, "too-many-nodes", "more than 100,000 values in the file", "split it");
    Frame& frame = stack_.back();
    const auto [place, is_new] = frame.lines.emplace(key, mark.line + 1);
    if (!is_new) {
      refuse(mark, "duplicate-key",
             "the key " + quote(key) + " is here twice: first in line " + std::to_string(place->second),
             "remove one of them");
    }
    frame.entry.key = key;
    frame.entry.line = mark.line + 1;
    frame.entry.column = mark.column + 1;
    frame.has_key = true;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
    if (!tag.empty() && tag != "?") refuse_tag(mark);
    if (wants_key()) refuse(mark, "bad-key", "a key must be a word", "");
    if (stack_.size() >= static_cast<std::size_t>(kMaxDepth))
      refuse(mark, "too-deep", "more than 16 levels of lists and maps", "");
    Frame frame;
    frame.node = make(mark, kind);
    stack_.push_back(std::move(frame));
  }

  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.is_sequence()) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (node.is_null()) {  // its own mark is that of the token after it
      node.line = frame.entry.line;
      node.column = frame.entry.column;
    }
    frame.entry.value = std::move(node);
    frame.node.entries.push_back(std::move(frame.entry));
    frame.entry = Entry{};
    frame.has_key = false;
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  WatchedBuffer& buffer_;
  YAML::Mark last_;
  std::vector<Frame> stack_;
  Node root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

Diagnostic syntax_error(const YAML::Exception& error, const std::string& file) {
  Mark mark{file, 0, 0};
  if (!error.mark.is_null()) mark = {file, error.mark.line + 1, error.mark.column + 1};
  // An alias without its anchor ends before the event that would refuse it.
  if (error.msg.rfind(YAML::ErrorMsg::UNKNOWN_ANCHOR, 0) == 0)
    return {mark, Severity::error, "alias", "aliases (*name) are not used here", "write the value out", {}};
  return {mark, Severity::error, "yaml-syntax", "not valid YAML: " + error.msg, "", {}};
}

}  // namespace

ParsedYaml parse_yaml(std::string_view text, const std::string& file) {
  if (auto problem = check_text(text, file)) return {std::nullopt, std::move(problem)};
  WatchedBuffer buffer(text);
  TreeBuilder builder(text, file, buffer);
  std::optional<Diagnostic> error;
  try {
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    error = refused.diagnostic;
  } catch (const YAML::Exception& exception) {
    error = syntax_error(exception, file);
  }
  if (buffer.gave_up())
    error = Diagnostic{builder.last_place(),
                       Severity::error,
                       "too-long",
                       "more than 64 KiB follow here before the value ends",
                       "close the bracket or quote, or split it",
                       std::string()};
  if (error) return {std::nullopt, std::move(error)};
  Node root = builder.take_root();
  if (!root.file) root.file = std::make_shared<const std::string>(file);
  return {std::move(root), std::nullopt};
}

}  // namespace certctl::config
