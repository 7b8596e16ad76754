// A SignedData taken apart and put together again otherwise: for messages that no library would write.
#pragma once

#include <certctl/types.hpp>

#include <string_view>
#include <vector>

namespace certctl::hostile {

// Each the DER of a field (RFC 5652 §5.1), empty when absent.
struct SignerParts {
  Bytes version, sid, digest_algorithm, signed_attributes, signature_algorithm, signature, unsigned_attributes;
  [[nodiscard]] Bytes der() const;
};
struct SignedParts {
  Bytes version, digest_algorithms, encapsulated, certificates, lists;
  std::vector<SignerParts> signers;

  static SignedParts of(const Bytes& message);
  [[nodiscard]] Bytes der() const;
};

// A certificates-only SignedData with each of them as often as it is given.
Bytes bag_of(const std::vector<Bytes>& certificates);

// ContentInfo of any type around `content`.
Bytes content_info(std::string_view type, const Bytes& content);

}  // namespace certctl::hostile
