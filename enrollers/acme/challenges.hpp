// Answers to challenges, where the server looks for them: a file below a web server's root, a small HTTP or TLS server
// of our own, or records that a script puts into the DNS (RFC 8555 §8.3, §8.4; RFC 8737).
#pragma once

#include "enrollers/acme/settings.hpp"
#include "enrollers/acme/transaction.hpp"
#include "enrollers/acme/transport.hpp"

#include <certctl/host.hpp>

#include <memory>
#include <string>

namespace certctl::acme {

class Challenges {
 public:
  // All are borrowed for the life of this object, which serves until it goes.
  Challenges(const Settings& settings, Transport& transport, Host& host);
  ~Challenges();
  Challenges(const Challenges&) = delete;
  Challenges& operator=(const Challenges&) = delete;

  // The first of the kinds that are set up and offered; null: none.
  [[nodiscard]] const Challenge* choose(const Authorization& authorization) const;

  // Lays the answer out. Twice is as once. Fails with what the file, the port or the script says (later).
  void present(const Presented& answer);
  // After all are laid out: waits until the DNS has them, if one of them is there.
  void wait_for_propagation();
  // Takes it away. Never fails: what stays is a warning.
  void withdraw(const Presented& answer) noexcept;

 private:
  struct Served;
  void run_script(const std::string& verb, const Presented& answer);
  void serve_http(const Presented& answer);
  void serve_tls(const Presented& answer);

  const Settings& settings_;
  Transport& transport_;
  Host& host_;
  bool records_are_new_ = false;
  std::unique_ptr<Served> served_;
};

}  // namespace certctl::acme
