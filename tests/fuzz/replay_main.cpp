// Runs a fuzz target over files and directories of seeds, without a fuzzer: fails by aborting, as the fuzzer would.
// --planted: with the target's planted bug; succeeds when a seed shows it.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

int replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", file.c_str());
    return 1;
  }
  const std::vector<char> bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  std::fprintf(stderr, "%s\n", file.filename().c_str());
  // Every beginning of a short seed, too.
  for (std::size_t size = bytes.size() <= 4096 ? 0 : bytes.size(); size <= bytes.size(); ++size) {
    // Exactly as large, so that a sanitizer sees each octet read beyond it.
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
  }
  return 0;
}

int replay_all(int count, char** names) {
  int failed = 0;
  int files = 0;
  for (int i = 0; i < count; ++i) {
    if (!std::filesystem::is_directory(names[i])) {
      failed += replay(names[i]);
      ++files;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(names[i])) {
      failed += replay(entry.path());
      ++files;
    }
  }
  if (files == 0) std::fprintf(stderr, "no seeds\n");
  return failed != 0 || files == 0 ? 1 : 0;
}

// The target must say what does not hold, and abort.
int find_planted_bug(int count, char** names) {
  int said[2];
  if (::pipe(said) != 0) return 1;
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child == 0) {
    ::dup2(said[1], STDERR_FILENO);
    ::close(said[0]);
    ::close(said[1]);
    certctl::fuzz::planted_bug = true;
    ::_exit(replay_all(count, names));
  }
  ::close(said[1]);
  std::string words;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(said[0], buffer, sizeof buffer)) > 0;)
    words.append(buffer, static_cast<std::size_t>(got));
  ::close(said[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool found =
      WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && words.find("does not hold: ") != std::string::npos;
  std::fprintf(stderr, "%s%s\n", words.c_str(), found ? "found, as it should be" : "THE PLANTED BUG IS NOT FOUND");
  return found ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--planted") == 0) return find_planted_bug(argc - 2, argv + 2);
  return replay_all(argc - 1, argv + 1);
}
