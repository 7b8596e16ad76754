// Hook "EXAMPLE": appends a line for each event to a file.
#include <certctl/plugin.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace {

using namespace certctl;

constexpr OptionSpec kOptions[] = {
    {"file", OptionType::path, "", true, false, "", "the file that gets a line for each event"},
};

class Example final : public Hook {
 public:
  // Judges its options, and touches nothing.
  Example(const Options& options, Host& /*host*/) : file_(options.text("file")) {
    if (file_.empty() || file_.front() != '/')
      throw Failure::never("bad-option", "`file` of the hook EXAMPLE is no absolute path", "write /var/log/…");
  }

  void on_event(const Event& event) override {
    std::ofstream out(file_, std::ios::app);
    out << event.name << ' ' << event.profile << ": " << on_one_line(event.message) << '\n';
    // What is not done is tried again later.
    if (!out.flush())
      throw Failure("cannot-write", "cannot write " + file_ + ": " + std::strerror(errno), "is there room?");
  }

 private:
  // Texts come from outside: nobody may write lines of their own with them.
  [[nodiscard]] static std::string on_one_line(std::string text) {
    for (char& c : text)
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    return text;
  }

  std::string file_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Hook, Example, "EXAMPLE", "0.1", "a line for each event", kOptions);
