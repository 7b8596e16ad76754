#include "distributors/haproxy/runtime.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "framework/sys/printable.hpp"

namespace certctl::haproxy {
namespace {

constexpr std::chrono::seconds kLookLimit{10};
constexpr std::chrono::seconds kCommitLimit{60};  // a certificate may stand in thousands of entries

// The payload ends at the first empty line.
Secret payload_of(const std::string& command, const std::string& pem) {
  std::string text = command;
  text.reserve(command.size() + pem.size() + 8);  // so that no copy of the key stays behind
  std::size_t begin = 0;
  while (begin < pem.size()) {
    const std::size_t end = std::min(pem.find('\n', begin), pem.size());
    std::string_view line(pem.data() + begin, end - begin);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    if (!line.empty()) text.append(line).push_back('\n');
    begin = end + 1;
  }
  text.push_back('\n');
  return Secret(std::move(text));
}

Failure transaction_open(const std::string& name) {
  const std::string shown = sys::printable_start(name, 200);
  return Failure(
      "transaction-open",
      "somebody else is about to change " + shown + " in HAProxy, which can change one " + "certificate at a time",
      "when nobody is at work there, `abort ssl cert " + shown + "` on HAProxy's socket ends that");
}

Failure refused(const std::string& what, const std::string& name, std::string_view answer) {
  const bool silent = answer.empty() && what == "set";
  return Failure(
      "runtime-refused",
      "HAProxy answers to `" + what + " ssl cert " + sys::printable_start(name, 200) + "`: " + words_of(answer),
      silent ? "key and chain may be longer than its `tune.bufsize`: raise that, or write `runtime: never`"
             : "HAProxy goes on with what it has; mend what it complains about");
}

}  // namespace

void require_sayable(const std::string& name) {
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    // Blanks end a word, ';' a command; a backslash takes the meaning from what follows.
    if (byte > 0x20 && byte != 0x7f && c != ';' && c != '\\') continue;
    throw Failure::never("bad-option",
                         "`name` of haproxy cannot be said on its socket: '" + sys::printable_start(name, 200) + "'",
                         "give the file a name without blanks, ';' and '\\', or write `runtime: never`");
  }
  // '*' before a name stands for what is not committed yet.
  if (name.starts_with('*'))
    throw Failure::never("bad-option", "`name` of haproxy begins with '*'", "write it as the configuration has it");
}

std::optional<LoadedCertificate> Runtime::show(const std::string& name) const {
  const std::string answer = socket_.ask("show ssl cert " + name + "\n", kLookLimit);
  if (answer.empty())  // a worker that ends, in the middle of a reload
    throw Failure("runtime-absent", "HAProxy closes " + socket_.address().text() + " without an answer", "try again");
  return loaded_certificate_from(answer);
}

void Runtime::replace(const std::string& name, const Secret& pem) const {
  // HAProxy 2.6 puts a payload into whatever transaction is open, also for another certificate than the one it names.
  const std::string open = open_transaction_in(socket_.ask("show ssl cert\n", kLookLimit));
  if (open == name) {
    abort(name);
  } else if (!open.empty()) {
    throw transaction_open(open);
  }
  const Secret command = payload_of("set ssl cert " + name + " <<\n", pem.reveal());
  const std::string answer = socket_.ask(command.reveal(), kLookLimit);
  const std::string into = transaction_of(answer);
  if (!into.empty() && into != name) {
    abort(into);  // our key is in it; what was there is lost
    throw transaction_open(into);
  }
  if (into.empty()) throw refused("set", name, answer);
  const std::string committed = socket_.ask("commit ssl cert " + name + "\n", kCommitLimit);
  if (committed.find("Success!") != std::string::npos) return;
  abort(name);
  throw refused("commit", name, committed);
}

void Runtime::abort(const std::string& name) const {
  (void)socket_.ask("abort ssl cert " + name + "\n", kLookLimit);
}

}  // namespace certctl::haproxy
