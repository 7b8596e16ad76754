#include "enrollers/est/settings.hpp"

#include "enrollers/est/protocol/words.hpp"

#include <algorithm>

namespace certctl::est {
namespace {

[[noreturn]] void bad(const std::string& what, std::string hint = {}) {
  throw Failure::never("bad-option", what, std::move(hint));
}

// An address without a path is a server, one with a path is the place of its operations.
std::string base_from(const std::string& url, const std::string& label) {
  constexpr std::string_view kScheme = "https://";
  // EST-001
  trust::check_address(url, {"https"}, "https://pki.example: EST is protected by TLS alone");
  if (url.find_first_of("?#") != std::string::npos) bad("url has a query or a fragment: " + url, "leave it out");
  std::string base = url;
  while (base.back() == '/') base.pop_back();
  if (base.find('/', kScheme.size()) == std::string::npos) base += kWellKnown;
  if (label.empty()) return base;
  // RFC 7030 §3.2.2
  for (const std::string_view operation : {kCaCertificates, kCsrAttributes, kEnroll, kReenroll, kServerKey})
    if (label == operation) bad("label is the name of an operation: " + label);
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~' || c == '%';
  };
  if (!std::all_of(label.begin(), label.end(), fits) || label == "." || label == "..")
    bad("label is no part of an address: " + label, "letters, digits, - . _ ~, and what is percent-escaped");
  return base + "/" + label;
}

void check_login(const Settings& settings) {
  if (settings.user.empty() != settings.password.empty())
    bad("`user` and `password` belong together", "set both, or none");
  if (settings.user.find(':') != std::string::npos) bad("`user` has a colon in it", "HTTP ends the name there");
  if (settings.client_certificate.empty() != settings.client_key.empty())
    bad("`client_certificate` and `client_key` belong together", "set both, or none");
}

}  // namespace

const OptionSpec kOptions[19] = {
    {"url", OptionType::text, "", true, true, "",
     "address of the server, https://host[:port]; its operations are below /.well-known/est unless a path is given"},
    {"label", OptionType::text, "", false, true, "", "name of the CA at a server that has several"},
    {"ca_fingerprint", OptionType::list, "", false, true, "",
     "SHA-256, SHA-1 or SHA-512 of the CA's certificate, one or several; which CA is trusted"},
    {"ca_file", OptionType::path, "", false, true, "", "PEM file with the CA's certificates that are trusted"},
    {"trust_on_first_use", OptionType::boolean, "false", false, true, "",
     "trust the CA that is met first, and only that one from then on"},
    {"user", OptionType::text, "", false, false, "", "name of the login for first certificates"},
    {"password", OptionType::secret, "", false, false, "", "its password, as text or { file: PATH }"},
    {"login", OptionType::choice, "auto", false, false, "auto|basic|digest",
     "how the password is sent, always inside TLS; auto: as the server asks, digest if it leaves the choice"},
    {"renewal_login", OptionType::boolean, "true", false, false, "",
     "log in at renewals too, if the server asks for it beside the certificate in service"},
    {"client_certificate", OptionType::path, "", false, false, "",
     "PEM file with the certificate (of the manufacturer, or to begin with) that authenticates first requests"},
    {"client_key", OptionType::secret, "", false, false, "", "its key in PEM, as { file: PATH }"},
    {"csr_attributes", OptionType::boolean, "true", false, false, "",
     "ask the server what requests should hold (csrattrs)"},
    {"renewal_subject", OptionType::choice, "issued", false, false, "issued|profile",
     "subject of a renewal: that of the certificate in service, or the profile's"},
    {"server_key", OptionType::boolean, "false", false, false, "",
     "the server makes the key (serverkeygen): for devices without good random numbers only"},
    {"renewal_revokes", OptionType::boolean, "false", false, false, "",
     "this CA revokes the old certificate at each renewal"},
    {"proxy", OptionType::text, "", false, false, "", "HTTP proxy, http://host:port; never taken from the environment"},
    {"tls_ca_file", OptionType::path, "", false, false, "",
     "PEM file with the CAs of the server's TLS certificate; without it the trusted CA must have issued that"},
    {"timeout", OptionType::duration, "60s", false, false, "", "time limit of each HTTP request, all in all"},
    {"max_reply", OptionType::size, "4MiB", false, false, "", "largest reply that is read"},
};

Settings read_settings(const Options& options) {
  Settings settings;
  static_cast<trust::ExchangeSettings&>(settings) = trust::exchange_settings(options);
  settings.base = base_from(options.text("url"), options.text("label"));
  settings.user = options.text("user");
  settings.password = options.secret("password");
  const std::string login = options.text("login");
  settings.scheme = login == "basic"    ? LoginScheme::basic
                    : login == "digest" ? LoginScheme::digest
                                        : LoginScheme::either;
  settings.renewal_login = options.flag("renewal_login");
  settings.client_certificate = options.text("client_certificate");
  settings.client_key = options.secret("client_key");
  check_login(settings);
  settings.csr_attributes = options.flag("csr_attributes");
  settings.server_key = options.flag("server_key");
  settings.profile_subject_on_renewal = options.text("renewal_subject") == "profile";
  return settings;
}

}  // namespace certctl::est
