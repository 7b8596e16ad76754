#include "enrollers/acme/client.hpp"

#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/jws.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::acme {
namespace {

constexpr int kMostReplaced = 5;
constexpr std::size_t kLongestNonce = 1024;
constexpr std::size_t kShownAddress = 200;

bool succeeded(const HttpReply& reply) {
  return reply.status >= 200 && reply.status < 300;
}

}  // namespace

Client::Client(const Settings& settings, Transport& transport, const crypto::Key& account_key)
    : settings_(settings), transport_(transport), key_(account_key) {}

// COM-015: what a message says is meant for one server. An address elsewhere would have the account key sign for
// somebody else, and reach hosts that only this machine can.
void Client::check_origin(const std::string& url) const {
  if (origin_of(url) != origin_of(settings_.directory))
    throw Failure("url-elsewhere",
                  "the server names an address at another host or port: " + sys::printable_start(url, kShownAddress),
                  "addresses outside of the directory's host are not followed; ask the operator of the CA");
}

HttpReply Client::get(const std::string& url, const std::string& what) {
  check_origin(url);
  HttpReply reply = transport_.get(url);
  if (is_base64url(reply.nonce) && reply.nonce.size() <= kLongestNonce) nonce_ = reply.nonce;
  if (!succeeded(reply)) throw refusal_of(reply, what);
  return reply;
}

const Directory& Client::directory() {
  if (directory_) return *directory_;
  const HttpReply reply = get(settings_.directory, "the directory");
  try {
    directory_ = parse_directory(reply.body);
  } catch (const Failure& failure) {
    throw unreadable(reply, "the directory", failure.error().message);
  }
  return *directory_;
}

// ACME-003
std::string Client::take_nonce() {
  if (nonce_.empty()) {
    (void)get(directory().new_nonce, "a nonce");
    if (nonce_.empty())
      throw Failure("no-nonce", "the server hands out no nonce", "is `url` the address of an ACME directory?");
  }
  return std::exchange(nonce_, {});
}

HttpReply Client::post(const std::string& url, const std::string& payload, const std::string& what,
                       const std::string& accept) {
  check_origin(url);
  for (int replaced = 0;; ++replaced) {
    const std::string body = sign_request(key_, {url, take_nonce(), account_url_}, payload);
    HttpReply reply = transport_.post(url, body, accept);
    if (is_base64url(reply.nonce) && reply.nonce.size() <= kLongestNonce) nonce_ = reply.nonce;
    if (succeeded(reply)) return reply;
    Refused refused = refusal_of(reply, what);
    if (refused.kind() != "badNonce" || replaced == kMostReplaced) throw refused;
  }
}

}  // namespace certctl::acme
