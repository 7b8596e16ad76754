// Which field of a SignedData (RFC 5652 §5) an octet belongs to, so that harmless changes can be named.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <vector>

namespace certctl::hostile {

// A name for each octet: "signerInfo.signature", "certificates", "signedData (header)", … What is no SignedData has one
// name for all.
std::vector<std::string> field_names(const Bytes& message);

// Places whose octets say what the rest means: identifier and length octets of the fields above and of all inside of
// signerInfo, the last octet of each object identifier there, and the octets of short values (status, nonces, IDs).
std::vector<std::size_t> key_positions(const Bytes& message);

}  // namespace certctl::hostile
