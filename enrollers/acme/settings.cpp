#include "enrollers/acme/settings.hpp"

#include "enrollers/acme/protocol/messages.hpp"

#include <algorithm>
#include <map>

namespace certctl::acme {
namespace {

[[noreturn]] void bad(const std::string& what, std::string hint = {}) {
  throw Failure::never("bad-option", what, std::move(hint));
}

// Plain http is for servers of tests on this very machine.
bool is_loopback(const std::string& origin) {
  const std::string host = origin.substr(origin.find("://") + 3);
  const std::string name = host.starts_with("[") ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

std::string directory_from(const Options& options) {
  std::string url = options.text("url");
  trust::check_address(url, {"https", "http"}, "https://acme.example/directory");
  const auto origin = origin_of(url);
  if (!origin) bad("url is no address of a directory: " + url, "write it as https://acme.example/directory");
  if (origin->starts_with("http://") && !(options.flag("plain_http") && is_loopback(*origin)))
    bad("url is not an https address: " + url,
        "ACME is protected by TLS: write https://…; `plain_http: true` is for tests at 127.0.0.1 alone");
  return url;
}

// One of the keys of a mapping, with an absolute path or an address.
std::map<std::string, std::string> mapping(const Options& options, const char* name,
                                           std::initializer_list<std::string_view> keys, const std::string& example) {
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : options.map(name)) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      bad(std::string(name) + " has no `" + key + "`", "write it as " + example);
    if (value.empty()) bad(std::string(name) + ": `" + key + "` is empty", "write it as " + example);
    found[key] = value;
  }
  if (options.has(name) && found.size() != 1) bad(std::string(name) + " needs one way", "write it as " + example);
  return found;
}

void check_absolute(const char* name, const std::string& path) {
  if (!path.empty() && path.front() != '/') bad(std::string(name) + ": not an absolute path: " + path);
}

void read_challenges(const Options& options, Settings& settings) {
  auto http = mapping(options, "http_01", {"webroot", "listen"}, "http_01: { listen: \"0.0.0.0:80\" }");
  auto tls = mapping(options, "tls_alpn_01", {"listen"}, "tls_alpn_01: { listen: \"0.0.0.0:443\" }");
  auto dns = mapping(options, "dns_01", {"script"}, "dns_01: { script: /etc/certctl/dns-records }");
  settings.http_webroot = http["webroot"];
  if (!http["listen"].empty()) settings.http_listen = sys::host_port_from(http["listen"]);
  if (!tls["listen"].empty()) settings.tls_listen = sys::host_port_from(tls["listen"]);
  settings.dns_script = dns["script"];
  check_absolute("http_01", settings.http_webroot);
  check_absolute("dns_01", settings.dns_script);
  if (settings.http_webroot.empty() && !settings.http_listen && !settings.tls_listen && settings.dns_script.empty())
    bad("no challenge is set up: nothing could prove that the names are ours",
        "write one of `http_01`, `dns_01`, `tls_alpn_01`");
  settings.dns_propagation = options.duration("dns_propagation");
  settings.dns_timeout = options.duration("dns_timeout");
  if (settings.dns_timeout < std::chrono::seconds(1) || settings.dns_timeout > std::chrono::hours(1))
    bad("dns_timeout must be between 1s and 1h");
  if (settings.dns_propagation > std::chrono::hours(1)) bad("dns_propagation must not be longer than 1h");
}

KeySpec key_spec(const std::string& word) {
  if (word == "rs256") return {KeyType::rsa, 2048, {}};
  return {KeyType::ec, 0, word == "es384" ? "P-384" : "P-256"};
}

}  // namespace

