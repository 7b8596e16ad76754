// Keys and certificates in PEM for the judges: OpenSSL alone, none of certctl's code.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace certctl::fault {

struct FreeOpenssl {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
using CertificatePtr = std::unique_ptr<X509, FreeOpenssl>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeOpenssl>;
using BioPtr = std::unique_ptr<BIO, FreeOpenssl>;

// Empty when it can't be read.
std::string content_of(const std::filesystem::path& path);

// The first in the text; null: none.
CertificatePtr certificate_in(const std::string& text);
KeyPtr key_in(const std::string& text);

// "sha256:…"; empty for null.
std::string fingerprint(const CertificatePtr& certificate);

// "" or what is wrong with them as a pair.
std::string pair_problem(const std::string& key_text, const std::string& certificate_text);

// The public half as DER, to compare; empty: none.
std::string public_half(const KeyPtr& key);
std::string public_half(const CertificatePtr& certificate);

// Of all private keys in a text, JSON strings among them.
std::set<std::string> public_halves_in(const std::string& text);

}  // namespace certctl::fault
