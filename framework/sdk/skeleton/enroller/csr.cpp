#include "csr.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

namespace {

using namespace certctl;

template <auto Free>
struct With {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, With<BIO_free_all>>;
using Request = std::unique_ptr<X509_REQ, With<X509_REQ_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, With<GENERAL_NAMES_free>>;
using Certificate = std::unique_ptr<X509, With<X509_free>>;

void require(bool well, const std::string& what) {
  if (!well) throw Failure::never("cannot-build-request", "cannot put into the request: " + what, "change the profile");
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

GENERAL_NAME* general_name(const AltName& name) {
  const auto made = [&](int type) { return a2i_GENERAL_NAME(nullptr, nullptr, nullptr, type, name.value.c_str(), 0); };
  switch (name.kind) {
    case AltNameKind::dns: return made(GEN_DNS);
    case AltNameKind::email: return made(GEN_EMAIL);
    case AltNameKind::uri: return made(GEN_URI);
    case AltNameKind::ip: return made(GEN_IPADD);
    case AltNameKind::rid: return made(GEN_RID);
    default: return nullptr;
  }
}

void add_names(X509_REQ* request, const std::vector<AltName>& wanted) {
  if (wanted.empty()) return;
  const Names names(GENERAL_NAMES_new());
  for (const AltName& name : wanted) {
    GENERAL_NAME* one = general_name(name);
    require(one != nullptr, "the name " + name.value);
    require(sk_GENERAL_NAME_push(names.get(), one) > 0, name.value);
  }
  STACK_OF(X509_EXTENSION)* extensions = nullptr;
  const bool added = X509V3_add1_i2d(&extensions, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
                     X509_REQ_add_extensions(request, extensions) == 1;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  require(added, "the names");
}

}  // namespace

std::string make_csr(const EnrollRequest& wanted) {
  const Request request(X509_REQ_new());
  X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  for (const NameAttribute& attribute : wanted.wanted.subject)
    require(X509_NAME_add_entry_by_txt(subject, attribute.type.c_str(), MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(attribute.value.data()),
                                       static_cast<int>(attribute.value.size()), -1, attribute.same_rdn ? -1 : 0) == 1,
            attribute.type + "=" + attribute.value);
  add_names(request.get(), wanted.wanted.alt_names);
  require(X509_REQ_set_pubkey(request.get(), wanted.key) == 1, "the key");
  require(X509_REQ_sign(request.get(), wanted.key, EVP_sha256()) > 0, "the signature");
  const Bio out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509_REQ(out.get(), request.get()) == 1, "itself");
  return text_of(out);
}

std::vector<std::string> certificates_in(const std::string& pem) {
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<std::string> all;
  while (const Certificate one{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    const Bio out(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(out.get(), one.get()) == 1) all.push_back(text_of(out));
  }
  return all;
}
