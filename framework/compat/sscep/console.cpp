#include "framework/compat/sscep/console.hpp"

#include "framework/sys/printable.hpp"

#include <cstdio>

namespace certctl::sscep {
namespace {

void write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

void Console::say(std::string_view line) const {
  write(stdout, sys::printable(program_ + ": " + std::string(line)) + "\n");
}

void Console::problem(std::string_view line) const {
  write(stderr, sys::printable(program_ + ": " + std::string(line)) + "\n");
}

void Console::verbose(std::string_view line) const {
  if (verbose_) say(line);
}

void Console::detail(std::string_view line) const {
  if (verbose_) write(stdout, "  " + sys::printable(line) + "\n");
}

void Console::debug(std::string_view line) const {
  if (debug_) say(line);
}

void Console::debug_pem(std::string_view pem) const {
  if (debug_) write(stdout, pem);
}

void Console::plain(std::string_view text) {
  write(stdout, text);
}

}  // namespace certctl::sscep
