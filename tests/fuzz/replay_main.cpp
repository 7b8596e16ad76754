// Runs a fuzz target over files and directories of seeds, without a fuzzer: fails by aborting, as the fuzzer would.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

}  // namespace

int main(int argc, char** argv) {
  int failed = 0;
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      failed += replay(argv[i]);
      ++files;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      failed += replay(entry.path());
      ++files;
    }
  }
  if (files == 0) std::fprintf(stderr, "no seeds\n");
  return failed != 0 || files == 0 ? 1 : 0;
}
