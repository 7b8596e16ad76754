#include "framework/crypto/conf_file.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/conf.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace certctl::crypto {
namespace {

[[noreturn]] void unreadable(const std::string& what) {
  throw Failure::never("conf-unreadable", what);
}

conf_st* load_from(BIO* bio, const std::string& name) {
  OsslPtr<CONF, &NCONF_free> conf(NCONF_new(nullptr));
  if (!conf) throw Failure("out-of-memory", "no memory for the configuration file");
  long line = 0;
  if (NCONF_load_bio(conf.get(), bio, &line) <= 0)
    unreadable(name + ":" + std::to_string(line) + ": " + first_openssl_error());
  return conf.release();
}

}  // namespace

ConfFile::ConfFile(conf_st* owned) : conf_(owned, &NCONF_free) {}

ConfFile ConfFile::load(const std::string& path) {
  const ErrorFence fence;
  const BioPtr bio(BIO_new_file(path.c_str(), "r"));
  if (!bio) unreadable("cannot open the configuration file " + path + ": " + std::strerror(errno));
  return ConfFile(load_from(bio.get(), path));
}

ConfFile ConfFile::parse(const std::string& text, const std::string& name) {
  const ErrorFence fence;
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) throw Failure("out-of-memory", "no memory for the configuration file");
  return ConfFile(load_from(bio.get(), name));
}

bool ConfFile::has_section(const std::string& section) const {
  const ErrorFence fence;
  return NCONF_get_section(conf_.get(), section.c_str()) != nullptr;
}

std::vector<std::pair<std::string, std::string>> ConfFile::entries(const std::string& section) const {
  const ErrorFence fence;
  std::vector<std::pair<std::string, std::string>> found;
  STACK_OF(CONF_VALUE)* values = NCONF_get_section(conf_.get(), section.c_str());
  for (int i = 0; i < sk_CONF_VALUE_num(values); ++i) {  // -1 for null
    const CONF_VALUE* value = sk_CONF_VALUE_value(values, i);
    found.emplace_back(value->name, value->value);
  }
  return found;
}

std::optional<std::string> ConfFile::value(const std::string& section, const std::string& key) const {
  std::optional<std::string> found;
  for (auto& [name, value] : entries(section))
    if (name == key) found = std::move(value);
  return found;
}

}  // namespace certctl::crypto
