// Enroller "EXAMPLE": asks a CA through a program (README.md says how it is called). What it shows is the order of
// things: compare the CA with the pin, make the request durable before it leaves, and settle with what was made durable
// what a crash or a lost answer left open. Of a protocol of its own, it is `ask()` that changes.
#include <certctl/plugin.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "csr.hpp"

namespace {

using namespace certctl;

constexpr OptionSpec kOptions[] = {
    {"client", OptionType::path, "", true, true, "", "the program that speaks to the CA"},
    {"ca_file", OptionType::path, "", true, true, "", "the CA certificates that are trusted (PEM)"},
    {"timeout", OptionType::duration, "60s", false, false, "", "for each call of the program"},
};

enum class Answer : int { issued = 0, waits = 10, refused = 20, unknown = 30, not_reached = 40 };

// What resume() needs: in the token, which is on disk before the request leaves. No private key is in it.
struct Open {
  std::string id;
  std::string csr;
};
constexpr const char* kMagic = "EXAMPLE 1 ";

std::string token_of(const Open& open) {
  return kMagic + open.id + "\n" + open.csr;
}
Open open_of(const std::string& token) {
  const std::size_t line = token.find('\n');
  const std::string magic = kMagic;
  if (!token.starts_with(magic) || line == std::string::npos || token.find("-----END", line) == std::string::npos)
    throw Failure::never("bad-token", "this is no token of the enroller EXAMPLE", "begin again with `--new-request`");
  return {token.substr(magic.size(), line - magic.size()), token.substr(line + 1)};
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw Failure("cannot-read", "cannot read " + path, "is it there?");
  return text;
}

class Example final : public Enroller, public FetchesTrustAnchors {
 public:
  // Judges its options, and touches nothing.
  Example(const Options& options, Host& /*host*/)
      : client_(options.text("client")), ca_file_(options.text("ca_file")), timeout_(options.duration("timeout")) {}

  EnrollOutcome enroll(const EnrollRequest& request, EnrollHost& host) override {
    const TrustAnchors trust = trusted(request.vouched_pem, host);
    const Open open{new_id(), make_csr(request)};
    return submit(open, trust, host);
  }

  EnrollOutcome resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                       EnrollHost& host) override {
    const Open open = open_of(token);
    const TrustAnchors trust = trusted(request.vouched_pem, host);
    std::string said;
    const Answer answer = ask({"poll", open.id}, host, said);
    // It never arrived: the same request again, with the same key and number.
    if (answer == Answer::unknown && reason == ResumeReason::in_doubt) return submit(open, trust, host);
    return outcome(open, answer, said, trust, host);
  }

  TrustAnchors fetch_trust_anchors(const std::vector<std::string>& vouched_pem, Host& host) override {
    TrustAnchors trust;
    std::string said;
    if (ask({"ca"}, host, said) != Answer::issued)
      throw Failure("ca-unreachable", "the CA does not tell its certificates: " + said, "is it running?");
    trust.ca_set_pem = certificates_in(said);
    if (trust.ca_set_pem.empty())
      throw Failure("no-answer", "the CA tells no certificates of its own", "look at what the client program says");
    std::vector<std::string> pinned = certificates_in(read(ca_file_));
    for (const std::string& pem : vouched_pem)
      for (std::string& one : certificates_in(pem)) pinned.push_back(std::move(one));
    for (const std::string& one : trust.ca_set_pem)
      if (std::find(pinned.begin(), pinned.end(), one) != pinned.end()) trust.anchors_pem.push_back(one);
    if (trust.anchors_pem.empty()) trust.pin_problem = "none of the CA's certificates is in " + ca_file_;
    return trust;
  }

 private:
  TrustAnchors trusted(const std::vector<std::string>& vouched_pem, Host& host) {
    TrustAnchors trust = fetch_trust_anchors(vouched_pem, host);
    if (trust.anchors_pem.empty()) throw Failure::never("ca-untrusted", trust.pin_problem, "ask the CA's operator");
    return trust;
  }

  EnrollOutcome submit(const Open& open, const TrustAnchors& trust, EnrollHost& host) {
    host.checkpoint(token_of(open), Checkpoint::about_to_send, open.id).value();
    std::string said;
    const Answer answer = ask({"submit", open.id}, host, said, open.csr);
    if (answer == Answer::not_reached) host.checkpoint(token_of(open), Checkpoint::not_sent, open.id).value();
    return outcome(open, answer, said, trust, host);
  }

  static EnrollOutcome outcome(const Open& open, Answer answer, const std::string& said, const TrustAnchors& trust,
                               EnrollHost& host) {
    EnrollOutcome result;
    result.display = "request " + open.id;
    if (answer == Answer::issued && certificates_in(said).size() == 1) {
      result.state = EnrollState::issued;
      result.certificate_pem = said;
      result.ca_set_pem = trust.ca_set_pem;
      result.anchors_pem = trust.anchors_pem;
    } else if (answer == Answer::waits) {
      result.state = EnrollState::pending;
      result.transaction_id = open.id;
      host.checkpoint(token_of(open), Checkpoint::awaiting, open.id).value();
    } else if (answer == Answer::refused) {
      result.state = EnrollState::rejected;
      result.reason = {"refused", "the CA refuses the request: " + said, "ask the CA's operator", {}, {}};
    } else {
      throw Failure("no-answer", "the CA gives no answer that could be understood",
                    "look at what the client program says");
    }
    return result;
  }

  // One message to the CA. `said`: the file that the program wrote, or, when it refused, its words.
  Answer ask(std::vector<std::string> words, Host& host, std::string& said, const std::string& csr = {}) const {
    const std::string work = host.work_directory().value();
    const std::string answer = work + "/answer";
    std::ofstream(answer, std::ios::binary | std::ios::trunc).close();
    words.insert(words.begin(), client_);
    if (!csr.empty()) {
      const std::string request = work + "/request.pem";
      std::ofstream(request, std::ios::binary | std::ios::trunc) << csr;
      words.push_back(request);
    }
    words.push_back(answer);
    const CommandOutcome ended = host.run(Command{false, words}, nullptr, timeout_).value();
    said = ended.exit_status == 0 ? read(answer) : ended.output.substr(0, ended.output.find('\n'));
    switch (ended.exit_status) {
      case 0: return Answer::issued;
      case 10: return Answer::waits;
      case 20: return Answer::refused;
      case 30: return Answer::unknown;
      case 40: return Answer::not_reached;
      default: throw Failure("no-answer", "the CA's client failed: " + said, "run it by hand");
    }
  }

  static std::string new_id() {
    std::random_device random;
    std::ostringstream id;
    for (int i = 0; i < 4; ++i) id << std::hex << random();
    return id.str();
  }

  std::string client_;
  std::string ca_file_;
  std::chrono::seconds timeout_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Enroller, Example, "EXAMPLE", "0.1", "a CA that a program speaks to", kOptions);
