#include "framework/devca/state.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"
#include "framework/devca/settings.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/clock.hpp"
#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/system_error.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace certctl::devca {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxRecord = 1U << 20U;
constexpr const char* kTransactions = "transactions";
constexpr const char* kIssued = "issued";

std::string name_for(const std::string& transaction_id) {
  return crypto::sha256_hex(transaction_id).substr(0, 40);
}

// A serial number of any length in the name of a file.
std::string name_of_serial(const std::string& serial) {
  return serial.substr(0, 100);
}

std::string issued_name(const crypto::Certificate& certificate) {
  return name_of_serial(certificate.serial()) + "~" + certificate.fingerprint().substr(7, 32);
}

TransactionState state_from(const std::string& word) {
  for (const TransactionState state :
       {TransactionState::pending, TransactionState::approved, TransactionState::denied, TransactionState::issued})
    if (name_of(state) == word) return state;
  return TransactionState::pending;
}

std::string encode(const Transaction& transaction) {
  const json record = {{"transaction", transaction.transaction_id},
                       {"state", name_of(transaction.state)},
                       {"type", scep::digits_of(transaction.message_type)},
                       {"renewal", transaction.renewal},
                       {"csr", crypto::base64_encode(transaction.csr)},
                       {"signer", transaction.signer_pem},
                       {"challenge", transaction.challenge},
                       {"since", sys::text_time(transaction.since)},
                       {"reason", transaction.reason},
                       {"certificate", transaction.certificate_pem},
                       {"key", transaction.key_pem}};
  return record.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Transaction decode(const std::string& text, const std::string& name) {
  const json record = json::parse(text);
  Transaction transaction;
  transaction.id = name.substr(0, 8);
  transaction.transaction_id = record.at("transaction").get<std::string>();
  transaction.state = state_from(record.at("state").get<std::string>());
  transaction.message_type =
      scep::message_type_from(record.at("type").get<std::string>()).value_or(scep::MessageType::pkcs_req);
  transaction.renewal = record.at("renewal").get<bool>();
  transaction.csr = crypto::base64_decode(record.at("csr").get<std::string>()).value_or(Bytes{});
  transaction.signer_pem = record.at("signer").get<std::string>();
  transaction.challenge = record.at("challenge").get<std::string>();
  transaction.since = sys::parse_time(record.at("since").get<std::string>()).value_or(TimePoint{});
  transaction.reason = record.at("reason").get<std::string>();
  transaction.certificate_pem = record.at("certificate").get<std::string>();
  transaction.key_pem = record.value("key", "");
  return transaction;
}

// Names in a folder that end in `ending`, without it.
std::vector<std::string> names_in(const std::string& directory, const std::string& ending) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > ending.size() && name.ends_with(ending) && !name.starts_with('.'))
      names.push_back(name.substr(0, name.size() - ending.size()));
  }
  return names;
}

}  // namespace

std::string_view name_of(TransactionState state) {
  switch (state) {
    case TransactionState::pending: return "pending";
    case TransactionState::approved: return "approved";
    case TransactionState::denied: return "denied";
    case TransactionState::issued: return "issued";
  }
  return "pending";
}

void make_state_directory(const std::string& directory) {
  sys::make_private_directory(directory);
  sys::make_private_directory(directory + "/" + kTransactions);
  sys::make_private_directory(directory + "/" + kIssued);
}

State::State(const std::string& directory)
    : directory_(directory),
      lock_(sys::FileLock::acquire(directory + "/.lock", std::chrono::seconds{10}, "the development CA's state")) {}

// SCEP-192
std::optional<Transaction> State::transaction(const std::string& transaction_id) const {
  const std::string name = name_for(transaction_id);
  const auto text = sys::read_file_if_exists(path(std::string(kTransactions) + "/" + name + ".json"), kMaxRecord);
  if (!text) return std::nullopt;
  return decode(*text, name);
}

void State::save(const Transaction& transaction) const {
  const std::string name = name_for(transaction.transaction_id);
  sys::replace_file(path(std::string(kTransactions) + "/" + name + ".json"), encode(transaction), 0600);
}

std::vector<Transaction> State::transactions() const {
  std::vector<Transaction> all;
  for (const std::string& name : names_in(path(kTransactions), ".json"))
    all.push_back(decode(sys::read_file(path(std::string(kTransactions) + "/" + name + ".json"), kMaxRecord), name));
  std::sort(all.begin(), all.end(), [](const Transaction& left, const Transaction& right) {
    return std::tie(left.since, left.id) < std::tie(right.since, right.id);
  });
  return all;
}

