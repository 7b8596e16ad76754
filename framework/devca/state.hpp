// What the development CA remembers, all of it in files: any number of processes may look at it and change it, one at a
// time, and it may be killed at any instant.
#pragma once

#include "enrollers/scep/protocol/words.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/sys/lock.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca {

enum class TransactionState : int { pending, approved, denied, issued };
std::string_view name_of(TransactionState state);

// One request, from its first message to its last poll.
struct Transaction {
  std::string id;  // short, for people: the beginning of the file's name
  std::string transaction_id;
  TransactionState state = TransactionState::pending;
  scep::MessageType message_type = scep::MessageType::pkcs_req;
  bool renewal = false;
  Bytes csr;
  std::string signer_pem;  // certificate that signed the request; polls must be signed with its key
  std::string challenge;   // only for keys that cannot decrypt: the reply is encrypted with it
  TimePoint since;
  std::string reason;           // denied
  std::string certificate_pem;  // issued
  std::string key_pem;          // EST: the key that was made for it here
};

struct Issued {
  std::string pem;
  bool revoked = false;
  TimePoint revoked_at;
};

// Everything below `directory`. A State holds the lock of the directory from construction to destruction.
class State {
 public:
  // The directory must exist (make_state_directory). Fails with "busy" after 10 s.
  explicit State(const std::string& directory);

  [[nodiscard]] std::optional<Transaction> transaction(const std::string& transaction_id) const;
  void save(const Transaction& transaction) const;
  [[nodiscard]] std::vector<Transaction> transactions() const;  // by time

  void add_issued(const crypto::Certificate& certificate) const;
  // The very certificate, if this CA issued it.
  [[nodiscard]] std::optional<Issued> issued(const crypto::Certificate& certificate) const;
  [[nodiscard]] std::vector<Issued> issued_with_serial(const std::string& serial) const;
  [[nodiscard]] std::vector<Issued> all_issued() const;  // by time of issue
  void revoke(const crypto::Certificate& certificate, TimePoint at) const;

  // The next serial as content octets of an INTEGER: counting from `start` (hex) if it is given, else random.
  [[nodiscard]] Bytes next_serial(const std::string& start) const;

  // A one-time challenge is good for the transaction that used it first.
  [[nodiscard]] bool may_use(const std::string& challenge, const std::string& transaction_id) const;
  void mark_used(const std::string& challenge, const std::string& transaction_id) const;

  // The message of the last SUCCESS, for a fault that sends it again.
  [[nodiscard]] std::optional<Bytes> last_reply() const;
  void keep_reply(const Bytes& message) const;

  [[nodiscard]] std::string faults() const;  // text for read_faults()
  void set_faults(const std::string& text) const;

  // One line for requests.log.
  void log_request(const std::string& json_line) const;

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string directory_;
  sys::FileLock lock_;
};

// The directory (0700) and the folders in it.
void make_state_directory(const std::string& directory);

}  // namespace certctl::devca
