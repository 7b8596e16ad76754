#include "distributors/openvpn/inline_blocks.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <algorithm>

#include "framework/sys/printable.hpp"

namespace certctl::openvpn {
namespace {

constexpr std::string_view kBlank = " \t\r\n\v\f";

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

// Of "<cert>"; empty when the line is none.
std::string_view opened_tag(std::string_view line) {
  const std::string_view word = trimmed(line);
  if (word.size() < 3 || word.front() != '<' || word.back() != '>' || word[1] == '/') return {};
  return word.substr(1, word.size() - 2);
}

bool closes(std::string_view line, std::string_view tag) {
  const std::string_view word = trimmed(line);
  return word.size() >= tag.size() + 3 && word.starts_with("</") && word.substr(2).starts_with(tag) &&
         word[tag.size() + 2] == '>';
}

std::string_view first_word(std::string_view line) {
  const std::string_view words = trimmed(line);
  return words.substr(0, std::min(words.find_first_of(kBlank), words.size()));
}

}  // namespace

Configuration::Configuration(std::string text) : text_(std::move(text)) {
  const std::size_t first = text_.find('\n');
  if (first != std::string::npos && first > 0 && text_[first - 1] == '\r') line_break_ = "\r\n";
  read();
}

void Configuration::read() {
  blocks_.clear();
  directives_.clear();
  bool inside = false;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    if (inside && closes(line, blocks_.back().tag)) {
      blocks_.back().content_end = at;
      blocks_.back().end = end;
      inside = false;
    } else if (!inside) {
      const std::string_view tag = opened_tag(line);
      inside = !tag.empty();
      if (inside) blocks_.push_back({std::string(tag), at, end, 0, 0});
      if (!inside) directives_.emplace_back(first_word(line));
    }
    at = end;
  }
  if (!inside) return;
  throw Failure::never("configuration-malformed",
                       "<" + sys::printable_start(blocks_.back().tag, 40) + "> in the OpenVPN configuration has no end",
                       "mend the file");
}

const Block* Configuration::find(std::string_view tag) const {
  const auto is_it = [&](const Block& block) { return block.tag == tag; };
  const auto found = std::find_if(blocks_.begin(), blocks_.end(), is_it);
  if (found == blocks_.end()) return nullptr;
  if (std::any_of(found + 1, blocks_.end(), is_it)) {
    throw Failure::never("configuration-ambiguous",
                         "<" + std::string(tag) + "> is in the OpenVPN configuration several times",
                         "leave one of them");
  }
  return &*found;
}

std::optional<std::string_view> Configuration::content(std::string_view tag) const {
  const Block* const block = find(tag);
  if (block == nullptr) return std::nullopt;
  return std::string_view(text_).substr(block->content, block->content_end - block->content);
}

bool Configuration::has_directive(std::string_view word) const {
  return std::find(directives_.begin(), directives_.end(), word) != directives_.end();
}

void Configuration::replace(std::string_view tag, std::string_view content) {
  const Block* const block = find(tag);
  if (block == nullptr) throw Failure::never("internal", "no such block: " + std::string(tag));
  text_.replace(block->content, block->content_end - block->content, content);
  read();
}

std::string Configuration::append(std::string_view tag, std::string_view content) {
  std::string before = text_.empty() || text_.back() == '\n' ? "" : line_break_;
  text_ += before + "<" + std::string(tag) + ">" + line_break_;
  text_ += content;
  text_ += "</" + std::string(tag) + ">" + line_break_;
  read();
  return before;
}

void Configuration::remove(std::string_view tag, std::string_view before) {
  const Block* const block = find(tag);
  if (block == nullptr) return;
  std::size_t begin = block->begin;
  if (std::string_view(text_).substr(0, begin).ends_with(before)) begin -= before.size();
  text_.erase(begin, block->end - begin);
  read();
}

}  // namespace certctl::openvpn