void State::add_issued(const crypto::Certificate& certificate) const {
  sys::replace_file(path(std::string(kIssued) + "/" + issued_name(certificate) + ".pem"), certificate.to_pem(), 0644);
}

std::optional<Issued> State::issued(const crypto::Certificate& certificate) const {
  const std::string base = path(std::string(kIssued) + "/" + issued_name(certificate));
  const auto text = sys::read_file_if_exists(base + ".pem", kMaxRecord);
  if (!text) return std::nullopt;
  Issued issued{*text, false, {}};
  if (const auto revoked = sys::read_file_if_exists(base + ".revoked", 100)) {
    issued.revoked = true;
    issued.revoked_at = sys::parse_time(revoked->substr(0, revoked->find('\n'))).value_or(TimePoint{});
  }
  return issued;
}

std::vector<Issued> State::issued_with_serial(const std::string& serial) const {
  std::vector<Issued> found;
  for (const std::string& name : names_in(path(kIssued), ".pem"))
    if (name.starts_with(name_of_serial(serial) + "~"))
      if (auto one = issued(crypto::Certificate::from_pem(
              sys::read_file(path(std::string(kIssued) + "/" + name + ".pem"), kMaxRecord))))
        found.push_back(std::move(*one));
  return found;
}

std::vector<Issued> State::all_issued() const {
  std::vector<std::pair<fs::file_time_type, Issued>> found;
  for (const std::string& name : names_in(path(kIssued), ".pem")) {
    const std::string file = path(std::string(kIssued) + "/" + name + ".pem");
    std::error_code ignored;
    if (auto one = issued(crypto::Certificate::from_pem(sys::read_file(file, kMaxRecord))))
      found.emplace_back(fs::last_write_time(file, ignored), std::move(*one));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<Issued> all;
  for (auto& [time, one] : found) all.push_back(std::move(one));
  return all;
}

void State::revoke(const crypto::Certificate& certificate, TimePoint at) const {
  sys::replace_file(path(std::string(kIssued) + "/" + issued_name(certificate) + ".revoked"), sys::text_time(at) + "\n",
                    0644);
}

Bytes State::next_serial(const std::string& start) const {
  if (start.empty()) {
    Bytes serial = crypto::random_bytes(16);
    serial.front() = static_cast<std::uint8_t>((serial.front() & 0x7FU) | 0x40U);
    return serial;
  }
  const auto text = sys::read_file_if_exists(path("serial"), 100);
  const Bytes serial = parse_serial(text ? text->substr(0, text->find('\n')) : start);
  Bytes next = serial;
  std::size_t i = next.size();
  while (i > 0 && ++next[i - 1] == 0) --i;
  if (i == 0) next.insert(next.begin(), 1);
  if ((next.front() & 0x80U) != 0) next.insert(next.begin(), 0);
  sys::replace_file(path("serial"), crypto::hex_text(next) + "\n", 0600);
  return serial;
}

bool State::may_use(const std::string& challenge, const std::string& transaction_id) const {
  const auto text = sys::read_file_if_exists(path("used-challenges.json"), kMaxRecord);
  if (!text) return true;
  const json used = json::parse(*text);
  const auto found = used.find(crypto::sha256_hex(challenge));
  return found == used.end() || *found == transaction_id;
}

// SCEP-202
void State::mark_used(const std::string& challenge, const std::string& transaction_id) const {
  const auto text = sys::read_file_if_exists(path("used-challenges.json"), kMaxRecord);
  json used = text ? json::parse(*text) : json::object();
  used[crypto::sha256_hex(challenge)] = transaction_id;
  sys::replace_file(path("used-challenges.json"), used.dump(1, ' ', false, json::error_handler_t::replace) + "\n",
                    0600);
}

std::optional<Bytes> State::last_reply() const {
  const auto text = sys::read_file_if_exists(path("last-reply.der"), 8 * kMaxRecord);
  if (!text) return std::nullopt;
  return Bytes(text->begin(), text->end());
}

void State::keep_reply(const Bytes& message) const {
  sys::replace_file(path("last-reply.der"), std::string(message.begin(), message.end()), 0600);
}

std::string State::faults() const {
  return sys::read_file_if_exists(path("faults"), kMaxRecord).value_or("");
}

void State::set_faults(const std::string& text) const {
  sys::replace_file(path("faults"), text, 0600);
}

void State::log_request(const std::string& json_line) const {
  const std::string name = path("requests.log");
  const sys::FileDescriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.is_open()) throw sys::system_failure(name + ": cannot be opened", errno);
  const std::string line = json_line + "\n";
  if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw sys::system_failure(name + ": cannot be written", errno);
}

}  // namespace certctl::devca
