#include "framework/sdk/exec/call.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "framework/sdk/exec/environment.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::exec {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestOutput = 256 * 1024;
constexpr std::size_t kLongestErrors = 4096;
constexpr std::size_t kLongestTail = 300;
constexpr const char* kWorkFolder = "call";   // one at a time
constexpr const char* kLookFolder = "look-";  // any number
constexpr std::time_t kOldLook = 24 * 3600;   // left by a crash; it holds no private key

constexpr int kPending = 10;
constexpr int kRejected = 20;
constexpr int kTryLater = 30;
constexpr int kBadConfiguration = 40;

std::string join(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) {
    all += part;
    if (!part.ends_with('\n')) all += '\n';
  }
  return all;
}

bool is_code(const std::string& code) {
  return !code.empty() && code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Not durably: after a power cut the call is made anew.
void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) throw sys::system_failure("cannot make the directory " + path, errno);
}

void remove_old_looks(const std::string& work) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work, error)) {
    struct stat status {};
    if (entry.path().filename().string().starts_with(kLookFolder) && ::lstat(entry.path().c_str(), &status) == 0 &&
        status.st_mtime + kOldLook < std::time(nullptr)) {
      sys::remove_tree(entry.path(), false);
    }
  }
}

std::string make_folder(const std::string& work, CallKind kind) {
  if (kind == CallKind::works) {
    const std::string folder = work + "/" + kWorkFolder;
    remove_old_looks(work);
    sys::remove_tree(folder, false);  // a call that was interrupted
    make_directory(folder);
    return folder;
  }
  std::string folder = work + "/" + kLookFolder + "XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) throw sys::system_failure("cannot make a directory in " + work, errno);
  return folder;
}

}  // namespace

