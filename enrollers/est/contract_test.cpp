// The enroller as the engine sees it, against the development CA over TLS on loopback: the suite of its kind, and how
// it authenticates. It proves nothing about the wire (both sides are ours): foreign clients and servers do.
#include "framework/devca/commands.hpp"
#include "framework/devca/est_responder.hpp"
#include "framework/devca/est_tls.hpp"
#include "framework/devca/http_server.hpp"
#include "framework/devca/responder.hpp"
#include "framework/devca/state.hpp"
#include "tests/contract/enroller_suite.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <set>

using namespace certctl;

namespace {

class DevelopmentCa : public contract::EnrollerFixture {
 public:
  // `made`: the state directory of a CA of this shape.
  DevelopmentCa(const devca::ServeSettings& settings, const std::string& made) : settings_(settings) {
    settings_.state = (scratch_.path() / "ca").string();
    std::filesystem::copy(made, settings_.state, std::filesystem::copy_options::recursive);
    responder_ = std::make_unique<devca::Responder>(settings_, clock_);
    est_ = std::make_unique<devca::EstResponder>(settings_, responder_->authority(), clock_);
    server_ = std::make_unique<devca::HttpServer>(
        [this](const devca::HttpRequest& request) { return est_->answer(request); }, "127.0.0.1", 0,
        std::chrono::seconds{20},
        devca::make_tls(responder_->authority(), settings_.est.tls, "127.0.0.1", clock_.now()));
    port_ = server_->port();
    options = {{"timeout", std::chrono::seconds{20}}};
  }

  contract::Made<EnrollerApi> make(Host& host) override { return make_with(responder_->authority().top(), host); }
  contract::Made<EnrollerApi> make_distrusting(Host& host) override {
    return make_with(devca::impostor_of(responder_->authority().issuing, clock_.now()).certificate, host);
  }

  void mood(contract::CaMood mood) override {
    using contract::CaMood;
    switch (mood) {
      case CaMood::issues: return faults("");
      case CaMood::waits: settings_.approval = devca::Approval::manual; return;
      case CaMood::refuses: return faults("est/refuse");
      case CaMood::loses_answer: return faults("est/drop-success");
      case CaMood::babbles: return faults("est/garbage");
      case CaMood::unreachable: server_.reset(); return;
    }
  }
  void decide(bool approve) override {
    if (approve) {
      devca::approve(settings_.state, {});
    } else {
      devca::deny(settings_.state, {}, "not known here");
    }
  }
  // A poll of EST is the request again; the CA's log tells them apart.
  [[nodiscard]] std::size_t requests() const override { return new_requests().size(); }
  [[nodiscard]] std::size_t transactions() const override {
    const auto all = new_requests();
    return std::set<std::string>(all.begin(), all.end()).size();
  }
  [[nodiscard]] std::size_t certificates() const override { return devca::State(settings_.state).all_issued().size(); }
  [[nodiscard]] TimePoint now() const override { return clock_.now(); }

  [[nodiscard]] std::vector<nlohmann::json> log() const {
    std::vector<nlohmann::json> entries;
    const std::string file = settings_.state + "/requests.log";
    if (!std::filesystem::exists(file)) return entries;
    std::istringstream lines(contract::Scratch::read(file));
    for (std::string line; std::getline(lines, line);) entries.push_back(nlohmann::json::parse(line));
    return entries;
  }
  void faults(const std::string& text) const { devca::State(settings_.state).set_faults(text + "\n"); }
  [[nodiscard]] const devca::Authority& authority() const { return responder_->authority(); }

  std::map<std::string, OptionValue> options;  // beside url and pin

 private:
  contract::Made<EnrollerApi> make_with(const crypto::Certificate& pin, Host& host) {
    Options all = contract::options(CERTCTL_KIND_ENROLLER, "est",
                                    {{"url", "https://127.0.0.1:" + std::to_string(port_)},
                                     {"ca_fingerprint", std::vector<std::string>{pin.fingerprint()}}});
    for (const auto& [name, value] : options) all.set(name, value);
    return contract::instance<EnrollerApi>("est", std::move(all), host);
  }
  [[nodiscard]] std::vector<std::string> new_requests() const {
    std::vector<std::string> ids;
    for (const auto& entry : log())
      if (entry.contains("type") && entry.contains("transaction") && !entry.value("replay", false))
        ids.push_back(entry.at("transaction").get<std::string>());
    return ids;
  }

