// Any executable as an enroller, distributor or hook: the same interfaces as a native plugin has, spoken by the
// protocol of EXEC-PROTOCOL.md. It runs in a process of its own for each call, so that whatever happens there stays
// there.
//
// Threads: an ExecPlugin is never changed after load() and may be used by several threads; an instance serves one.
#pragma once

#include <certctl/plugin.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace certctl::exec {

// What `<executable> describe` said.
class ExecPlugin {
 public:
  // Runs `<path> describe` (10 s at most). The caller has made sure that nobody else can change the file. Throws
  // Failure: plugin-malformed (what it says is no description), plugin-revision (another protocol), plugin-unloadable
  // (it does not start, or fails). The message does not name the file.
  [[nodiscard]] static std::shared_ptr<const ExecPlugin> load(const std::string& path);
  // The same from a description at hand, for tests.
  [[nodiscard]] static std::shared_ptr<const ExecPlugin> parse(const std::string& path, const std::string& description);

  ExecPlugin(const ExecPlugin&) = delete;
  ExecPlugin& operator=(const ExecPlugin&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] certctl_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] const std::string& summary() const noexcept { return summary_; }
  // Lives as long as this object.
  [[nodiscard]] std::span<const OptionSpec> options() const noexcept { return options_; }
  [[nodiscard]] bool has_power(const std::string& power) const { return powers_.count(power) != 0; }
  // For one call; an option `timeout` of type duration goes before it.
  [[nodiscard]] std::chrono::seconds timeout() const noexcept { return timeout_; }

 private:
  ExecPlugin() = default;
  friend class DescriptionReader;

  std::string path_;
  certctl_kind kind_ = CERTCTL_KIND_HOOK;
  std::string name_;
  std::string version_;
  std::string summary_;
  std::set<std::string> powers_;
  std::chrono::seconds timeout_{60};
  std::vector<std::unique_ptr<std::string>> texts_;  // what options_ points to
  std::vector<OptionSpec> options_;
};

// The kind and name in a file name of the form <kind>_<name>, kind one of enroller, distributor, hook; false for
// another.
[[nodiscard]] bool is_exec_file_name(const std::string& file_name, std::string& kind, std::string& name);

// Instances. `options` and `host` are borrowed and outlive the instance.
[[nodiscard]] std::unique_ptr<EnrollerApi> make_enroller(std::shared_ptr<const ExecPlugin> plugin,
                                                         const Options& options, Host& host);
[[nodiscard]] std::unique_ptr<DistributorApi> make_distributor(std::shared_ptr<const ExecPlugin> plugin,
                                                               const Options& options, Host& host);
[[nodiscard]] std::unique_ptr<HookApi> make_hook(std::shared_ptr<const ExecPlugin> plugin, const Options& options,
                                                 Host& host);

// For a registry that keeps plugins by descriptor: like certctl_descriptor::create and destroy, whatever the kind.
[[nodiscard]] void* create(const std::shared_ptr<const ExecPlugin>& plugin, const Options& options, Host& host,
                           Error& error) noexcept;
[[nodiscard]] void (*destroyer(certctl_kind kind) noexcept)(void*);

}  // namespace certctl::exec
