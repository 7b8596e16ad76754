// Distributor "script": a command delivers; exit status 0 says that it did.
#include "distributors/script/undo_token.hpp"

#include <certctl/plugin.hpp>

#include <filesystem>

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/key.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"run", OptionType::command, "", true, false, "",
     "what to run: a string is shell text, a list is executed directly"},
    {"undo", OptionType::choice, "same", false, false, "same|none",
     "how a delivery is undone: the same command with the old generation, or not at all"},
    {"timeout", OptionType::duration, "60s", false, false, "",
     "how long it may take; then it and its children are ended"},
};

// A pair that is none must not reach a service.
void check(const Credential& credential) {
  try {
    const auto certificate = crypto::Certificate::from_pem(credential.certificate_pem);
    const bool pair = !credential.key.exportable() || certificate.carries(crypto::Key::from_pem(credential.key.pem));
    if (pair) return;
  } catch (const Failure& failure) {
    throw Failure::never("credential-broken", "the credential cannot be delivered: " + failure.error().message,
                         "look at the store; `certctl status` says what is wrong with it");
  }
  throw Failure::never("credential-broken", "the credential cannot be delivered: its key is another one's",
                       "look at the store; `certctl status` says what is wrong with it");
}

class Script final : public Distributor {
 public:
  Script(const Options& options, Host& host)
      : host_(host),
        command_(options.command("run")),
        undoes_(options.text("undo") != "none"),
        timeout_(options.duration("timeout")) {
    if (command_.empty() || command_.arguments[0].empty()) {
      throw Failure::never("bad-option", "`run` of the distributor script is empty", "name a command");
    }
    if (timeout_ < std::chrono::seconds{1}) {
      throw Failure::never("bad-option", "`timeout` of the distributor script is less than a second",
                           "write a longer time, as in 60s");
    }
  }

  Inspection inspect(const Credential* credential) override {
    Inspection inspection;
    inspection.resources = {resource()};
    inspection.present = Present::unknown;
    inspection.detail = "a script cannot tell what is there";
    inspection.disturbance = "script";
    if (credential != nullptr) inspection.diff = {"runs '" + name() + "' with " + credential->fingerprint};
    return inspection;
  }

  Secret prepare(const Credential& credential, const Credential* previous) override {
    check(credential);
    script::UndoToken token;
    token.new_fingerprint = credential.fingerprint;
    if (previous != nullptr) token.previous = *previous;
    return to_text(token);
  }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    check(credential);
    if (script::undo_token_from(undo_token).new_fingerprint != credential.fingerprint) {
      throw Failure("undo-token-outdated", "the delivery was prepared for another credential",
                    "nothing to do: it begins anew");
    }
    run(credential);
    return {};
  }

  void undo(const Secret& undo_token) override {
    const script::UndoToken token = script::undo_token_from(undo_token);
    if (!undoes_) throw impossible("`undo: none`");
    if (!token.previous) throw impossible("there is no older certificate");
    // Without the directory a script would take latest.*, which is the new pair.
    std::error_code error;
    if (token.previous->directory.empty() || !std::filesystem::is_directory(token.previous->directory, error))
      throw impossible("generation " + std::to_string(token.previous->generation) + " is no longer in the store");
    run(*token.previous);
  }

 private:
  void run(const Credential& credential) {
    const CommandOutcome outcome = host_.run(command_, &credential, timeout_).value();
    if (outcome.succeeded()) return;
    throw Failure("script-failed", describe(outcome), "run it by hand to see why");
  }

  [[nodiscard]] Failure impossible(const std::string& why) const {
    return Failure::never("undo-impossible", "script '" + name() + "' cannot be undone: " + why,
                          "the service keeps the new certificate");
  }

  // What the script writes to is not known: two profiles with the same command take turns. A hash, since the command
  // may hold a password.
  [[nodiscard]] std::string resource() const {
    std::string text = command_.shell ? "shell" : "command";
    for (const std::string& argument : command_.arguments) text.append(1, '\0').append(argument);
    return "script:" + crypto::sha256_hex(text);
  }

  [[nodiscard]] std::string name() const { return sys::command_name(command_); }

  [[nodiscard]] std::string describe(const CommandOutcome& outcome) const {
    return "script '" + name() + "': " + sys::describe_failure(outcome, timeout_);
  }

  Host& host_;
  Command command_;
  bool undoes_;
  std::chrono::seconds timeout_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Script, "script", "1.0", "runs a command that delivers the credential",
               certctl::kOptions);
