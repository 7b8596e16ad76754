#include "framework/config/diagnostic.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "framework/crypto/display.hpp"

namespace certctl::config {
namespace {

constexpr std::size_t kQuotedLimit = 60;

auto place(const Diagnostic& d) {
  return std::tie(d.mark.file, d.mark.line, d.mark.column);
}

// Optimal string alignment: insertions, deletions, substitutions, swapped neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string format(const Mark& mark) {
  const std::string file = crypto::display_text(mark.file);
  return mark.line > 0 ? file + ":" + std::to_string(mark.line) : file;
}

std::string format(const Diagnostic& diagnostic) {
  std::string text = format(diagnostic.mark);
  if (diagnostic.mark.line > 0) text += ":" + std::to_string(diagnostic.mark.column);
  text += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
  text += crypto::display_text(diagnostic.message);
  if (!diagnostic.hint.empty()) text += " (" + crypto::display_text(diagnostic.hint) + ")";
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void sort_and_unify(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  // What is wrong in `defaults` is found once for each profile.
  std::vector<Diagnostic> kept;
  std::size_t same_place = 0;
  for (Diagnostic& d : diagnostics) {
    if (kept.empty() || place(kept.back()) != place(d)) same_place = kept.size();
    const auto first = kept.begin() + static_cast<std::ptrdiff_t>(same_place);
    const bool known = std::any_of(first, kept.end(), [&](const Diagnostic& k) {
      return k.code == d.code && k.message == d.message && k.severity == d.severity;
    });
    if (!known) kept.push_back(std::move(d));
  }
  diagnostics = std::move(kept);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) return {};
  std::string best;
  std::size_t best_distance = word.size() <= 3 ? 2 : word.size() <= 7 ? 3 : 4;  // exclusive
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance && d < candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string quote(std::string_view text) {
  std::string shown(text.substr(0, kQuotedLimit));
  if (text.size() > kQuotedLimit) {
    // Not in the middle of a UTF-8 sequence.
    while (!shown.empty() && (static_cast<unsigned char>(text[shown.size()]) & 0xC0) == 0x80) shown.pop_back();
    shown += "…";
  }
  return "'" + crypto::display_text(shown) + "'";
}

}  // namespace certctl::config
