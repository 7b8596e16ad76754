#include "enrollers/scep/settings.hpp"

namespace certctl::scep {
namespace {

[[noreturn]] void bad(const std::string& what, std::string hint = {}) {
  throw Failure::never("bad-option", what, std::move(hint));
}

crypto::KeyTransport key_transport_from_word(const std::string& word) {
  if (word == "oaep") return crypto::KeyTransport::oaep;
  return word == "oaep-sha256" ? crypto::KeyTransport::oaep_sha256 : crypto::KeyTransport::pkcs1;
}

}  // namespace

// SCEP-001: url, challenge; ca_fingerprint, ca_file.
const OptionSpec kOptions[22] = {
    {"url", OptionType::text, "", true, true, "", "address of the SCEP service, http:// or https://"},
    {"ca_identifier", OptionType::text, "", false, true, "",
     "name of the CA at a server that has several; sent with GetCACert"},
    {"ca_fingerprint", OptionType::list, "", false, true, "",
     "SHA-256, SHA-1 or SHA-512 of the CA's certificate, one or several; which CA is trusted"},
    {"ca_file", OptionType::path, "", false, true, "", "PEM file with the CA's certificates that are trusted"},
    {"trust_on_first_use", OptionType::boolean, "false", false, true, "",
     "trust the CA that is met first, and only that one from then on"},
    {"challenge", OptionType::secret, "", false, false, "", "challenge password, as text or { file: PATH }"},
    {"cipher", OptionType::choice, "auto", false, false, "auto|aes128|aes192|aes256|3des|des",
     "content cipher of requests; auto: what the server announces"},
    {"digest", OptionType::choice, "auto", false, false, "auto|sha256|sha384|sha512|sha1|md5",
     "digest of requests; auto: what the server announces"},
    {"key_transport", OptionType::choice, "pkcs1", false, false, "pkcs1|oaep|oaep-sha256",
     "how the content key of requests is encrypted to the CA's RSA key; servers announce nothing about it"},
    {"http", OptionType::choice, "auto", false, false, "auto|post|get", "HTTP method of requests"},
    {"legacy", OptionType::choice, "receive", false, false, "receive|deny|allow",
     "single DES, 3DES, SHA-1, MD5: deny all; receive: as far as still usual; allow all"},
    {"renewal_message", OptionType::choice, "auto", false, false, "auto|17|19",
     "renew with RenewalReq (17) or PKCSReq (19); auto: as the server accepts it"},
    {"renewal_challenge", OptionType::choice, "auto", false, false, "auto|never|always",
     "send the challenge when renewing; auto: when the server wants it"},
    {"renewal_subject", OptionType::choice, "issued", false, false, "issued|profile",
     "subject of a renewal: that of the certificate in service, or the profile's"},
    {"allow_ec", OptionType::boolean, "false", false, false, "",
     "allow EC keys: the server must answer with a password recipient"},
    {"ignore_nonce", OptionType::boolean, "false", false, false, "",
     "accept replies without the nonce of the request (weakens replay protection)"},
    {"transaction_id", OptionType::choice, "random", false, false, "random|key",
     "random, or a hash of the public key (needs rotate: always)"},
    {"renewal_revokes", OptionType::boolean, "false", false, false, "",
     "this CA revokes the old certificate at each renewal"},
    {"proxy", OptionType::text, "", false, false, "", "HTTP proxy, http://host:port; never taken from the environment"},
    {"tls_ca_file", OptionType::path, "", false, false, "", "PEM file with the CAs of the https server's certificate"},
    {"timeout", OptionType::duration, "60s", false, false, "", "time limit of each HTTP request, all in all"},
    {"max_reply", OptionType::size, "4MiB", false, false, "", "largest reply that is read"},
};

Settings read_settings(const Options& options) {
  Settings settings;
  static_cast<trust::ExchangeSettings&>(settings) = trust::exchange_settings(options);
  settings.url = options.text("url");
  trust::check_address(settings.url, {"http", "https"}, "http://pki.example/scep");
  settings.ca_identifier = options.text("ca_identifier");
  settings.challenge = options.secret("challenge");
  settings.cipher = cipher_from_word(options.text("cipher"));
  settings.key_transport = key_transport_from_word(options.text("key_transport"));
  settings.digest = digest_from_word(options.text("digest"));

  const std::string http = options.text("http");
  settings.http = http == "post" ? HttpMethod::post : http == "get" ? HttpMethod::get : HttpMethod::by_capability;
  const std::string legacy = options.text("legacy");
  settings.legacy = legacy == "deny" ? Legacy::deny : legacy == "allow" ? Legacy::allow : Legacy::receive;
  const std::string message = options.text("renewal_message");
  settings.renewal_message = message == "17"   ? RenewalMessage::renewal_req
                             : message == "19" ? RenewalMessage::pkcs_req
                                               : RenewalMessage::by_capability;
  const std::string challenge = options.text("renewal_challenge");
  settings.renewal_challenge = challenge == "never"    ? RenewalChallenge::never
                               : challenge == "always" ? RenewalChallenge::always
                                                       : RenewalChallenge::as_needed;
  if (settings.renewal_challenge == RenewalChallenge::always && settings.challenge.empty())
    bad("`renewal_challenge: always` needs a challenge", "set `challenge`");
  settings.profile_subject_on_renewal = options.text("renewal_subject") == "profile";
  settings.allow_ec = options.flag("allow_ec");
  settings.ignore_nonce = options.flag("ignore_nonce");
  settings.transaction_ids = options.text("transaction_id") == "key" ? TransactionIds::key : TransactionIds::random;
  // An explicit choice that `legacy` forbids shows here, not at the first request.
  (void)choose_algorithms(parse_capabilities("SCEPStandard"), settings.legacy, settings.cipher, settings.digest);
  return settings;
}

}  // namespace certctl::scep