std::vector<std::string> exec_environment() {
  const char* home = std::getenv("HOME");
  return {"PATH=/opt/scepClient/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          std::string("HOME=") + (home != nullptr ? home : "/"), "LANG=C"};
}

Call::Call(const ExecPlugin& plugin, const Options& options, Host& host, std::string verb, CallKind kind)
    : plugin_(plugin),
      host_(host),
      verb_(std::move(verb)),
      work_(host.work_directory().value()),
      folder_(make_folder(work_, kind)),
      timeout_(time_limit(options)) {
  try {
    make_directory(folder_ + "/in");
    make_directory(folder_ + "/out");
    input_.add("protocol", "1");
    input_.add("verb", verb_);
    input_.add("profile", host.profile());
    input_.add("work", work_);
    input_.add("out", folder_ + "/out");
    add_options(options);
  } catch (...) {
    (void)guarded([&] { sys::remove_tree(folder_, false); });
    throw;
  }
}

Call::~Call() {
  (void)guarded([&] { sys::remove_tree(folder_, false); });
}

std::chrono::seconds Call::time_limit(const Options& options) const {
  const auto own = options.values().find("timeout");
  if (own != options.values().end()) {
    if (const auto* seconds = std::get_if<std::chrono::seconds>(&own->second))
      return std::max(*seconds, std::chrono::seconds{1});
  }
  return plugin_.timeout();
}

void Call::add_options(const Options& options) {
  for (const auto& spec : plugin_.options()) {
    if (!options.has(spec.name)) continue;
    const std::string key = std::string("option.") + spec.name;
    switch (spec.type) {
      case OptionType::text:
      case OptionType::path:
      case OptionType::choice: input_.add(key, options.text(spec.name)); break;
      case OptionType::integer:
      case OptionType::size: input_.add_number(key, options.integer(spec.name)); break;
      case OptionType::boolean: input_.add_flag(key, options.flag(spec.name)); break;
      case OptionType::duration: input_.add_number(key, options.duration(spec.name).count()); break;
      case OptionType::list:
        for (const auto& entry : options.list(spec.name)) input_.add(key, entry);
        break;
      case OptionType::map:
        for (const auto& [name, value] : options.map(spec.name)) {
          if (name.find('=') != std::string::npos) {
            throw Failure::never("exec-value", "'" + sys::printable_start(name, 100) + "' in `" + spec.name +
                                                   "` can't be told to an executable: it has a =");
          }
          input_.add(key, name + "=" + value);
        }
        break;
      case OptionType::command: {
        const Command command = options.command(spec.name);
        input_.add_flag(key + ".shell", command.shell);
        for (const auto& word : command.arguments) input_.add(key + ".argument", word);
        break;
      }
      case OptionType::secret:
        add_file(key + ".file", "option." + std::string(spec.name),
                 host_.read_secret(options.secret(spec.name)).value().reveal());
        break;
    }
  }
}

void Call::add_file(const std::string& key, const std::string& name, std::string_view content) {
  const std::string path = folder_ + "/in/" + name;
  sys::WriteOptions options;
  options.durable = false;
  sys::replace_file(path, content, options);
  input_.add(key, path);
}

void Call::add_credential(const Credential& credential, bool with_key, const std::string& prefix) {
  input_.add_number(prefix + "generation", credential.generation);
  input_.add(prefix + "serial", credential.serial);
  input_.add(prefix + "fingerprint", credential.fingerprint);
  if (!credential.directory.empty()) input_.add(prefix + "generation_directory", credential.directory);
  add_file(prefix + "certificate_file", prefix + "certificate.pem", join({credential.certificate_pem}));
  add_file(prefix + "chain_file", prefix + "chain.pem", join(credential.chain_pem));
  add_file(prefix + "ca_file", prefix + "ca.pem", join(credential.ca_set_pem));
  if (!with_key) return;
  if (credential.key.exportable()) {
    add_file(prefix + "key_file", prefix + "key.pem", credential.key.pem.reveal());
  } else {
    input_.add(prefix + "key_provider", credential.key.provider);
    input_.add(prefix + "key_reference", credential.key.reference);
  }
}

Error Call::reason(const std::string& code, RetryClass retry) {
  Error error{code, {}, {}, retry, std::chrono::seconds{0}};
  if (const auto own = output_.optional("code"); own && is_code(*own)) error.code = *own;
  error.message = sys::shown_start(output_.text("message"), kLongestTail);
  if (error.message.empty()) error.message = sys::shown_output(errors_, kLongestTail);
  if (error.message.empty()) error.message = "'" + verb_ + "' failed without a word";
  error.hint = sys::shown_start(output_.text("hint"), kLongestTail);
  if (const auto after = output_.number("retry_after")) {
    error.delay = std::chrono::seconds{std::min<long long>(*after, 24 * 3600)};
    if (retry == RetryClass::later) error.retry = RetryClass::after;
  }
  return error;
}

Call::End Call::run(bool may_be_pending, bool may_be_rejected) {
  sys::ProcessRequest request;
  request.command = {false, {plugin_.path(), verb_}};
  request.environment = exec_environment();
  request.directory = work_;
  request.file_mask = 077;
  request.input = input_.text();
  request.timeout = timeout_;
  request.output_limit = kLongestOutput;
  request.error_limit = kLongestErrors;
  sys::ProcessResult result;
  try {
    result = sys::run_process(request);
  } catch (const Failure& failure) {
    said_not_sent_ = failure.error().code == "command-not-started";
    throw;
  }
  errors_ = std::move(result.errors);
  const std::string shown = sys::shown_output(errors_, kLongestTail);
  const std::string said = shown.empty() ? "" : "; it said: " + shown;
  if (result.timed_out) {
    throw Failure("exec-timeout",
                  "'" + verb_ + "' was not finished within " + std::to_string(timeout_.count()) + " s" + said);
  }
  const bool expected = result.exit_status == 0 || (result.exit_status == kPending && may_be_pending) ||
                        (result.exit_status == kRejected && may_be_rejected);
  if (result.output_cut && expected) {
    throw Failure::never("exec-malformed", "'" + verb_ + "' wrote more than 256 KiB to its standard output");
  }
  try {
    output_ = Lines::parse(result.output);
  } catch (const Failure&) {
    if (expected) throw;
    output_ = {};  // one that fails may fail in its words too
  }
  if (expected) {
    if (!shown.empty())
      host_.log(LogLevel::debug, plugin_.name() + " " + verb_ + ": " + sys::shown_output(errors_, kLongestErrors));
    return result.exit_status == 0 ? End::done : result.exit_status == kPending ? End::pending : End::rejected;
  }
  said_not_sent_ = output_.text("sent") == "false";
  const auto words = [&](const char* code, RetryClass retry) {
    try {
      return reason(code, retry);
    } catch (const Failure& failure) {
      return failure.error();  // a retry_after that is no number
    }
  };
  if (result.exit_status == kTryLater) throw Failure(words("exec-try-later", RetryClass::later));
  if (result.exit_status == kBadConfiguration) throw Failure(words("bad-option", RetryClass::never));
  if (result.exit_status == kRejected) throw Failure(words("exec-rejected", RetryClass::never));
  Error error = words("exec-failed", RetryClass::later);
  error.message = "'" + verb_ + "': " + sys::describe_end(result) + ": " + error.message;
  throw Failure(error);
}

void Call::make_work_durable() const {
  sys::sync_filesystem(work_);
}

std::optional<std::string> Call::out_file(const std::string& name, std::size_t limit) {
  try {
    return sys::read_file_if_exists(folder_ + "/out/" + name, limit, sys::Links::refuse);
  } catch (const Failure& failure) {
    throw Failure::never("exec-malformed",
                         "the executable's file '" + name + "' can't be used: " + failure.error().message);
  }
}

}  // namespace certctl::exec
