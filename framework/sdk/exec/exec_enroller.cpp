#include <algorithm>
#include <utility>

#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/sdk/exec/call.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sys/clock.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::exec {
namespace {

constexpr long long kLongestInterval = 365LL * 24 * 3600;

constexpr std::string_view kTokenMark = "exec 1\n";  // what the executable keeps follows
constexpr std::size_t kLongestToken = 60 * 1024;
constexpr std::size_t kLongestPem = 1 << 20;
constexpr std::size_t kLongestCrl = 32 << 20;
constexpr std::size_t kLongestMemory = 1024;
constexpr std::size_t kLongestText = 300;

const char* word_of(AltNameKind kind) {
  switch (kind) {
    case AltNameKind::email: return "email";
    case AltNameKind::uri: return "uri";
    case AltNameKind::dns: return "dns";
    case AltNameKind::rid: return "rid";
    case AltNameKind::ip: return "ip";
    case AltNameKind::dir_name: return "dir_name";
    case AltNameKind::other_name: return "other_name";
  }
  return "unknown";
}

const char* word_of(ResumeReason reason) {
  switch (reason) {
    case ResumeReason::pending: return "pending";
    case ResumeReason::in_doubt: return "in_doubt";
    case ResumeReason::last_poll: return "last_poll";
  }
  return "unknown";
}

// Each certificate of a file on its own.
std::vector<std::string> certificates_in(const std::string& text, const std::string& name) {
  std::vector<std::string> all;
  try {
    for (const auto& block : crypto::split_pem(text)) {
      if (block.label == "CERTIFICATE") all.push_back(std::string(block.text) + "\n");
    }
  } catch (const Failure& failure) {
    throw Failure::never("exec-malformed",
                         "the executable's file '" + name + "' is no PEM: " + failure.error().message);
  }
  return all;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += text;
  return all;
}

class ExecEnroller final : public EnrollerApi {
 public:
  ExecEnroller(std::shared_ptr<const ExecPlugin> plugin, const Options& options, Host& host)
      : plugin_(std::move(plugin)), options_(options), host_(host) {}

  [[nodiscard]] bool supports(EnrollerPower power) const noexcept override {
    switch (power) {
      case EnrollerPower::trust_anchors: return plugin_->has_power("fetch_trust_anchors");
      case EnrollerPower::next_anchors: return plugin_->has_power("fetch_next_anchors");
      case EnrollerPower::certificate: return plugin_->has_power("fetch_certificate");
      case EnrollerPower::crl: return plugin_->has_power("fetch_crl");
      case EnrollerPower::revoke: return plugin_->has_power("revoke");
      case EnrollerPower::renewal_window: return plugin_->has_power("renewal_window");
    }
    return false;
  }