const OptionSpec kOptions[25] = {
    {"url", OptionType::text, "", true, true, "", "address of the server's directory, https://…"},
    {"account_key", OptionType::path, "", true, false, "",
     "file with the account's key; it is made when there is none; several profiles may share it"},
    {"account_key_type", OptionType::choice, "es256", false, false, "es256|es384|rs256",
     "what kind of account key is made"},
    {"contact", OptionType::list, "", false, false, "", "mail addresses that the server may write to"},
    {"agree_terms", OptionType::boolean, "false", false, false, "", "you agree to the server's terms of service"},
    {"eab_kid", OptionType::text, "", false, false, "",
     "external account binding: the name of the key that the CA handed out"},
    {"eab_key", OptionType::secret, "", false, false, "", "that key in base64, as { file: PATH }"},
    {"http_01", OptionType::map, "", false, false, "",
     "prove names over HTTP: { listen: \"ADDRESS:80\" }, or { webroot: DIRECTORY } of a server that is there"},
    {"tls_alpn_01", OptionType::map, "", false, false, "", "prove names over TLS: { listen: \"ADDRESS:443\" }"},
    {"dns_01", OptionType::map, "", false, false, "",
     "prove names in the DNS: { script: PROGRAM }, called with: present|cleanup NAME VALUE"},
    {"dns_propagation", OptionType::duration, "0s", false, false, "",
     "how long the records need until every name server has them"},
    {"dns_timeout", OptionType::duration, "60s", false, false, "", "time limit of the script"},
    {"ca_fingerprint", OptionType::list, "", false, true, "",
     "SHA-256, SHA-1 or SHA-512 of a CA certificate in the issued chain, one or several; which CA is trusted"},
    {"ca_file", OptionType::path, "", false, true, "", "PEM file with the CA certificates that are trusted"},
    {"trust_on_first_use", OptionType::boolean, "false", false, true, "",
     "trust the CA of the first certificate, and only that one from then on"},
    {"preferred_chain", OptionType::text, "", false, false, "",
     "of several chains the one whose last issuer has this common name, or that holds this fingerprint"},
    {"certificate_profile", OptionType::text, "", false, true, "", "profile of the server's that is asked for"},
    {"drop_subject", OptionType::boolean, "false", false, false, "",
     "leave out what the subject has beside a name: ACME certifies names only"},
    {"renewal_info", OptionType::boolean, "true", false, false, "",
     "use renewal information: name the predecessor in the order of a renewal, tell what the server suggests"},
    {"wait", OptionType::duration, "60s", false, false, "",
     "how long one run serves challenges and waits for the server before it leaves the rest to the next one"},
    {"proxy", OptionType::text, "", false, false, "", "HTTP proxy, http://host:port; never taken from the environment"},
    {"tls_ca_file", OptionType::path, "", false, false, "",
     "PEM file with the CAs of the server's TLS certificate; without it the system's"},
    {"plain_http", OptionType::boolean, "false", false, false, "", "allow http:// at 127.0.0.1, for tests"},
    {"timeout", OptionType::duration, "60s", false, false, "", "time limit of each HTTP request, all in all"},
    {"max_reply", OptionType::size, "4MiB", false, false, "", "largest reply that is read"},
};

Settings read_settings(const Options& options) {
  Settings settings;
  static_cast<trust::ExchangeSettings&>(settings) = trust::exchange_settings(options);
  settings.directory = directory_from(options);
  settings.account_key = options.text("account_key");
  check_absolute("account_key", settings.account_key);
  settings.account_key_spec = key_spec(options.text("account_key_type"));
  for (const std::string& text : options.list("contact"))
    settings.contact.push_back(text.find(':') == std::string::npos ? "mailto:" + text : text);
  settings.agree_terms = options.flag("agree_terms");
  settings.binding_id = options.text("eab_kid");
  settings.binding_key = options.secret("eab_key");
  if (settings.binding_id.empty() != settings.binding_key.empty())
    bad("`eab_kid` and `eab_key` belong together", "set both, or none");
  read_challenges(options, settings);
  settings.preferred_chain = options.text("preferred_chain");
  settings.certificate_profile = options.text("certificate_profile");
  settings.drop_subject = options.flag("drop_subject");
  settings.renewal_info = options.flag("renewal_info");
  settings.wait = options.duration("wait");
  if (settings.wait > std::chrono::hours(1)) bad("wait must not be longer than 1h");
  return settings;
}

}  // namespace certctl::acme