  contract::Scratch scratch_{contract::Scratch::Where::memory};
  sys::SystemClock clock_;
  devca::ServeSettings settings_;
  std::unique_ptr<devca::Responder> responder_;
  std::unique_ptr<devca::EstResponder> est_;
  std::unique_ptr<devca::HttpServer> server_;
  std::uint16_t port_ = 0;
};

using Shape = std::function<void(devca::ServeSettings&)>;

// The CA's keys are made once for each shape, not for each section.
std::unique_ptr<DevelopmentCa> a_ca(const std::string& name, const Shape& shape) {
  static std::map<std::string, std::unique_ptr<contract::Scratch>> made;
  devca::ServeSettings settings;
  shape(settings);
  auto& directory = made[name];
  if (!directory) {
    directory = std::make_unique<contract::Scratch>(contract::Scratch::Where::memory);
    devca::ServeSettings first = settings;
    first.state = (directory->path() / "ca").string();
    devca::Responder(first, sys::SystemClock());
  }
  return std::make_unique<DevelopmentCa>(settings, (directory->path() / "ca").string());
}

// One request after the other, as of one profile.
struct Profile {
  explicit Profile(DevelopmentCa& the_ca) : ca(the_ca) {
    static const crypto::Key first = crypto::Key::generate({});
    key = std::make_unique<crypto::Key>(first);
    host.state().now = ca.now();
    request.wanted.subject = {{"CN", "router-1", false}};
    request.wanted.usage = {"digitalSignature", "clientAuth"};
    request.key = key->get();
  }
  Result<EnrollOutcome> ask() { return ca.make(host)->enroll(request, host); }
  // With a new key from now on.
  void renew(const EnrollOutcome& outcome) {
    old_key = std::move(key);
    if (!outcome.key_pem.empty()) old_key = std::make_unique<crypto::Key>(crypto::Key::from_pem(outcome.key_pem));
    key = std::make_unique<crypto::Key>(crypto::Key::generate({}));
    current.certificate_pem = outcome.certificate_pem;
    current.ca_set_pem = outcome.ca_set_pem;
    request.action = EnrollAction::renew;
    request.key = key->get();
    request.current = &current;
    request.current_key = old_key->get();
    request.current_usable = true;
  }
  [[nodiscard]] nlohmann::json last() const { return ca.log().back(); }

  DevelopmentCa& ca;
  contract::TestEnrollHost host;
  std::unique_ptr<crypto::Key> key;
  std::unique_ptr<crypto::Key> old_key;
  Credential current;
  EnrollRequest request;
};

SecretSource secret(const char* text) {
  SecretSource source;
  source.inline_text = Secret(text);
  return source;
}

}  // namespace

TEST_CASE("the enroller est keeps the promises of an enroller, at a CA that answers itself") {
  contract::enroller_suite({[] { return a_ca("single", [](devca::ServeSettings&) {}); }});
}

TEST_CASE("the enroller est keeps the promises of an enroller, at a chain of two CAs") {
  contract::enroller_suite({[] {
    return a_ca("chain", [](devca::ServeSettings& settings) {
      settings.shape.chain = true;
      settings.shape.ca_key = settings.shape.root_key = {KeyType::ec, 0, "P-256"};
    });
  }});
}

TEST_CASE("logins: basic and digest, and what is said when they are wrong") {
  for (const auto& [mode, word] :
       {std::pair(devca::LoginMode::both, "auto"), std::pair(devca::LoginMode::basic, "auto"),
        std::pair(devca::LoginMode::digest, "auto"), std::pair(devca::LoginMode::basic, "basic"),
        std::pair(devca::LoginMode::digest, "digest")}) {
    INFO(word);
    const auto ca = a_ca("single", [&, mode = mode](devca::ServeSettings& settings) {
      settings.challenges = {"let me in"};
      settings.est.login = mode;
    });
    Profile profile(*ca);
    ca->options["user"] = std::string("router");
    ca->options["password"] = secret("let me in");
    ca->options["login"] = std::string(word);
    EnrollOutcome first = profile.ask().value();
    CHECK(first.state == EnrollState::issued);
    CHECK(profile.last()["challenge"] == "right");

    // The renewal needs no login; where it does, the certificate goes first.
    profile.renew(first);
    CHECK(profile.ask().value().state == EnrollState::issued);
    CHECK(profile.last()["type"] == "simplereenroll");
    CHECK(profile.last()["challenge"] == "absent");

    profile.request.action = EnrollAction::enroll;
    ca->options["password"] = secret("let me out");
    EnrollOutcome refused = profile.ask().value();
    CHECK(refused.state == EnrollState::rejected);
    CHECK(refused.reason.code == "login-refused");
    CHECK(refused.reason.hint.find("certctl development CA") != std::string::npos);
    CHECK((refused.reason.message + refused.reason.hint).find("let me") == std::string::npos);
  }
}

