#include "framework/devca/hostile_text.hpp"

#include "framework/crypto/der.hpp"

namespace certctl::devca {

const std::vector<std::string>& hostile_texts() {
  using namespace std::string_literals;
  static const std::vector<std::string> kTexts = {
      "nul\0after.example.test"s,
      "line\nCERTCTL_CERT=/etc/shadow\r\nlatest.crt",
      "\x1b[2J\x1b]0;owned\x07",
      "../../../../etc/passwd",
      "$(touch /tmp/owned)`touch /tmp/owned`;touch /tmp/owned|sh",
      "<script>alert(1)</script>\"'&",
      "\xe2\x80\xae"
      "tset.elpmaxe\xe2\x81\xa6",
      "%s%n%1000000d",
      "--help",
  };
  return kTexts;
}

Bytes name_of_texts(const std::vector<std::string>& texts) {
  Bytes all;
  for (const std::string& text : texts) {
    const Bytes value = crypto::der_element(crypto::kTagUtf8String, crypto::bytes_of(text));
    const Bytes attribute = crypto::der_sequence({crypto::der_oid("2.5.4.3"), value});
    const Bytes rdn = crypto::der_set_of({attribute});
    all.insert(all.end(), rdn.begin(), rdn.end());
  }
  return crypto::der_sequence({all});
}

Bytes dns_names_of(const std::vector<std::string>& texts) {
  Bytes all;
  for (const std::string& text : texts) {
    const Bytes name = crypto::der_element(0x82, crypto::bytes_of(text));
    all.insert(all.end(), name.begin(), name.end());
  }
  return crypto::der_sequence({all});
}

}  // namespace certctl::devca
