// A SignedData taken apart, to be put together in another way: what the signature does not cover can be changed
// without the key.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <vector>

namespace certctl::devca {

struct SignedParts {
  Bytes version;               // each of these is a whole element
  std::vector<Bytes> digests;  // AlgorithmIdentifiers
  Bytes content;               // EncapsulatedContentInfo
  Bytes certificates;          // [0] and [1], or nothing
  std::vector<Bytes> signers;  // SignerInfos
};

// DER of a ContentInfo with a SignedData. Fails with "malformed-message".
SignedParts take_apart(crypto::BytesView message);
Bytes put_together(const SignedParts& parts);

}  // namespace certctl::devca