TEST_CASE("a renewal that needs both the certificate and the login") {
  const auto ca = a_ca("single", [](devca::ServeSettings& settings) {
    settings.challenges = {"let me in"};
    settings.renewal_challenge_required = true;
  });
  Profile profile(*ca);
  ca->options["user"] = std::string("router");
  ca->options["password"] = secret("let me in");
  profile.renew(profile.ask().value());
  CHECK(profile.ask().value().state == EnrollState::issued);
  CHECK(profile.last()["signer"] == "issued");
  CHECK(profile.last()["challenge"] == "right");
  ca->options["renewal_login"] = false;
  CHECK(profile.ask().value().state == EnrollState::rejected);
}

TEST_CASE("a label that the server does not have") {
  const auto ca = a_ca("single", [](devca::ServeSettings& settings) { settings.est.label = "lab"; });
  Profile profile(*ca);
  CHECK(profile.ask().error().message.find("404") != std::string::npos);
  ca->options["label"] = std::string("lab");
  CHECK(profile.ask().value().state == EnrollState::issued);
}

TEST_CASE("a server whose TLS certificate does not fit is told nothing") {
  for (const devca::EstTls how : {devca::EstTls::stranger, devca::EstTls::wrong_name, devca::EstTls::expired}) {
    const auto ca = a_ca("single", [&](devca::ServeSettings& settings) { settings.est.tls = how; });
    Profile profile(*ca);
    ca->options["user"] = std::string("router");
    ca->options["password"] = secret("let me in");
    const auto result = profile.ask();
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == "tls-untrusted");
    CHECK(ca->requests() == 0);
    for (const auto& entry : ca->log()) CHECK(entry["operation"] == "cacerts");
    if (how != devca::EstTls::expired) continue;
    // A device that does not know the time cannot judge it.
    profile.host.state().clock_trusted = false;
    CHECK(profile.ask().value().state == EnrollState::issued);
  }
}

TEST_CASE("a key that the server makes comes with its certificate, and renews with it") {
  const auto ca = a_ca("single", [](devca::ServeSettings&) {});
  Profile profile(*ca);
  ca->options["server_key"] = true;
  EnrollOutcome first = profile.ask().value();
  REQUIRE(first.state == EnrollState::issued);
  CHECK(profile.last()["type"] == "serverkeygen");
  const auto certificate = crypto::Certificate::from_pem(first.certificate_pem);
  CHECK(certificate.carries(crypto::Key::from_pem(first.key_pem)));
  CHECK_FALSE(certificate.carries(profile.request.key));
  profile.renew(first);
  const EnrollOutcome second = profile.ask().value();
  REQUIRE(second.state == EnrollState::issued);
  CHECK(profile.last()["signer"] == "issued");
  CHECK(second.key_pem.reveal() != first.key_pem.reveal());

  for (const char* fault : {"key-only", "certificate-only", "two-keys", "encrypted-key", "no-boundary", "cut-parts",
                            "many-parts", "not-multipart", "garbage", "empty"}) {
    INFO(fault);
    ca->faults(std::string("serverkey/") + fault);
    const auto result = profile.ask();
    REQUIRE_FALSE(result.ok());
    CHECK_FALSE(result.error().message.empty());
    CHECK(result.error().message.find("BEGIN") == std::string::npos);
  }
  ca->faults("serverkey/stranger-key");
  CHECK(profile.ask().value().reason.code == "other-key");
  ca->faults("");
  profile.request.key_is_current = true;
  CHECK(profile.ask().error().code == "bad-option");
}

TEST_CASE("the next CA is proved by the one in service, or not at all") {
  const auto ca = a_ca("next", [](devca::ServeSettings& settings) { settings.shape.next_ca = true; });
  Profile profile(*ca);
  const EnrollOutcome outcome = profile.ask().value();
  REQUIRE(outcome.state == EnrollState::issued);
  const auto enroller = ca->make(profile.host);
  const auto next = enroller->fetch_next_anchors(outcome.ca_set_pem, {}, profile.host).value();
  REQUIRE(next.size() == 1);
  CHECK(crypto::Certificate::from_pem(next.front()) == ca->authority().next->certificate);
  ca->faults("cacerts/wrong-ca");
  auto wrong = enroller->fetch_next_anchors(outcome.ca_set_pem, {}, profile.host);
  CHECK((!wrong.ok() || wrong.value().empty()));
}
