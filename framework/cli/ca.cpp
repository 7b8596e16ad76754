#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/engine/issuer.hpp"
#include "framework/engine/rollover.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

struct CaArguments {
  std::string profile;
  std::string out;
  std::string accept;
  std::size_t issuer = 0;  // from 1; 0: not given
};

std::optional<std::size_t> wanted_issuer(const CaArguments& arguments, const config::Profile& profile) {
  if (arguments.issuer == 0) return std::nullopt;
  if (arguments.issuer > profile.issuers.size())
    throw Failure::never("bad-option",
                         "profile '" + profile.name + "' has " + std::to_string(profile.issuers.size()) +
                             (profile.issuers.size() == 1 ? " issuer" : " issuers"),
                         "--issuer counts from 1");
  return arguments.issuer - 1;
}

bool vouched_for(const TrustAnchors& anchors, const std::string& pem) {
  for (const auto& anchor : anchors.anchors_pem) {
    if (crypto::Certificate::from_pem(anchor).fingerprint() == crypto::Certificate::from_pem(pem).fingerprint())
      return true;
  }
  return false;
}

void print_set(const TrustAnchors& anchors, bool as_json) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& pem : anchors.ca_set_pem) {
    const auto certificate = crypto::Certificate::from_pem(pem);
    const bool pinned = vouched_for(anchors, pem);
    if (as_json) {
      list.push_back({{"subject", certificate.subject_text()},
                      {"issuer", certificate.issuer_text()},
                      {"serial", certificate.serial()},
                      {"fingerprint", certificate.fingerprint()},
                      {"sha1", certificate.sha1_fingerprint()},
                      {"not_before", engine::say_time(certificate.not_before_seconds())},
                      {"not_after", engine::say_time(certificate.not_after_seconds())},
                      {"ca", certificate.is_ca()},
                      {"pinned", pinned}});
      continue;
    }
    print_line(std::string(certificate.is_ca() ? "CA" : "RA") + " " + certificate.subject_text() +
               (pinned ? "  [pinned]" : ""));
    print_line("  issuer      " + certificate.issuer_text());
    print_line("  valid       " + engine::say_time(certificate.not_before_seconds()) + " to " +
               engine::say_time(certificate.not_after_seconds()));
    print_line("  fingerprint " + certificate.fingerprint());
  }
  if (as_json) {
    const nlohmann::json object = {
        {"schema", 1},
        {"certificates", std::move(list)},
        {"capabilities", anchors.capabilities},
        {"pin_problem", anchors.pin_problem.empty() ? nlohmann::json(nullptr) : nlohmann::json(anchors.pin_problem)}};
    print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return;
  }
  std::string words;
  for (const auto& word : anchors.capabilities) words += (words.empty() ? "" : " ") + word;
  print_line("capabilities: " + (words.empty() ? "none announced" : words));
  if (!anchors.pin_problem.empty()) print_line("NOT TRUSTED: " + anchors.pin_problem);
}

void print_noted(const std::vector<engine::VouchedCa>& authorities, bool as_json) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& one : authorities) {
    const auto certificate = crypto::Certificate::from_pem(one.pem);
    if (as_json) {
      list.push_back({{"subject", certificate.subject_text()},
                      {"fingerprint", certificate.fingerprint()},
                      {"not_before", engine::say_time(certificate.not_before_seconds())},
                      {"not_after", engine::say_time(certificate.not_after_seconds())},
                      {"how", one.how},
                      {"since", engine::say_time(one.since)}});
      continue;
    }
    print_line("trusted beside the pin: " + certificate.subject_text());
    print_line("  valid       " + engine::say_time(certificate.not_before_seconds()) + " to " +
               engine::say_time(certificate.not_after_seconds()));
    print_line("  fingerprint " + certificate.fingerprint());
    print_line("  " + one.how + ", " + engine::say_time(one.since));
  }
  if (as_json)
    print(nlohmann::json{{"schema", 1}, {"trusted", std::move(list)}}.dump(2, ' ', false,
                                                                           nlohmann::json::error_handler_t::replace) +
          "\n");
}

}  // namespace

Verb add_ca(CLI::App& app) {
  auto arguments = std::make_shared<CaArguments>();
  CLI::App* command = app.add_subcommand("ca", "the issuer's CA certificates and capabilities");
  command->require_subcommand(1);
  CLI::App* show = command->add_subcommand("show", "ask the issuer and print what it says");
  show->add_option("PROFILE", arguments->profile, "profile")->required();
  CLI::App* fetch = command->add_subcommand("fetch", "write the issuer's certificates as PEM");
  fetch->add_option("PROFILE", arguments->profile, "profile")->required();
  fetch->add_option("--out", arguments->out, "file (default: standard output)");
  CLI::App* next = command->add_subcommand(
      "next", "trust the issuer's next CA certificate, which the CA in service announces (rollover)");
  next->add_option("PROFILE", arguments->profile, "profile")->required();
  next->add_option("--accept", arguments->accept,
                   "without an announcement: trust the CA that the issuer presents now, by its sha256 fingerprint");
  for (CLI::App* one : {show, fetch, next})
    one->add_option("--issuer", arguments->issuer,
                    "which of several, from 1 (default: that of the active certificate); with `next` only beside "
                    "--accept")
        ->check(CLI::Range(1, 1000));
  return {
      command, [arguments, fetch, next](Program& program) {
        const config::Profile& profile = require_profile(program, arguments->profile);
        const auto issuer = wanted_issuer(*arguments, profile);
        if (next->parsed()) {
          if (issuer && arguments->accept.empty())
            throw Failure::never("bad-option", "--issuer stands beside --accept only",
                                 "what the CA in service announces is asked of the active certificate's issuer");
          print_noted(ask_issuer([&] {
                        return arguments->accept.empty()
                                   ? engine::take_next_authorities(program.context(), profile)
                                   : engine::accept_authority(program.context(), profile, issuer, arguments->accept);
                      }),
                      program.options().json);
          return 0;
        }
        const TrustAnchors anchors =
            ask_issuer([&] { return engine::fetch_trust_anchors(program.context(), profile, issuer); });
        if (!fetch->parsed()) {
          print_set(anchors, program.options().json);
          return anchors.pin_problem.empty() ? 0 : 1;
        }
        if (!anchors.pin_problem.empty()) {
          throw Failure::never("state-unusable", "the issuer's certificates are not written: " + anchors.pin_problem,
                               "look at `certctl ca show`");
        }
        std::string text;
        for (const auto& pem : anchors.ca_set_pem) text += pem;
        if (arguments->out.empty()) {
          print(text);
        } else {
          sys::replace_file(arguments->out, text, 0644);
        }
        return 0;
      }};
}

}  // namespace certctl::cli
