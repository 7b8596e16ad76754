#include "framework/page/profile_fields.hpp"

#include <array>

namespace certctl::page {
namespace {

constexpr std::size_t kLine = 1000;
constexpr std::size_t kBlock = 16U << 10U;

constexpr std::array kFields{
    Field{"protocol", "Issuer", "Protocol", "an enroller: `certctl plugin list`", FieldKind::line, "scep", "", 40},
    Field{"url", "Issuer", "Server URL", "", FieldKind::line, "", "", kLine},
    Field{"ca_fingerprint", "Issuer", "CA fingerprint", "sha256:… of the CA certificate; several with a comma",
          FieldKind::line, "", "", kLine},
    Field{"trust_on_first_use", "Issuer", "Trust the CA that is met first", "", FieldKind::flag, "", "", 1},
    Field{"challenge_file", "Issuer", "Challenge password file", "path of a file that root alone reads",
          FieldKind::line, "", "", kLine},
    Field{"issuer_options", "Issuer", "Further options", "lines of YAML, as legacy: allow", FieldKind::yaml, "", "",
          kBlock},
    Field{"key", "Certificate", "Key", "", FieldKind::choice, "rsa-2048",
          "rsa-2048 rsa-3072 rsa-4096 ec-P-256 ec-P-384", 20},
    Field{"rotate", "Certificate", "New key with each renewal", "", FieldKind::choice, "always", "always never", 20},
    Field{"subject", "Certificate", "Subject", "/CN=router.example", FieldKind::line, "", "", kLine},
    Field{"san", "Certificate", "Alternative names", "DNS:one.example, IP:192.0.2.1", FieldKind::line, "", "", kLine},
    Field{"template", "Certificate", "Template", "", FieldKind::line, "", "", 100},
    Field{"digitalSignature", "Certificate", "digitalSignature", "", FieldKind::flag, "1", "", 1},
    Field{"keyEncipherment", "Certificate", "keyEncipherment", "", FieldKind::flag, "1", "", 1},
    Field{"serverAuth", "Certificate", "serverAuth", "", FieldKind::flag, "1", "", 1},
    Field{"clientAuth", "Certificate", "clientAuth", "", FieldKind::flag, "1", "", 1},
    Field{"renew", "Renewal", "Renew at", "30% left, 30d left, 70% elapsed", FieldKind::line, "30% left", "", 40},
    Field{"poll", "Renewal", "Ask again while pending", "60s, 10m", FieldKind::line, "60s", "", 20},
    Field{"give_up", "Renewal", "Give up a request after", "30d", FieldKind::line, "30d", "", 20},
    Field{"store", "Store", "Directory", "", FieldKind::line, "", "", kLine},
    Field{"keep", "Store", "Generations kept", "", FieldKind::line, "3", "", 5},
    Field{"deliver", "Delivery", "Targets", "YAML: a list, as under deliver: in a profile", FieldKind::yaml, "", "",
          kBlock},
    Field{"hooks", "Delivery", "Hooks", "YAML: a list, as under hooks: in a profile", FieldKind::yaml, "", "", kBlock},
};

}  // namespace

std::span<const Field> profile_fields() noexcept {
  return kFields;
}

FieldValues initial_profile() {
  FieldValues values;
  for (const Field& field : kFields) values[field.name] = field.initial;
  return values;
}

}  // namespace certctl::page
