// An ACME server in memory: it checks every signature, issues, and does what a test wants it to do besides. It shares
// no code with the plugin where it reads what the plugin wrote: JWS are checked with OpenSSL here.
#pragma once

#include "enrollers/acme/transport.hpp"
#include "framework/crypto/issue.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace acme_test {

using namespace certctl;
using Json = nlohmann::json;

class AcmeServer final : public acme::Transport {
 public:
  struct Seen {
    bool post = false;
    std::string path;     // "/order"
    Json header;          // protected
    std::string payload;  // decoded
    std::string accept;
  };
  struct Order {
    Json identifiers;
    std::string status = "pending";
    std::set<std::size_t> proved;
    Json error;
    std::string certificates;  // PEM
    Json text;                 // what was ordered
  };

  explicit AcmeServer(TimePoint now);

  acme::HttpReply get(const std::string& url) override { return take(false, url, {}, {}); }
  acme::HttpReply post(const std::string& url, const std::string& body, const std::string& accept) override {
    return take(true, url, body, accept);
  }
  void pause(std::chrono::milliseconds time) override;

  // A reply of its own kind for a request, or nothing. May change what is seen.
  std::function<std::optional<acme::HttpReply>(const Seen&)> interfere;
  std::function<void(acme::HttpReply&, const Seen&)> spoil;  // what it would have said
  std::function<void(const std::string& token, const Json& identifier)> on_challenge;
  std::function<void(crypto::IssueSpec&)> shape;
  std::function<void()> on_pause;

  std::string base = "https://ca.test";
  bool down = false;
  bool lose_certificate = false;  // issues, and the answer to finalize is lost
  bool waits = false;             // orders stay in processing
  bool challenges_fail = false;
  bool looks_in_vain = false;  // answered challenges stay pending, with an error, as step-ca has them
  bool with_alternate = false;
  std::chrono::seconds retry_after{0};
  Json meta = Json::object();
  std::string binding_key;   // HMAC key: accounts must be bound with it
  std::string renewal_info;  // body of its answer; empty: the directory has none

  void decide(bool approve);
  static acme::HttpReply problem(int status, const std::string& type, const std::string& detail = "no");

  [[nodiscard]] std::vector<std::string> posts() const;  // paths
  [[nodiscard]] std::size_t count(const std::string& path) const;

  crypto::Issuer root;
  crypto::Issuer other_root;
  crypto::Issuer issuing;
  std::vector<Seen> seen;
  std::vector<Order> orders;
  std::map<std::string, std::string> accounts;  // web key -> path
  std::size_t issued = 0;
  std::vector<std::string> complaints;  // what was wrong with requests
  std::chrono::milliseconds paused{0};

 private:
  acme::HttpReply take(bool post, const std::string& url, const std::string& body, const std::string& accept);
  acme::HttpReply answer(const Seen& request);
  acme::HttpReply account(const Seen& request);
  acme::HttpReply new_order(const Seen& request);
  acme::HttpReply order_reply(std::size_t number, int status = 200) const;
  acme::HttpReply authorization(std::size_t order, std::size_t name) const;
  acme::HttpReply finalize(std::size_t number, const Seen& request);
  bool check(Seen& request, const std::string& url, const std::string& body);
  [[nodiscard]] std::string fresh_nonce();

  TimePoint now_;
  std::mutex mutex_;
  std::set<std::string> nonces_;
  int made_ = 0;
};

}  // namespace acme_test
