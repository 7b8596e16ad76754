// A directory of plugins made for one test: copies of built files, with chosen names and modes.
#pragma once

#include <filesystem>
#include <string>

#include "tests/contract/test_host.hpp"

namespace certctl::registry::test {

class PluginDirectory {
 public:
  PluginDirectory();
  // Where the plugins are: a directory 0755 below a fresh one 0755.
  [[nodiscard]] std::string path() const { return directory_.string(); }
  [[nodiscard]] std::string file(const std::string& name) const { return (directory_ / name).string(); }
  // Copies tests/bad_plugins/<built>.so; returns the path.
  std::string place(const std::string& built, const std::string& name, unsigned mode = 0644) const;
  std::string write(const std::string& name, const std::string& content, unsigned mode = 0644) const;
  // The file that code of a plugin makes when it runs at load.
  [[nodiscard]] bool code_ran() const { return std::filesystem::exists(marker_); }

 private:
  contract::Scratch scratch_;
  std::filesystem::path directory_;
  std::filesystem::path marker_;
};

std::string built_file(const std::string& built);

}  // namespace certctl::registry::test
