// certctl-devca: a development CA that answers SCEP and EST. See README.md.
#include "framework/devca/commands.hpp"
#include "framework/devca/openxpki.hpp"
#include "framework/devca/settings.hpp"

#include <certctl/result.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

using certctl::Failure;
using namespace certctl::devca;

namespace {

// Text of options that need more than a conversion.
struct Texts {
  std::string ca_key;
  std::string root_key;
  std::string ca_validity = "3650d";
  std::string validity = "365d";
  std::string renewal_window = "60d";
  std::string deadline = "30s";
  std::string capabilities;
  std::vector<std::string> wishes;
};

void add_shape(CLI::App& command, ServeSettings& settings, Texts& texts) {
  static const std::map<std::string, RaMode> kRaModes = {
      {"none", RaMode::none}, {"one", RaMode::one}, {"pair", RaMode::pair}};
  static const std::map<std::string, Likeness> kLikenesses = {{"rfc", Likeness::rfc}, {"openxpki", Likeness::openxpki}};
  command.add_option("--state", settings.state, "state directory; made if missing")->required();
  command.add_option("--like", settings.like, "rfc, openxpki: what server it behaves like")
      ->transform(CLI::CheckedTransformer(kLikenesses));
  command.add_option("--ca-key", texts.ca_key, "key of the issuing CA: rsa:2048, ec:P-256 …");
  command.add_flag("--chain", settings.shape.chain, "a root above the issuing CA");
  command.add_option("--root-key", texts.root_key, "key of that root; default: as --ca-key");
  command.add_option("--ra", settings.shape.ra, "RA certificates: none, one, pair")
      ->transform(CLI::CheckedTransformer(kRaModes));
  command.add_flag("--next-ca", settings.shape.next_ca, "a rollover CA, for GetNextCACert");
  command.add_option("--ca-subject", settings.shape.subject, "/type=value/… of the issuing CA");
  command.add_option("--ca-validity", texts.ca_validity, "of the CA certificates");
}

CLI::Option* add_est(CLI::App& command, ServeSettings& settings, Texts& texts) {
  static const std::map<std::string, LoginMode> kLogins = {
      {"both", LoginMode::both}, {"basic", LoginMode::basic}, {"digest", LoginMode::digest}};
  static const std::map<std::string, EstTls> kTls = {{"good", EstTls::good},
                                                     {"stranger", EstTls::stranger},
                                                     {"wrong-name", EstTls::wrong_name},
                                                     {"expired", EstTls::expired}};
  command.add_option("--est-label", settings.est.label, "the label in the addresses; default: none");
  command.add_option("--est-login", settings.est.login, "both, basic, digest: how the challenge is asked for")
      ->transform(CLI::CheckedTransformer(kLogins));
  command.add_option("--est-tls", settings.est.tls, "good, stranger, wrong-name, expired: the server's certificate")
      ->transform(CLI::CheckedTransformer(kTls));
  command.add_option("--est-client-ca", settings.est.client_ca_file, "CAs whose certificates authenticate, PEM")
      ->check(CLI::ExistingFile);
  command.add_option("--est-retry-after", settings.est.retry_after, "seconds, told to who waits; 0: not told");
  command.add_flag("--est-no-reenroll", settings.est.no_reenroll, "no simplereenroll");
  command.add_option("--est-wish", texts.wishes, "what /csrattrs says; may be repeated")->allow_extra_args(false);
  return command.add_option("--est", settings.est.port, "answers EST over TLS, on this port; 0: a free one");
}

CLI::Option* add_serving(CLI::App& command, ServeSettings& settings, Texts& texts) {
  static const std::map<std::string, Approval> kApprovals = {
      {"auto", Approval::automatic}, {"manual", Approval::manual}, {"first", Approval::first}};
  command.add_option("--listen", settings.listen, "IP address to listen on");
  command.add_option("--port", settings.port, "0: a free one");
  command.add_option("--approval", settings.approval, "auto, manual, first")
      ->transform(CLI::CheckedTransformer(kApprovals));
  command.add_option("--challenge", settings.challenges, "challenge password; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--challenge-file", settings.challenge_file, "one challenge a line")->check(CLI::ExistingFile);
  command.add_option("--one-time", settings.one_time_file, "one challenge a line, each good once")
      ->check(CLI::ExistingFile);
  command
      .add_option_function<std::string>(
          "--renewal-challenge",
          [&settings](const std::string& word) { settings.renewal_challenge_required = word == "required"; },
          "optional, required")
      ->check(CLI::IsMember({"optional", "required"}));
  command.add_option("--renewal-window", texts.renewal_window, "with --like openxpki: how long before the end");
  command
      .add_option_function<std::string>(
          "--early-renewal",
          [&settings](const std::string& word) { settings.early_renewal_replaces = word == "replace"; },
          "with --like openxpki: replace, refuse")
      ->check(CLI::IsMember({"replace", "refuse"}));
  command.add_flag("--renewal-revokes", settings.renewal_revokes, "a renewal revokes the older certificate");
  command.add_option("--validity", texts.validity, "of issued certificates: 3600s, 30d …");
  command.add_option("--serial-start", settings.serial_start, "hex; serials count up from here");
  command.add_option("--fixed-serial", settings.fixed_serial, "hex; every certificate gets it");
  command.add_option("--extra-dns", settings.extra_dns, "put into every certificate")->allow_extra_args(false);
  command
      .add_option("--crl-address", settings.crl_addresses,
                  "CRL distribution point of certificates; self: this server's")
      ->allow_extra_args(false);
  command.add_flag("--send-ca", settings.send_ca, "replies hold the CA certificates too");
  command
      .add_option_function<std::string>(
          "--ca-reply", [&settings](const std::string& word) { settings.ca_reply_single = word == "single"; },
          "auto, single")
      ->check(CLI::IsMember({"auto", "single"}));
  command.add_flag("--legacy", settings.legacy, "accepts requests in single DES or MD5");
  command.add_option("--deadline", texts.deadline, "for a whole request");
  command.add_option("--fault", settings.faults, "see README.md; may be repeated")->allow_extra_args(false);
  return command.add_option("--capabilities", texts.capabilities, "words separated by commas");
}

void finish(ServeSettings& settings, const Texts& texts) {
  settings.shape.ca_key = parse_key_spec(texts.ca_key.empty() ? "rsa:2048" : texts.ca_key);
  if (settings.like == Likeness::openxpki) {
    openxpki::shape(settings.shape);
    if (!texts.ca_key.empty()) settings.shape.ca_key = parse_key_spec(texts.ca_key);
  }
  settings.shape.root_key = texts.root_key.empty() ? settings.shape.ca_key : parse_key_spec(texts.root_key);
  settings.shape.validity = parse_duration(texts.ca_validity);
  settings.validity = parse_duration(texts.validity);
  settings.renewal_window = parse_duration(texts.renewal_window);
  settings.deadline = parse_duration(texts.deadline);
  if (!settings.serial_start.empty()) parse_serial(settings.serial_start);
  if (!settings.fixed_serial.empty()) parse_serial(settings.fixed_serial);
  for (std::size_t begin = 0; begin < texts.capabilities.size();) {
    const std::size_t end = std::min(texts.capabilities.find(',', begin), texts.capabilities.size());
    if (end > begin) settings.capabilities.push_back(texts.capabilities.substr(begin, end - begin));
    begin = end + 1;
  }
}

int run(int argc, char** argv) {
  CLI::App app("a development CA that answers SCEP and EST; for the demo and the tests", "certctl-devca");
  app.require_subcommand(1);
  ServeSettings settings;
  Texts texts;
  std::vector<std::string> words;
  std::string reason;
  std::string type;
  bool all = false;
  bool count = false;
  bool ra = false;

  CLI::App* serving = app.add_subcommand("serve", "answers until TERM or INT");
  add_shape(*serving, settings, texts);
  CLI::Option* capabilities = add_serving(*serving, settings, texts);
  CLI::Option* est = add_est(*serving, settings, texts);
  CLI::App* making = app.add_subcommand("init", "makes the CA and prints its fingerprint");
  add_shape(*making, settings, texts);

  const auto command = [&](const char* name, const char* text) {
    CLI::App* made = app.add_subcommand(name, text);
    made->add_option("--state", settings.state, "state directory")->required()->check(CLI::ExistingDirectory);
    return made;
  };
  CLI::App* pending = command("pending", "lists requests that wait");
  CLI::App* approving = command("approve", "lets requests pass");
  approving->add_option("id", words, "as `pending` lists them");
  approving->add_flag("--all", all, "all that wait");
  CLI::App* denying = command("deny", "refuses requests");
  denying->add_option("id", words, "as `pending` lists them");
  denying->add_flag("--all", all, "all that wait");
  denying->add_option("--reason", reason, "told to the client");
  CLI::App* issued = command("issued", "lists certificates");
  CLI::App* revoking = command("revoke", "revokes a certificate");
  revoking->add_option("serial", words, "as `issued` lists it")->required()->expected(1);
  CLI::App* rolling =
      command("rollover", "the next CA becomes the one that issues; for a server that is started after it");
  rolling->add_flag("--ra", ra, "only new RA certificates; what was encrypted to the old ones is still answered");
  CLI::App* faults = command("fault", "sets the faults of a running server");
  faults->add_option("fault", words, "none: no faults");
  CLI::App* requests = command("requests", "shows what arrived");
  requests->add_option("--type", type, "only these: PKCSReq, GetCACert …");
  requests->add_flag("--count", count, "only how many");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  settings.capabilities_given = capabilities->count() > 0;
  settings.est.on = est->count() > 0;
  for (const std::string& word : texts.wishes) add_wish(settings.est.attributes, word);
  finish(settings, texts);
  if ((*approving || *denying) && words.empty() != all)
    throw Failure::never("usage", "name the requests, or say --all");

  if (*serving) return serve(settings);
  if (*making) return make_ca(settings);
  if (*pending) return show_pending(settings.state);
  if (*approving) return approve(settings.state, words);
  if (*denying) return deny(settings.state, words, reason);
  if (*issued) return show_issued(settings.state);
  if (*revoking) return revoke(settings.state, words.front());
  if (*rolling) return roll_over_ca(settings.state, ra);
  if (*faults) return set_faults(settings.state, words);
  if (*requests) return show_requests(settings.state, type, count);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Failure& failure) {
    std::cerr << "certctl-devca: " << failure.error().message
              << (failure.error().hint.empty() ? "" : "; " + failure.error().hint) << "\n";
    return failure.error().code == "usage" ? 2 : 1;
  } catch (const std::exception& failure) {
    std::cerr << "certctl-devca: " << failure.what() << "\n";
    return 1;
  }
}
