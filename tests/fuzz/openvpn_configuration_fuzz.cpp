// Any text as OpenVPN's configuration: a block is changed, put in and taken away, and every other byte stays.
#include <cstddef>
#include <cstdint>

#include "distributors/openvpn/inline_blocks.hpp"
#include "distributors/openvpn/management.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::require;
using openvpn::Configuration;

namespace {

void change(const std::string& text, const char* tag) {
  Configuration configuration(text);
  const auto there = configuration.content(tag);
  const std::string content =
      "-----BEGIN CERTIFICATE-----" + configuration.line_break() + "AAAA" + configuration.line_break();
  if (there) {
    const std::string old(*there);
    configuration.replace(tag, content);
    require(configuration.content(tag) == content, "a block has what was put in");
    configuration.replace(tag, old);
  } else {
    const std::string before = configuration.append(tag, content);
    require(configuration.content(tag) == content, "a new block has what was put in");
    require(configuration.text().starts_with(text), "a new block stands at the end");
    configuration.remove(tag, before);
    require(!configuration.content(tag), "a block that is taken away is away");
  }
  require(fuzz::planted(configuration.text()) == text, "the way back leads to the same text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  for (const char* tag : {"cert", "key", "ca"}) fuzz::accepts([&] { change(text, tag); });
  require(openvpn::state_name(text).size() <= text.size(), "a state is a part of its line");
  return 0;
}
