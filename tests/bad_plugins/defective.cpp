// A distributor that keeps a file, and one promise less than it should: DEFECT says which. `certctl plugin check` must
// find each.
#include <certctl/plugin.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace {

using namespace certctl;

enum class Defect : int {
  none,
  undo_does_nothing,
  undo_overwrites,
  prepare_writes,
  always_changed,
  any_token,
  key_in_log,
  crashes,
  remembers,
  loses_mode,
};
constexpr Defect kDefect = Defect::DEFECT;

constexpr OptionSpec kOptions[] = {{"file", OptionType::path, "", true, false, "", "the file"}};
constexpr std::size_t kModeDigits = 4;

std::string content(const Credential& credential) {
  if (!credential.key.exportable()) throw Failure::never("key-not-exportable", "no key", "use another");
  return credential.key.pem.reveal() + credential.certificate_pem;
}

class Defective : public Distributor {
 public:
  Defective(const Options& options, Host& host) : file_(options.text("file")), host_(host) {}

  Inspection inspect(const Credential* credential) override {
    Inspection inspection;
    inspection.resources = {"file:" + file_};
    inspection.disturbance = "none";
    struct stat status {};
    const bool there = ::stat(file_.c_str(), &status) == 0;
    inspection.present = !there                                                    ? Present::none
                         : !S_ISREG(status.st_mode)                                ? Present::unreadable
                         : credential != nullptr && read() == content(*credential) ? Present::this_one
                                                                                   : Present::other;
    inspection.detail = file_;
    if (credential != nullptr && inspection.present == Present::other) inspection.diff = {file_};
    return inspection;
  }

  Secret prepare(const Credential& credential, const Credential* /*previous*/) override {
    must_be_file();
    if (kDefect == Defect::prepare_writes) std::ofstream(file_, std::ios::app) << "\n";
    before_ = read();
    char mode[kModeDigits + 1];
    struct stat status {};
    (void)::stat(file_.c_str(), &status);
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode) & 07777U);
    return Secret("good" + std::string(mode) + before_ + content(credential) + "end");
  }

  InstallReport install(const Credential& credential, const Secret& token) override {
    if (kDefect == Defect::crashes) std::raise(SIGSEGV);
    if (kDefect == Defect::key_in_log) host_.log(LogLevel::info, "writes " + credential.key.pem.reveal());
    check(token);
    must_be_file();
    InstallReport report;
    report.changed = read() != content(credential) || kDefect == Defect::always_changed;
    if (report.changed) write(content(credential), 0600);
    return report;
  }

  void undo(const Secret& token) override {
    if (kDefect == Defect::undo_does_nothing) return;
    check(token);
    const std::string& text = token.reveal();
    const std::size_t second = text.find("-----BEGIN PRIVATE KEY", text.find("-----END CERT"));
    const std::string written = second == std::string::npos ? "" : text.substr(second, text.size() - second - 3);
    if (read() != written && kDefect != Defect::undo_overwrites) return;
    const std::string saved = text.substr(4 + kModeDigits, second - 4 - kModeDigits);
    const auto mode = static_cast<mode_t>(std::stoul(text.substr(4, kModeDigits), nullptr, 8));
    write(kDefect == Defect::remembers ? before_ : saved, kDefect == Defect::loses_mode ? 0644 : mode);
  }

 private:
  static void check(const Secret& token) {
    if (kDefect == Defect::any_token) return;
    const std::string& text = token.reveal();
    if (!text.starts_with("good") || !text.ends_with("end"))
      throw Failure::never("undo-token-damaged", "the undo token is damaged", "deliver again");
  }
  void must_be_file() const {
    struct stat status {};
    if (::stat(file_.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
      throw Failure("cannot-write", "no file: " + file_, "remove it");
  }
  [[nodiscard]] std::string read() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text, mode_t mode) const {
    const std::string fresh = file_ + ".new";
    std::ofstream(fresh, std::ios::binary) << text;
    (void)::chmod(fresh.c_str(), mode);
    (void)std::rename(fresh.c_str(), file_.c_str());
  }

  std::string file_;
  Host& host_;
  std::string before_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Distributor, Defective, DEFECT_NAME, "1.0", "breaks one promise", kOptions);
