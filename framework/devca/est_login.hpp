// HTTP logins of EST clients: Basic (RFC 7617) and Digest (RFC 7616), inside TLS. Any user may come; the password is
// one of the CA's challenges.
#pragma once

#include <certctl/types.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::devca {

enum class LoginMode : int { both, basic, digest };

class EstLogin {
 public:
  // `secret` makes nonces that only this server can have made.
  EstLogin(LoginMode mode, Bytes secret) : mode_(mode), secret_(std::move(secret)) {}

  // Values of WWW-Authenticate for a 401.
  [[nodiscard]] std::vector<std::string> challenges(TimePoint now) const;

  // The password that the header proves, out of `passwords`; with Basic whatever it says. Empty: none, or a wrong one,
  // or another nonce, address or scheme than this server takes.
  [[nodiscard]] std::string proved(std::string_view authorization, std::string_view method, std::string_view uri,
                                   const std::vector<std::string>& passwords, TimePoint now) const;

 private:
  [[nodiscard]] std::string nonce(std::int64_t minute) const;
  [[nodiscard]] std::string proved_by_digest(std::string_view parameters, std::string_view method, std::string_view uri,
                                             const std::vector<std::string>& passwords, TimePoint now) const;
  LoginMode mode_;
  Bytes secret_;
};

}  // namespace certctl::devca
