// Pieces from which requests and certificates are put together. For .cpp files: names OpenSSL's types.
#pragma once

#include "framework/crypto/cms.hpp"  // Digest
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/types.hpp>

#include <string_view>

namespace certctl::crypto {

// The digest to sign with; null for keys that have their own (Ed25519).
[[nodiscard]] const EVP_MD* signature_digest(Digest digest, const EVP_PKEY* key) noexcept;

// All fail with `code` when OpenSSL does.
[[nodiscard]] X509NamePtr decode_name(BytesView der, const char* code);
[[nodiscard]] X509ExtensionPtr make_extension(std::string_view oid, bool critical, BytesView value, const char* code);
// From the content octets of an INTEGER; empty: 16 random octets, positive.
[[nodiscard]] Asn1IntegerPtr make_serial(BytesView content, const char* code);
[[nodiscard]] Asn1TimePtr make_time(TimePoint time, const char* code);

[[noreturn]] void openssl_failed(const char* code, std::string_view what);

}  // namespace certctl::crypto
