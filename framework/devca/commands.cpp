#include "framework/devca/commands.hpp"

#include "framework/devca/authority.hpp"

#include "framework/crypto/csr.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/state.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/clock.hpp"
#include "framework/sys/printable.hpp"

#include <algorithm>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

namespace certctl::devca {
namespace {

constexpr std::size_t kMaxLog = 256U << 20U;

void settle(const std::string& directory, const std::vector<std::string>& ids, TransactionState state,
            const std::string& reason) {
  const State open(directory);
  std::vector<Transaction> waiting;
  for (Transaction& transaction : open.transactions())
    if (transaction.state == TransactionState::pending) waiting.push_back(std::move(transaction));
  std::vector<Transaction> chosen;
  if (ids.empty()) chosen = waiting;
  for (const std::string& id : ids) {
    const auto found = std::find_if(waiting.begin(), waiting.end(), [&](const Transaction& one) {
      return !id.empty() && (one.id.starts_with(id) || one.transaction_id == id);
    });
    if (found == waiting.end())
      throw Failure::never("unknown-request", "no request '" + sys::printable(id) + "' waits",
                           "see: certctl-devca pending --state " + directory);
    chosen.push_back(*found);
  }
  for (Transaction& transaction : chosen) {
    transaction.state = state;
    transaction.reason = reason;
    open.save(transaction);
    std::cout << name_of(state) << " " << transaction.id << "\n";
  }
}

}  // namespace

int show_pending(const std::string& directory) {
  const State open(directory);
  for (const Transaction& transaction : open.transactions()) {
    if (transaction.state != TransactionState::pending) continue;
    const crypto::Csr csr = crypto::Csr::from_der(transaction.csr);
    std::cout << transaction.id << "  " << sys::text_time(transaction.since) << "  "
              << sys::printable(csr.subject_text()) << "  " << csr.public_key().public_fingerprint() << "\n";
  }
  return 0;
}

int approve(const std::string& directory, const std::vector<std::string>& ids) {
  settle(directory, ids, TransactionState::approved, {});
  return 0;
}

int deny(const std::string& directory, const std::vector<std::string>& ids, const std::string& reason) {
  settle(directory, ids, TransactionState::denied, reason);
  return 0;
}

int show_issued(const std::string& directory) {
  const State open(directory);
  for (const Issued& one : open.all_issued()) {
    const crypto::Certificate certificate = crypto::Certificate::from_pem(one.pem);
    std::cout << certificate.serial() << "  " << sys::text_time(certificate.not_after()) << "  "
              << sys::printable(certificate.subject_text()) << (one.revoked ? "  revoked" : "") << "\n";
  }
  return 0;
}

int revoke(const std::string& directory, const std::string& serial) {
  const State open(directory);
  const std::vector<Issued> found = open.issued_with_serial(serial);
  if (found.empty())
    throw Failure::never("unknown-serial", "no certificate has the serial '" + sys::printable(serial) + "'",
                         "see: certctl-devca issued --state " + directory);
  for (const Issued& one : found) open.revoke(crypto::Certificate::from_pem(one.pem), sys::SystemClock().now());
  return 0;
}

int roll_over_ca(const std::string& directory, bool only_ra) {
  const State open(directory);
  only_ra ? roll_ra_over(directory) : roll_over(directory);
  return 0;
}

int set_faults(const std::string& directory, const std::vector<std::string>& faults) {
  std::vector<Fault> parsed;
  for (const std::string& text : faults) parsed.push_back(parse_fault(text));
  State(directory).set_faults(print_faults(parsed));
  return 0;
}

int show_requests(const std::string& directory, const std::string& type, bool count) {
  const std::string text = sys::read_file_if_exists(directory + "/requests.log", kMaxLog).value_or("");
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (record.is_discarded()) continue;
    if (!type.empty() && record.value("type", "") != type && record.value("operation", "") != type) continue;
    ++lines;
    if (!count) std::cout << line << "\n";
  }
  if (count) std::cout << lines << "\n";
  return 0;
}

}  // namespace certctl::devca
