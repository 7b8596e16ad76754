// One call of an executable: what it is told, how it ended, what it said.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>

#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sdk/exec/lines.hpp"

namespace certctl::exec {

// Whether a call may run beside others of the same plugin and profile.
enum class CallKind : int {
  looks,  // inspect, verify: without the profile's lock, and without a private key
  works,  // everything else, under the profile's lock
};

class Call {
 public:
  // Makes the call's folders in the host's work directory and writes the options.
  Call(const ExecPlugin& plugin, const Options& options, Host& host, std::string verb, CallKind kind);
  // Removes its folders with everything in them.
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  [[nodiscard]] LineWriter& input() noexcept { return input_; }
  // A file (0600) in the folder `in`; its path becomes the value of `key`.
  void add_file(const std::string& key, const std::string& name, std::string_view content);
  // serial, fingerprint, generation, and files; the key only if asked for and exportable.
  void add_credential(const Credential& credential, bool with_key, const std::string& prefix = {});

  enum class End : int { done, pending, rejected };
  // Exit status 0, 10 or 20 (the last two only if allowed); output() is then all that it said. Anything else throws:
  // command-not-started, exec-timeout, exec-failed, exec-malformed, or what the executable says of itself.
  End run(bool may_be_pending = false, bool may_be_rejected = false);
  [[nodiscard]] Lines& output() noexcept { return output_; }
  // For rejected, and failures: the executable's own code and message, or the end of what it wrote to standard error.
  [[nodiscard]] Error reason(const std::string& code, RetryClass retry);
  // What the executable said before run() threw: whether anything was sent to a CA.
  [[nodiscard]] bool said_not_sent() const noexcept { return said_not_sent_; }

  // What the executable keeps in the work directory survives a power cut after this.
  void make_work_durable() const;

  // A file that the executable left in the folder `out`; nothing when there is none. Failure exec-malformed if it is
  // too large or no file.
  [[nodiscard]] std::optional<std::string> out_file(const std::string& name, std::size_t limit);

 private:
  void add_options(const Options& options);
  [[nodiscard]] std::chrono::seconds time_limit(const Options& options) const;

  const ExecPlugin& plugin_;
  Host& host_;
  std::string verb_;
  std::string work_;
  std::string folder_;
  std::chrono::seconds timeout_;
  LineWriter input_;
  Lines output_;
  std::string errors_;
  bool said_not_sent_ = false;
};

}  // namespace certctl::exec
