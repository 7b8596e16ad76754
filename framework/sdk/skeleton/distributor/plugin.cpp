// Distributor "EXAMPLE": key and certificates in one file, key first. What it shows is the order of things: look
// without an effect, remember enough to go back, write so that a crash leaves the old file or the new one, undo only
// what is still ours.
#include <certctl/plugin.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace {

using namespace certctl;

constexpr OptionSpec kOptions[] = {
    {"file", OptionType::path, "", true, false, "", "the file that the service reads; it is 0600"},
};

[[noreturn]] void failed(const std::string& what, const std::string& path) {
  throw Failure("cannot-write", what + " " + path + ": " + std::strerror(errno),
                "is there room, and may root write there?");
}

class Example final : public Distributor {
 public:
  // Judges its options, and touches nothing.
  Example(const Options& options, Host& /*host*/) : file_(options.text("file")) {
    if (file_.empty() || file_.front() != '/')
      throw Failure::never("bad-option", "`file` of the distributor EXAMPLE is no absolute path", "write /etc/…");
  }

  Inspection inspect(const Credential* credential) override {
    Inspection inspection;
    inspection.resources = {"file:" + file_};  // two profiles that write it take turns …
    inspection.values = {"file:" + file_};     // … and lint says that they should not
    inspection.output_files = {file_};
    inspection.disturbance = "reload";
    try {
      const auto now = read();
      if (!now) {
        inspection.present = Present::none;
        inspection.detail = "the file is not there";
      } else if (credential != nullptr && *now == content(*credential)) {
        inspection.present = Present::this_one;
        inspection.detail = "holds this certificate";
      } else {
        inspection.present = Present::other;
        inspection.detail = "holds something else";
      }
    } catch (const Failure& failure) {
      inspection.present = Present::unreadable;
      inspection.detail = failure.error().message;
    }
    if (credential != nullptr && inspection.present != Present::this_one)
      inspection.diff = {file_ + ": " + credential->fingerprint};
    return inspection;
  }

  // The token has all that undo() needs: what is there now, and what will be. It is kept where only root reads it.
  Secret prepare(const Credential& credential, const Credential* /*previous*/) override {
    return Secret(text_of({read(), content(credential)}));
  }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    (void)token_of(undo_token);  // with a token that could not undo nothing is written
    InstallReport report;
    const std::string wanted = content(credential);
    report.changed = read() != wanted;
    if (report.changed) write(wanted);
    return report;
  }

  void undo(const Secret& undo_token) override {
    const Token token = token_of(undo_token);
    if (read() != token.written) return;  // never written, or somebody else's by now
    if (token.before) {
      write(*token.before);
    } else if (::unlink(file_.c_str()) != 0) {
      failed("cannot remove", file_);
    }
  }

 private:
  // What can be handed out at all: a key in hardware has no PEM.
  [[nodiscard]] static std::string content(const Credential& credential) {
    if (!credential.key.exportable())
      throw Failure::never("key-not-exportable", "the key cannot be written to a file",
                           "choose a distributor that takes a reference to it");
    std::string text = std::string(credential.key.pem.reveal()) + credential.certificate_pem;
    for (const std::string& certificate : credential.chain_pem) text += certificate;
    return text;
  }

  struct Token {
    std::optional<std::string> before;  // nothing: the file was not there
    std::string written;
  };
  // Both lengths stand before the texts, so that a token that was cut is known as one.
  [[nodiscard]] static std::string text_of(const Token& token) {
    return "EXAMPLE " + (token.before ? std::to_string(token.before->size()) : "none") + " " +
           std::to_string(token.written.size()) + "\n" + token.before.value_or("") + token.written;
  }
  [[nodiscard]] static Token token_of(const Secret& secret) {
    const std::string& text = secret.reveal();
    std::istringstream words(text.substr(0, text.find('\n')));
    std::string magic;
    std::string size;
    words >> magic >> size;
    if (magic == "EXAMPLE" && (size == "none" || size.find_first_not_of("0123456789") == std::string::npos)) {
      const std::string rest = text.substr(text.find('\n') + 1);
      Token token;
      const std::size_t before = size == "none" ? 0 : std::stoul(size);
      if (size != "none") token.before = rest.substr(0, before);
      if (before <= rest.size()) token.written = rest.substr(before);
      if (text_of(token) == text) return token;
    }
    throw Failure::never("undo-token-damaged", "the undo token of the distributor EXAMPLE is damaged",
                         "`certctl deliver` writes the active pair");
  }

  // Nothing: it is not there. What is there and cannot be read is a failure, and not the same.
  [[nodiscard]] std::optional<std::string> read() const {
    struct stat status {};
    if (::stat(file_.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
    std::ifstream in(file_, std::ios::binary);
    if (!in || !S_ISREG(status.st_mode)) throw Failure("cannot-read", "cannot read " + file_, "is it a file?");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  // Whole or not at all, also after a power cut: a new file beside, synced, then renamed.
  void write(const std::string& text) const {
    const std::string fresh = file_ + ".new";
    ::unlink(fresh.c_str());
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) failed("cannot make", fresh);
    const bool whole =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    if (::close(descriptor) != 0 || !whole) failed("cannot write", fresh);
    if (std::rename(fresh.c_str(), file_.c_str()) != 0) failed("cannot rename", fresh);
    const std::string directory = file_.substr(0, file_.rfind('/') + 1);
    const int above = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above < 0) failed("cannot open", directory);
    const bool synced = ::fsync(above) == 0;
    ::close(above);
    if (!synced) failed("cannot sync", directory);
  }

  std::string file_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Distributor, Example, "EXAMPLE", "0.1", "key and certificates in one file", kOptions);
