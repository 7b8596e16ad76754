// Any words as sscep's command line, and any text as its configuration file: they are taken or refused with a reason.
// The input: words, one a line; an empty line; the configuration file.
#include "framework/compat/sscep/algorithm_names.hpp"
#include "framework/compat/sscep/configuration.hpp"
#include "framework/compat/sscep/polling.hpp"
#include "framework/compat/sscep/serial_number.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using certctl::Bytes;
using certctl::Failure;
using certctl::fuzz::require;
using namespace certctl::sscep;

namespace {

// Ends in a value, or in a Stop that says why.
template <class Body>
void taken_or_refused(Body&& body) {
  try {
    body();
  } catch (const Stop& stop) {
    require(stop.code() != 0 && !stop.message().empty(), "a refusal has a code and a reason");
  }
}

void use(const Options& options) {
  for (const ValueOption& option : value_options()) {
    const Text& value = options.*option.value;
    if (!value) continue;
    taken_or_refused([&] {
      const Bytes serial = parse_serial(*value);
      require(!serial.empty(), "a serial number has octets");
      const bool padded = serial.size() > 1 && ((serial[0] == 0 && (serial[1] & 0x80U) == 0) ||
                                                (serial[0] == 0xFF && (serial[1] & 0x80U) != 0));
      require(!padded, "a serial number is as short as DER wants it");
    });
    taken_or_refused([&] { (void)cipher_named(*value); });
    taken_or_refused([&] { (void)digest_named(*value, "-S"); });
    const long long number = lenient_number(*value);
    (void)may_poll({number, number, number}, number);
  }
  taken_or_refused([&] { (void)legacy_from(options.legacy); });
  taken_or_refused([&] { check_required(options); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) break;
    words.emplace_back(word);
  }
  // Other files are no part of the input.
  if (text.find(".include") != std::string_view::npos) return 0;
  const Console console("sscep");
  for (const Operation operation : {Operation::get_ca, Operation::get_next_ca, Operation::enroll, Operation::get_cert,
                                    Operation::get_crl, Operation::get_caps}) {
    taken_or_refused([&] {
      Options options = parse_command_line(operation, words);
      use(options);
      const Options before = options;
      try {
        apply_configuration(certctl::crypto::ConfFile::parse(std::string(text), "fuzz"), options, console);
      } catch (const Failure& failure) {
        require(!failure.error().message.empty(), "a refusal has a reason");
        return;
      }
      if (certctl::fuzz::planted_bug) {
        for (const ValueOption& option : value_options()) options.*option.value = "spoilt";
      }
      for (const ValueOption& option : value_options())
        require(!(before.*option.value) || options.*option.value == before.*option.value, "the command line counts");
      use(options);
    });
  }
  return 0;
}
