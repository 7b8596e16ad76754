#include "framework/engine/check.hpp"

#include <algorithm>
#include <set>

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/usage.hpp"
#include "framework/engine/plan.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

Error refusal(std::string code, std::string message, std::string hint) {
  return Error{std::move(code), std::move(message), std::move(hint), RetryClass::never, std::chrono::seconds{0}};
}

// What makes two alternative names the same: kind, and the value without regard to case where the kind has none.
std::string identity(const AltName& name) {
  return crypto::alt_name_identity(name);
}

bool is_wildcard(const AltName& name) {
  return name.kind == AltNameKind::dns && name.value.find('*') != std::string::npos;
}

class Check {
 public:
  explicit Check(const CheckInput& input) : in_(input) {}

  CheckResult run() {
    if (!key() || !authority() || !path() || !lifetime() || !names()) return result_;
    subject();
    usages();
    threshold();
    not_extended();
    return result_;
  }

 private:
  // Each says whether to go on.
  bool key() {
    if (in_.issued->carries(*in_.key)) return true;
    return refuse("other-key", "the issued certificate carries another key than the request",
                  "the CA or something between mixed up two requests; tell the CA's operator");
  }
  bool authority() {
    if (!in_.issued->is_ca()) return true;
    return refuse("is-ca", "the issued certificate is a CA certificate",
                  "the CA's profile for this request is wrong; tell the CA's operator");
  }
  bool path() {
    try {
      // Validity of the chain is judged only by a clock that can be trusted (P11).
      std::optional<TimePoint> at;
      if (in_.clock_trusted) {
        // A certificate that becomes valid later is checked at that time.
        at = std::max(time_point(in_.now), in_.issued->not_before());
      }
      result_.chain = crypto::build_path(*in_.issued, in_.candidates, in_.anchors, at);
      return true;
    } catch (const Failure& failure) {
      return refuse_path(failure.error());
    }
  }
  // One code for each thing that the operator, or the CA's, has to do.
  bool refuse_path(const Error& error) {
    const std::string& code = error.code;
    if (code == "path-expired")
      return refuse("expired", "the issued certificate, or its CA's, is not valid now: " + error.message,
                    "tell the CA's operator; or the clock is wrong");
    if (code == "path-not-ca" || code == "path-invalid")
      return refuse("chain-invalid", "the issued certificate's chain breaks the rules: " + error.message,
                    "the CA's certificates are wrong; tell the CA's operator");
    if (code == "path-bad-signature")
      return refuse("bad-signature", "the issued certificate's chain has a wrong signature: " + error.message,
                    "somebody changed a certificate, or the CA has two keys under one name; tell the CA's operator");
    if (code == "path-too-large")
      return refuse("chain-too-large", "the CA's answer has too many certificates: " + error.message,
                    "tell the CA's operator");
    return refuse("no-chain", "the issued certificate does not chain to the pinned CA: " + error.message,
                  "look at `certctl ca show`; if the CA has changed, pin the new one in the profile");
  }
  bool lifetime() {
    const EpochSeconds not_before = in_.issued->not_before_seconds();
    const EpochSeconds not_after = in_.issued->not_after_seconds();
    if (not_after <= not_before) {
      return refuse("expired", "the issued certificate ends before it begins", "tell the CA's operator");
    }
    const EpochSeconds judge = in_.clock_trusted ? in_.now : in_.floor;
    if (not_after <= judge) {
      return refuse("expired", "the issued certificate expired on " + say_time(not_after),
                    "tell the CA's operator; or the clock is wrong");
    }
    if (in_.old != nullptr && in_.old->fingerprint() == in_.issued->fingerprint()) {
      return refuse("same-certificate", "the CA answered with the old certificate again",
                    "a CA that knows a request by its key does this: use `rotate: always`, or ask the CA's operator");
    }
    result_.verdict = Verdict::accept;
    if (in_.clock_trusted && not_before > in_.now) {
      result_.verdict = Verdict::wait;
      result_.valid_from = not_before;
      if (not_before > in_.now + kDay) {
        result_.warnings.push_back("the issued certificate is not valid before " + say_time(not_before) +
                                   ", more than a day ahead");
      }
    }
    return true;
  }
  bool names() {
    std::set<std::string> known;  // asked for, or in the certificate that is in service
    std::set<std::string> asked;
    for (const auto& name : in_.wanted.alt_names) asked.insert(identity(name));
    known = asked;
    for (const auto& attribute : in_.wanted.subject) {
      if (attribute.type == "CN") known.insert(identity({AltNameKind::dns, attribute.value}));
    }
    for (const auto& common_name : in_.issued->common_names()) known.insert(identity({AltNameKind::dns, common_name}));
    if (in_.old != nullptr) {
      for (const auto& name : in_.old->alt_names()) known.insert(identity(name));
    }
    std::set<std::string> issued;
    for (const auto& name : in_.issued->alt_names()) {
      const std::string id = identity(name);
      issued.insert(id);
      const bool foreign = known.count(id) == 0;
      const bool wildcard = is_wildcard(name) && asked.count(id) == 0;
      if ((foreign || wildcard) && in_.names != config::NamesPolicy::ignore) {
        return refuse("foreign-name",
                      "the issued certificate names " + crypto::alt_name_text(name) + ", which was not asked for",
                      "if that is right, add it to `san:`, or set `names: ignore`");
      }
      if (asked.count(id) == 0 && !foreign) continue;
      if (foreign) differs("name added: " + crypto::alt_name_text(name));
    }
    bool missing = false;
    for (const auto& name : in_.wanted.alt_names) {
      if (issued.count(identity(name)) != 0) continue;
      missing = true;
      differs("name missing: " + crypto::alt_name_text(name));
    }
    if (missing && in_.names == config::NamesPolicy::refuse) {
      return refuse("missing-name", "the issued certificate lacks names that were asked for",
                    "set `names: warn` to accept it");
    }
    return true;
  }
  void subject() {
    const std::string wanted = crypto::subject_text(in_.wanted.subject);
    const std::string issued = in_.issued->subject_text();
    if (wanted != issued) differs("subject is " + issued + " instead of " + wanted);
  }
  void usages() {
    for (const auto& usage : crypto::missing_usages(*in_.issued, in_.wanted.usage)) differs("usage missing: " + usage);
  }
  void threshold() {
    bool shortened = false;
    (void)renewal_time(in_.renew, in_.issued->not_before_seconds(), in_.issued->not_after_seconds(), &shortened);
    if (shortened) {
      result_.warnings.push_back(
          "the renewal threshold (" + in_.renew.text +
          ") is above half of this certificate's lifetime: it is renewed with a third of it left");
    }
  }
  void not_extended() {
    if (in_.old == nullptr || in_.issued->not_after_seconds() > in_.old->not_after_seconds()) return;
    result_.not_extended = true;
    result_.warnings.push_back(
        "not-extended: the new certificate ends no later than the old one (" +
        say_time(in_.issued->not_after_seconds()) +
        "); the CA replaced instead of renewing, and the next renewal waits half of what is left");
  }

  bool refuse(std::string code, std::string message, std::string hint) {
    result_.verdict = Verdict::refuse;
    result_.refusal = refusal(std::move(code), std::move(message), std::move(hint));
    return false;
  }
  void differs(const std::string& what) {
    result_.differs.push_back(what);
    result_.warnings.push_back("the CA changed what was asked for: " + what);
  }

  const CheckInput& in_;
  CheckResult result_;
};

}  // namespace

CheckResult check_answer(const CheckInput& input) {
  return Check(input).run();
}

}  // namespace certctl::engine
