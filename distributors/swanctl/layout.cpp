#include "distributors/swanctl/layout.hpp"

#include <certctl/result.hpp>

#include <algorithm>

#include "framework/sys/printable.hpp"

namespace certctl::swanctl {
namespace {

// The n-th CA certificate, or no file.
class AuthorityContent final : public files::Content {
 public:
  AuthorityContent(std::size_t place, bool root) : place_(place), root_(root) {}

  [[nodiscard]] std::string word() const override { return "CA certificate " + std::to_string(place_ + 1); }
  [[nodiscard]] bool holds_key() const noexcept override { return false; }
  [[nodiscard]] std::optional<Secret> make(const crypto::Material& material, std::string_view) const override {
    const auto authorities = authorities_of(material, root_);
    if (place_ >= authorities.size()) return std::nullopt;
    return Secret(authorities[place_].to_pem());
  }

 private:
  std::size_t place_;
  bool root_;
};

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Layout read_layout(const Options& options) {
  Layout layout{options.text("directory"), options.text("name"), options.flag("root")};
  while (layout.directory.size() > 1 && layout.directory.ends_with('/')) layout.directory.pop_back();
  if (layout.name.empty() || layout.name.front() == '.' || layout.name.size() > 200 ||
      !std::all_of(layout.name.begin(), layout.name.end(), is_plain)) {
    throw Failure::never("bad-option", "`name` of swanctl is no plain file name: '" + sys::printable(layout.name) + "'",
                         "letters, digits, '.', '_' and '-', as in `name: gateway`");
  }
  return layout;
}

std::string certificate_path(const Layout& layout) {
  return layout.directory + "/x509/" + layout.name + ".pem";
}

std::vector<files::Output> outputs_of(const Layout& layout) {
  std::vector<files::Output> outputs;
  outputs.push_back(
      {layout.directory + "/private/" + layout.name + ".pem", std::make_shared<files::PartContent>(files::Part::key)});
  outputs.push_back({certificate_path(layout), std::make_shared<files::PartContent>(files::Part::certificate)});
  for (std::size_t place = 0; place < kAuthorityPlaces; ++place) {
    outputs.push_back({layout.directory + "/x509ca/" + layout.name + "-" + std::to_string(place + 1) + ".pem",
                       std::make_shared<AuthorityContent>(place, layout.root)});
  }
  return outputs;
}

std::vector<crypto::Certificate> authorities_of(const crypto::Material& material, bool root) {
  std::vector<crypto::Certificate> all = material.chain();
  if (root) all.push_back(material.anchor());
  if (all.size() > kAuthorityPlaces) {
    throw Failure::never("chain-too-long",
                         "the chain has " + std::to_string(all.size()) + " CA certificates, swanctl has places for " +
                             std::to_string(kAuthorityPlaces),
                         "see why the issuer sends so many");
  }
  return all;
}

}  // namespace certctl::swanctl
