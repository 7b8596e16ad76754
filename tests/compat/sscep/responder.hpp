// A SCEP server on loopback that answers as the path of its URL says (knobs.hpp), and remembers what it was asked.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/issue.hpp"
#include "tests/compat/sscep/knobs.hpp"
#include "tests/unit/net/scripted_server.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sscep_test {

using namespace certctl;

inline Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Seen {
  std::string method;
  std::string target;
  std::string host;
  std::string operation;
  std::optional<std::string> identifier;
  std::optional<scep::ReceivedRequest> request;  // PKIOperation
};

class Responder {
 public:
  // `port`: 0 takes a free one. `ipv6`: on ::1.
  explicit Responder(int port = 0, bool ipv6 = false);

  [[nodiscard]] int port() const { return server_.port(); }
  // "shape=ra/status=3,0": the URL with these knobs.
  [[nodiscard]] std::string url(const std::string& knobs = {}) const;

  [[nodiscard]] std::vector<Seen> seen() const;
  [[nodiscard]] std::vector<Seen> messages() const;  // PKIOperations among them
  void forget();

  // The certificates of a shape in a fixed order: those that GetCACert gives with order=0.
  [[nodiscard]] std::vector<crypto::Certificate> set(const std::string& shape) const;
  [[nodiscard]] const crypto::Issuer& root() const { return *root_; }
  [[nodiscard]] const crypto::Issuer& lower() const { return *lower_; }
  [[nodiscard]] const crypto::Issuer& stranger() const { return *stranger_; }
  [[nodiscard]] const crypto::Issuer& next() const { return *next_; }
  crypto::Certificate issue(const crypto::Csr& csr, const crypto::Issuer& issuer,
                            const crypto::Key* other_key = nullptr) const;
  // A certificate for the same subject and key, as `content=old` sends it.
  void set_old(crypto::Certificate old) { old_ = std::move(old); }

 private:
  struct Who {
    const crypto::Issuer* issuer;   // of certificates
    const crypto::Issuer* signer;   // of replies
    const crypto::Issuer* decrypt;  // of requests; null: by the challenge
  };
  struct Answer {
    int status = 200;
    std::string type;
    Bytes body;
  };
  void serve(net::test::Connection& connection, const std::string& request);
  [[nodiscard]] Who who(const Knobs& knobs) const;
  [[nodiscard]] Answer capabilities(const Knobs& knobs) const;
  [[nodiscard]] Answer ca_certificates(const Knobs& knobs, const Seen& seen) const;
  [[nodiscard]] Answer next_certificates(const Knobs& knobs) const;
  Answer operation(const Knobs& knobs, const Bytes& message, Seen& seen);
  Bytes reply(const Knobs& knobs, const scep::ReceivedRequest& request, const Who& who);
  Bytes content(const Knobs& knobs, const scep::ReceivedRequest& request, const Who& who);

  std::optional<crypto::Issuer> root_, lower_, ra_, ra_sign_, ra_encrypt_, stranger_, next_, ec_, renewed_;
  std::optional<crypto::Key> other_key_;
  std::optional<crypto::Certificate> old_;
  std::map<std::string, crypto::Csr> known_;  // by transaction ID
  std::map<std::string, std::size_t> counts_;
  std::vector<Seen> seen_;
  mutable std::mutex mutex_;
  net::test::ScriptedServer server_;  // last: its thread uses the others
};

}  // namespace sscep_test
