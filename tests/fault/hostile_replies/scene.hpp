// The scene of every case: the enroller plugin, made by its descriptor, asks a CA over HTTP on loopback; the CA answers
// genuinely, for that very request, and what becomes of the answer on its way is the case.
#pragma once

#include "enrollers/scep/test_scripted_ca.hpp"
#include "tests/contract/instance.hpp"
#include "tests/unit/net/scripted_server.hpp"

#include <certctl/plugin.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::hostile {

inline constexpr std::chrono::hours kDay{24};

// What is asked through the plugin.
enum class Question : int { enroll, poll, look_up_set, look_up_next, look_up_certificate, look_up_crl };
// Which of the answers that this takes is the hostile one.
enum class Asked : int { capabilities, ca_set, next_set, message };
std::string_view name_of(Asked asked);

struct Case {
  using Answer = std::function<scep::HttpReply(const scep::ReceivedRequest& request)>;
  std::string name;
  Asked hostile = Asked::message;
  Answer answer;                                 // to the message, instead of the scene's
  std::function<void(scep::HttpReply&)> change;  // of the hostile answer
  // Says the hostile answer, `whole`, in its own way. Returns false when the client did not hang up as it must.
  std::function<bool(net::test::Connection&, const std::string& whole)> speak;
  // A certificate that the pinned CA issued to somebody stands for an RA: the protocol cannot tell (README of the
  // plugin).
  bool stranger_may_read = false;
};

// What the plugin handed back.
struct Result {
  std::optional<Error> error;
  std::optional<EnrollOutcome> outcome;  // enroll, poll
  std::vector<std::string> texts;        // look-ups: PEM, or DER of a list
  std::vector<std::string> anchors;      // look_up_set
  // What the CA saw.
  bool to_stranger = false;     // a message encrypted to a certificate that is none of the CA's
  bool weak_algorithm = false;  // a message in single DES or with MD5
  bool hung = false;            // the client stayed where it had to hang up
  long milliseconds = 0;        // without what the CA took to make its answers
};

struct SceneSettings {
  bool ignore_nonce = false;  // the plugin's option: with it replayed answers are taken
  std::chrono::seconds timeout{30};
  std::size_t max_reply = 512U << 10U;
};

class Scene {
 public:
  explicit Scene(const SceneSettings& settings);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  Result ask(Question question, const Case& one);

  // Genuine answers to a message.
  Case::Answer success();  // always with the same certificate
  Case::Answer pending();
  Case::Answer failure();
  Case::Answer certificate();  // GetCert
  Case::Answer crl();          // GetCRL
  // Parts for answers that are not: a SUCCESS with these certificates inside; a reply as specified.
  scep::ReplySpec reply_to(const scep::ReceivedRequest& request, scep::PkiStatus status) const;
  scep::HttpReply success_with(const scep::ReceivedRequest& request, const std::vector<crypto::Certificate>& inside,
                               const std::function<void(scep::ReplySpec&)>& change = {}) const;
  // A certificate for the open request's key.
  crypto::Certificate issue(const std::function<void(crypto::IssueSpec&)>& change,
                            const crypto::Issuer* issuer = nullptr) const;

  scep_test::ScriptedCa& ca() { return ca_; }
  [[nodiscard]] const crypto::Certificate& issued() const { return *issued_; }
  [[nodiscard]] const crypto::Certificate& held() const { return *held_; }
  [[nodiscard]] const EnrollRequest& request() const { return request_; }
  [[nodiscard]] const std::vector<crypto::Certificate>& known() const { return known_; }  // the CA's own
  [[nodiscard]] std::string last_issued() const;  // PEM of what the CA issued last by itself
  [[nodiscard]] const crypto::Csr& csr() const { return *csr_; }

 private:
  void serve(net::test::Connection& connection, const std::string& request);
  scep::HttpReply genuine(Asked asked, const std::string& target, const std::string& body, const Case& one);
  void note(const Bytes& message);

  scep_test::ScriptedCa ca_;
  scep_test::TestHost host_;
  EnrollRequest request_;
  Credential current_;
  std::vector<crypto::Certificate> known_;
  std::optional<crypto::Csr> csr_;
  std::optional<crypto::Certificate> issued_;
  std::optional<crypto::Certificate> held_;
  Bytes crl_;
  Bytes next_;
  std::string token_;  // of the open request

  mutable std::mutex mutex_;  // of what follows, which the server's thread uses
  std::shared_ptr<const Case> case_;
  std::string last_issued_;
  bool to_stranger_ = false;
  bool weak_algorithm_ = false;
  bool hung_ = false;
  std::chrono::steady_clock::duration making_{};  // spent on answers

  std::unique_ptr<net::test::ScriptedServer> server_;
  std::unique_ptr<contract::Made<EnrollerApi>> plugin_;
};

}  // namespace certctl::hostile
