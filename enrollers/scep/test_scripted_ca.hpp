// For the plugin's tests: a CA behind a Transport, whose answers a test scripts message by message. It is built on the
// protocol library's server side; what the wire really looks like is tested with foreign vectors and servers.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "enrollers/scep/transport.hpp"
#include "framework/crypto/issue.hpp"

#include <certctl/enroller.hpp>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace scep_test {

using namespace certctl;

// RSA keys made once for all tests; the same number gives the same key.
const crypto::Key& rsa_key(int number);
const crypto::Key& ec_key();
// The time at which tests play.
TimePoint test_time();

class ScriptedCa : public scep::Transport {
 public:
  using Handler = std::function<scep::HttpReply(const scep::ReceivedRequest&)>;

  // One CA that also decrypts; or root, issuing CA and one RA certificate (only RA and root in GetCACert).
  static ScriptedCa single();
  static ScriptedCa with_ra();

  // What each further message gets; when the script is used up: issue().
  std::deque<Handler> script;
  std::string capabilities = "AES\nSHA-256\nPOSTPKIOperation\nRenewal\n";
  int capabilities_status = 200;
  std::vector<crypto::Certificate> set;   // of GetCACert
  std::vector<crypto::Certificate> next;  // of GetNextCACert
  scep::ReplyFaults faults;               // of every CertRep
  scep::NoContent no_content = scep::NoContent::zero_length;
  Secret challenge;                         // for password envelopes
  std::vector<crypto::Certificate> inside;  // issued together with the certificate
  bool reachable = true;
  crypto::ContentCipher reply_cipher = crypto::ContentCipher::aes128_cbc;
  crypto::Digest reply_digest = crypto::Digest::sha256;

  // Handlers.
  Handler issue();
  Handler issue_to(const crypto::Key& other_key);  // a certificate for another key
  Handler issued_earlier();                        // to a poll: the certificate of the last CSR
  Handler fail(scep::FailInfo reason, std::string text = {}, int status = 200, std::string phrase = "OK");
  Handler pending();
  static Handler http(int status, std::string body, std::string type = "text/plain", std::string phrase = {});
  static Handler lost(std::string code = "reply-lost");  // the connection breaks after the request was sent
  Handler issue_and_lose();                              // issues, and the answer is lost
  static Handler unreachable();                          // no connection

  scep::HttpReply get(const std::string& url) override;
  scep::HttpReply post(const std::string& url, const Bytes& body) override;
  Bytes search(const std::string& url) override;  // no directory answers

  struct Seen {
    scep::ReceivedRequest request;
    bool post = true;
    Bytes raw;
  };
  std::vector<Seen> seen;  // the messages
  int certificates = 0;    // issued
  [[nodiscard]] const crypto::Certificate& anchor() const { return root_ ? *root_ : issuer_.certificate; }
  [[nodiscard]] const crypto::Issuer& issuer() const { return issuer_; }
  [[nodiscard]] const crypto::Issuer& responder() const { return responder_; }
  void rename_responder(crypto::Issuer responder) { responder_ = std::move(responder); }
  crypto::Certificate issue_for(const crypto::Csr& csr, const crypto::Key* other_key = nullptr);

 private:
  ScriptedCa(crypto::Issuer issuer, crypto::Issuer responder, std::optional<crypto::Certificate> root)
      : issuer_(std::move(issuer)), responder_(std::move(responder)), root_(std::move(root)) {}
  scep::HttpReply message(const Bytes& body, bool post);
  scep::ReplySpec spec_for(const scep::ReceivedRequest& request, scep::PkiStatus status);
  scep::HttpReply send(const scep::ReplySpec& spec, int status = 200, std::string phrase = "OK");
  scep::HttpReply success(const scep::ReceivedRequest& request, const crypto::Certificate& certificate);

  crypto::Issuer issuer_;
  crypto::Issuer responder_;
  std::optional<crypto::Certificate> root_;
  std::optional<crypto::Csr> last_csr_;
};

// What the engine gives to an enroller.
class TestHost final : public EnrollHost {
 public:
  TimePoint time = test_time();
  bool trusted = true;
  std::vector<std::string> lines;
  struct Saved {
    std::string token;
    Checkpoint state;
    std::string transaction_id;
    std::size_t messages_before;  // how many messages the CA had seen
  };
  std::vector<Saved> saved;
  std::function<std::size_t()> messages;  // counts them
  bool refuse_checkpoint = false;

  [[nodiscard]] const std::string& profile() const noexcept override { return profile_; }
  [[nodiscard]] TimePoint now() const noexcept override { return time; }
  [[nodiscard]] bool clock_trusted() const noexcept override { return trusted; }
  void log(LogLevel level, std::string_view line) noexcept override;
  [[nodiscard]] Result<std::string> work_directory() noexcept override;
  [[nodiscard]] Result<CommandOutcome> run(const Command& command, const Credential* credential,
                                           std::chrono::seconds timeout) noexcept override;
  [[nodiscard]] Result<Secret> read_secret(const SecretSource& source) noexcept override;
  [[nodiscard]] Result<void> checkpoint(const std::string& token, Checkpoint state,
                                        const std::string& transaction_id) noexcept override;
  [[nodiscard]] std::string log_text() const;

 private:
  std::string profile_ = "test";
};

}  // namespace scep_test
