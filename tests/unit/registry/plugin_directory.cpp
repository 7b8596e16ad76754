#include "tests/unit/registry/plugin_directory.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <stdexcept>

namespace certctl::registry::test {
namespace fs = std::filesystem;

PluginDirectory::PluginDirectory() : directory_(scratch_.path() / "top/plugins"), marker_(scratch_.path() / "marker") {
  ::chmod(scratch_.path().c_str(), 0755);
  fs::create_directories(directory_);
  for (const auto& one : {directory_.parent_path(), directory_}) {
    if (::chmod(one.c_str(), 0755) != 0) throw std::runtime_error("chmod " + one.string());
  }
  ::setenv("CERTCTL_TEST_MARKER", marker_.c_str(), 1);
}

std::string built_file(const std::string& built) {
  return std::string(CERTCTL_BINARY_DIR "/tests/bad_plugins/") + built + ".so";
}

std::string PluginDirectory::place(const std::string& built, const std::string& name, unsigned mode) const {
  return write(name, contract::Scratch::read(built_file(built)), mode);
}

std::string PluginDirectory::write(const std::string& name, const std::string& content, unsigned mode) const {
  return scratch_.write("top/plugins/" + name, content, mode).string();
}

}  // namespace certctl::registry::test