  Result<EnrollOutcome> enroll(const EnrollRequest& request, EnrollHost& host) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "enroll", CallKind::works);
      tell(call, request);
      // When it sends is not ours to see: from here on the CA may have got it.
      const std::string token(kTokenMark);
      host.checkpoint(token, Checkpoint::about_to_send, "").value();
      return finish(call, host, token, true);
    });
  }

  Result<EnrollOutcome> resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                               EnrollHost& host) noexcept override {
    return guarded([&] {
      if (!token.starts_with(kTokenMark)) {
        throw Failure::never("bad-token", "the open request was not made by this plugin",
                             "give it up with `certctl renew --new-request`");
      }
      Call call(*plugin_, options_, host_, "resume", CallKind::works);
      tell(call, request);
      call.input().add("reason", word_of(reason));
      call.add_file("token_file", "token", std::string_view(token).substr(kTokenMark.size()));
      return finish(call, host, token, false);
    });
  }

  Result<TrustAnchors> fetch_trust_anchors(const std::vector<std::string>& vouched_pem,
                                           Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = look("fetch_trust_anchors");
      call.add_file("vouched_file", "vouched.pem", joined(vouched_pem));
      call.run();
      TrustAnchors anchors;
      anchors.ca_set_pem = certificates(call, "ca.pem");
      anchors.anchors_pem = certificates(call, "anchors.pem");
      anchors.pin_problem = sys::shown_start(call.output().text("pin_problem"), kLongestText);
      for (const auto& word : call.output().all("capability"))
        anchors.capabilities.push_back(sys::shown_start(word, 100));
      call.output().reject_rest();
      return anchors;
    });
  }

  Result<std::vector<std::string>> fetch_next_anchors(const std::vector<std::string>& current_ca_set_pem,
                                                      const std::vector<std::string>& vouched_pem,
                                                      Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = look("fetch_next_anchors");
      call.add_file("ca_file", "ca.pem", joined(current_ca_set_pem));
      call.add_file("vouched_file", "vouched.pem", joined(vouched_pem));
      call.run();
      call.output().reject_rest();
      return certificates(call, "next.pem");
    });
  }

  Result<std::string> fetch_certificate(const std::string& serial, const EnrollRequest& request,
                                        Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = work("fetch_certificate");
      tell(call, request);
      call.input().add("wanted_serial", serial);
      call.run();
      call.output().reject_rest();
      return one_certificate(call);
    });
  }

  Result<Bytes> fetch_crl(const EnrollRequest& request, Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = work("fetch_crl");
      tell(call, request);
      call.run();
      call.output().reject_rest();
      const auto crl = call.out_file("crl.der", kLongestCrl);
      if (!crl) throw Failure::never("exec-malformed", "the executable left no file 'crl.der'");
      return Bytes(crl->begin(), crl->end());
    });
  }

  Result<void> revoke(const EnrollRequest& request, int reason, Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = work("revoke");
      tell(call, request);
      call.input().add_number("reason", reason);
      call.run();
      call.output().reject_rest();
    });
  }

  Result<RenewalWindow> renewal_window(const Credential& current, Host& /*host*/) noexcept override {
    return guarded([&] {
      Call call = look("renewal_window");
      call.add_credential(current, false);
      call.run();
      const auto from = sys::parse_time(call.output().text("from"));
      const auto until = sys::parse_time(call.output().text("until"));
      const long long ask_again = call.output().number("ask_again").value_or(0);
      call.output().reject_rest();
      if (!from || !until || *until < *from) {
        throw Failure::never("exec-malformed",
                             "the executable says no window with `from` and `until` (2026-11-25T00:00:00Z)");
      }
      return RenewalWindow{*from, *until, std::chrono::seconds(std::clamp(ask_again, 0LL, kLongestInterval))};
    });
  }

 private:
  [[nodiscard]] Call look(const char* verb) {
    require(verb);
    return {*plugin_, options_, host_, verb, CallKind::looks};
  }
  [[nodiscard]] Call work(const char* verb) {
    require(verb);
    return {*plugin_, options_, host_, verb, CallKind::works};
  }
  void require(const char* power) const {
    if (!plugin_->has_power(power))
      throw Failure::never("unsupported", std::string("this plugin does not offer: ") + power);
  }

  static void tell(Call& call, const EnrollRequest& request) {
    LineWriter& input = call.input();
    input.add("action", request.action == EnrollAction::renew ? "renew" : "enroll");
    for (const auto& attribute : request.wanted.subject) {
      input.add("subject", std::string(attribute.same_rdn ? "+" : "") + attribute.type + "=" + attribute.value);
    }
    for (const auto& name : request.wanted.alt_names)
      input.add("san", std::string(word_of(name.kind)) + ":" + name.value);
    for (const auto& usage : request.wanted.usage) input.add("usage", usage);
    if (!request.wanted.certificate_template.name.empty()) {
      input.add("template", request.wanted.certificate_template.name);
    }
    input.add_number("signer_lifetime", request.signer_lifetime.count());
    call.add_file("vouched_file", "vouched.pem", joined(request.vouched_pem));
    if (!request.memory.empty()) call.add_file("memory_file", "memory", request.memory);
    if (request.key != nullptr) {
      const crypto::Key key = crypto::Key::from_borrowed(request.key);
      call.add_file("key_file", "key.pem", key.to_pem_pkcs8().reveal());
      input.add_flag("key_is_current", request.key_is_current);
      const Bytes csr = crypto::build_csr(request.wanted, key, Secret());
      call.add_file("csr_file", "request.pem", crypto::pem_text("CERTIFICATE REQUEST", csr));
    }
    input.add_flag("current", request.current != nullptr);
    if (request.current == nullptr) return;
    input.add_flag("current_usable", request.current_usable);
    call.add_credential(*request.current, false, "current_");
    if (request.current_key != nullptr) {
      call.add_file("current_key_file", "current_key.pem",
                    crypto::Key::from_borrowed(request.current_key).to_pem_pkcs8().reveal());
    }
  }

  static EnrollOutcome finish(Call& call, EnrollHost& host, const std::string& token, bool first) {
    Call::End end{};
    try {
      end = call.run(true, true);
    } catch (const Failure&) {
      // Only of the first message can it say so: what an interrupted call did nobody knows.
      if (first && call.said_not_sent()) host.checkpoint(token, Checkpoint::not_sent, "").value();
      throw;
    }
    call.make_work_durable();
    Lines& said = call.output();
    EnrollOutcome outcome;
    outcome.transaction_id = sys::printable_start(said.text("transaction_id"), 200);
    outcome.display = sys::shown_start(said.text("display"), kLongestText);
    for (const auto& warning : said.all("warning")) outcome.warnings.push_back(sys::shown_start(warning, kLongestText));
    outcome.memory = said.optional("memory");
    if (outcome.memory && outcome.memory->size() > kLongestMemory) {
      throw Failure::never("exec-malformed", "the executable's `memory` is longer than 1 KiB");
    }
    switch (end) {
      case Call::End::done: {
        outcome.state = EnrollState::issued;
        outcome.certificate_pem = one_certificate(call);
        outcome.ca_set_pem = certificates(call, "ca.pem");
        outcome.anchors_pem = certificates(call, "anchors.pem");
        outcome.self_signed_request = said.flag("self_signed_request", false);
        break;
      }
      case Call::End::pending: {
        outcome.state = EnrollState::pending;
        if (const auto seconds = said.number("poll_after")) {
          outcome.poll_after = std::chrono::seconds{std::min<long long>(*seconds, 24 * 3600)};
        }
        const auto kept = call.out_file("token", kLongestToken);
        host.checkpoint(kept ? std::string(kTokenMark) + *kept : token, Checkpoint::awaiting, outcome.transaction_id)
            .value();
        break;
      }
      case Call::End::rejected:
        outcome.state = EnrollState::rejected;
        outcome.reason = call.reason("rejected", RetryClass::never);
        break;
    }
    said.reject_rest();
    return outcome;
  }

  static std::vector<std::string> certificates(Call& call, const std::string& name) {
    return certificates_in(call.out_file(name, kLongestPem).value_or(std::string()), name);
  }
  static std::string one_certificate(Call& call) {
    const auto all = certificates(call, "certificate.pem");
    if (all.size() != 1) {
      throw Failure::never("exec-malformed", "the executable left " + std::to_string(all.size()) +
                                                 " certificates in 'certificate.pem', not one");
    }
    return all[0];
  }

  std::shared_ptr<const ExecPlugin> plugin_;
  const Options& options_;
  Host& host_;
};

}  // namespace

