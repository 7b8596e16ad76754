// The files of one target, switched together: what a distributor does with them (certctl/distributor.hpp has the
// rules).
//
// All are first complete under temporary names in their directories, then take their places with one rename each, in
// the order given: put those with a key first. A service that starts between two renames can still find a key and a
// certificate that do not belong together.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/host.hpp>

#include <memory>
#include <string>
#include <vector>

#include "distributors/files/output/content.hpp"
#include "distributors/files/output/ownership.hpp"
#include "distributors/files/output/place.hpp"
#include "distributors/files/output/staged_file.hpp"

namespace certctl::files {

struct Output {
  std::string path;  // absolute
  std::shared_ptr<const Content> content;
};

class FileSet {
 public:
  // `host` must outlive it.
  FileSet(std::vector<Output> outputs, Ownership ownership, Host& host)
      : outputs_(std::move(outputs)), ownership_(std::move(ownership)), host_(host) {}

  // `disturbance` is "none".
  [[nodiscard]] Inspection inspect(const Credential* credential) const;
  [[nodiscard]] Secret prepare(const Credential& credential) const;
  // Failure undo-token-outdated: it was prepared for other files or another credential.
  InstallReport install(const Credential& credential, const Secret& undo_token) const;
  void undo(const Secret& undo_token) const;

  [[nodiscard]] const std::vector<Output>& outputs() const noexcept { return outputs_; }

 private:
  [[nodiscard]] Access access_for(bool key, const Place& place, const std::optional<Existing>& old) const;

  std::vector<Output> outputs_;
  Ownership ownership_;
  Host& host_;
};

}  // namespace certctl::files
