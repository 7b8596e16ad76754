// The `openssl` program as a second opinion on what we read and write.
#pragma once

#include <string>
#include <vector>

namespace crypto_test {

// Runs it with the text on its standard input and returns what it wrote to standard output. Throws when it fails.
std::string openssl(const std::vector<std::string>& arguments, const std::string& input = {});
// It must fail; returns what it wrote to standard error.
std::string openssl_fails(const std::vector<std::string>& arguments, const std::string& input = {});

// A directory that goes away with everything in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  // Writes a file and returns its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

}  // namespace crypto_test