std::unique_ptr<EnrollerApi> make_enroller(std::shared_ptr<const ExecPlugin> plugin, const Options& options,
                                           Host& host) {
  return std::make_unique<ExecEnroller>(std::move(plugin), options, host);
}

void* create(const std::shared_ptr<const ExecPlugin>& plugin, const Options& options, Host& host,
             Error& error) noexcept {
  auto made = guarded([&]() -> void* {
    // Through the interface: the address of an interface and of the object behind it need not be the same.
    switch (plugin->kind()) {
      case CERTCTL_KIND_ENROLLER: return static_cast<EnrollerApi*>(make_enroller(plugin, options, host).release());
      case CERTCTL_KIND_DISTRIBUTOR:
        return static_cast<DistributorApi*>(make_distributor(plugin, options, host).release());
      case CERTCTL_KIND_HOOK: return static_cast<HookApi*>(make_hook(plugin, options, host).release());
      default: throw Failure::never("internal", "an executable of this kind can't be");
    }
  });
  if (made.ok()) return made.value();
  error = made.error();
  return nullptr;
}

void (*destroyer(certctl_kind kind) noexcept)(void*) {
  switch (kind) {
    case CERTCTL_KIND_ENROLLER: return &adaptor::destroy<Enroller>;
    case CERTCTL_KIND_DISTRIBUTOR: return &adaptor::destroy<Distributor>;
    default: return &adaptor::destroy<Hook>;
  }
}

}  // namespace certctl::exec
