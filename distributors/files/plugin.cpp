// Distributor "files": key, certificate and chain as files of their own, or several in one.
#include "distributors/files/layout.hpp"

#include <certctl/plugin.hpp>

namespace certctl {
namespace {

class Files final : public Distributor {
 public:
  Files(const Options& options, Host& host)
      : files_(files::read_layout(options), files::read_ownership(options, "files"), host) {}

  Inspection inspect(const Credential* credential) override { return files_.inspect(credential); }
  Secret prepare(const Credential& credential, const Credential*) override { return files_.prepare(credential); }
  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    return files_.install(credential, undo_token);
  }
  void undo(const Secret& undo_token) override { files_.undo(undo_token); }

 private:
  files::FileSet files_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Files, "files", "1.0",
               "writes key, certificate and chain into files, apart or combined", certctl::files::kOptions);
