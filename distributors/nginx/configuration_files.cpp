#include "distributors/nginx/configuration_files.hpp"

#include <certctl/result.hpp>

#include <glob.h>

#include <filesystem>

#include "framework/sys/atomic_file.hpp"

namespace certctl::nginx {
namespace {

constexpr int kMaxIncludes = 16;         // one within the other
constexpr std::size_t kMaxFiles = 4096;  // in all
constexpr std::size_t kMaxBytes = 64U << 20U;

Failure unreadable(const std::string& what) {
  return Failure("configuration-unreadable", what,
                 "`nginx -t` says whether nginx can read it; name `listen` in the profile if it can");
}

class Reader {
 public:
  explicit Reader(std::string directory) : directory_(std::move(directory)) {}

  std::vector<Directive> read(const std::string& file, int depth) {
    if (depth > kMaxIncludes) throw unreadable(file + ": files include one another too deeply");
    if (++files_ > kMaxFiles) throw unreadable(file + ": there are more files than certctl reads");
    std::string text;
    try {
      text = sys::read_file(file, kMaxConfigurationFile);
    } catch (const Failure& failure) {
      throw unreadable("nginx's configuration: " + failure.error().message);
    }
    bytes_ += text.size();
    if (bytes_ > kMaxBytes) throw unreadable(file + ": the configuration is longer than certctl reads");
    return with_includes(parse_configuration(text, file), depth);
  }

 private:
  std::vector<Directive> with_includes(std::vector<Directive> block, int depth) {
    std::vector<Directive> whole;
    for (Directive& directive : block) {
      if (directive.words[0] == "include" && directive.words.size() == 2 && !directive.has_block) {
        for (const std::string& file : files_of(directive.words[1])) {
          for (Directive& included : read(file, depth + 1)) whole.push_back(std::move(included));
        }
        continue;
      }
      directive.block = with_includes(std::move(directive.block), depth);
      whole.push_back(std::move(directive));
    }
    return whole;
  }

  // A pattern may match nothing, a plain name must be there.
  [[nodiscard]] std::vector<std::string> files_of(const std::string& name) const {
    const std::string path = (std::filesystem::path(directory_) / name).string();
    if (name.find_first_of("*?[") == std::string::npos) return {path};
    std::vector<std::string> files;
    glob_t found{};
    if (::glob(path.c_str(), 0, nullptr, &found) == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return files;
  }

  std::string directory_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Configuration read_configuration(const std::string& file) {
  Configuration configuration;
  configuration.file = file;
  configuration.directory = std::filesystem::path(file).parent_path().string();
  configuration.directives = Reader(configuration.directory).read(file, 0);
  return configuration;
}

const Directive* find_directive(const std::vector<Directive>& block, std::string_view name) noexcept {
  for (auto directive = block.rbegin(); directive != block.rend(); ++directive) {
    if (directive->words[0] == name) return &*directive;
  }
  return nullptr;
}

}  // namespace certctl::nginx
