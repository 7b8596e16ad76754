#include "framework/compat/sscep/transaction_id.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"

#include <certctl/result.hpp>

namespace certctl::sscep {

// SCEP-083: what the reference tool does, and old servers expect.
std::string transaction_id_of(crypto::BytesView spki, crypto::BytesView purpose, std::string_view digest) {
  Bytes material(spki.begin(), spki.end());
  material.insert(material.end(), purpose.begin(), purpose.end());
  try {
    return crypto::hex_text(crypto::digest(digest, material));
  } catch (const Failure&) {
    return crypto::hex_text(crypto::sha256(material));
  }
}

}  // namespace certctl::sscep
