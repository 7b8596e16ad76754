#include "tests/fault/hostile_replies/field_map.hpp"

#include "framework/crypto/ber.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <set>

namespace certctl::hostile {
namespace {

using crypto::BerElement;
using crypto::BerReader;

class Map {
 public:
  explicit Map(const Bytes& message) : message_(message), names_(message.size(), "body") {}

  std::vector<std::string> take() && {
    try {
      content_info();
    } catch (const Failure&) {  // no SignedData: what is named is named
    }
    return std::move(names_);
  }

 private:
  void name(const BerElement& element, const std::string& field) {
    const auto begin = static_cast<std::size_t>(element.whole.data() - message_.data());
    std::fill_n(names_.begin() + static_cast<std::ptrdiff_t>(begin), element.whole.size(), field);
  }
  void content_info() {
    BerReader whole{crypto::BytesView(message_)};
    const BerElement info = whole.next();
    name(info, "contentInfo (header)");
    BerReader parts(info);
    name(parts.expect(crypto::kTagOid, "contentType"), "contentInfo.contentType");
    const BerElement content = parts.next();
    name(content, "contentInfo (header)");
    BerReader inner(content);
    signed_data(inner.next());
  }
  void signed_data(const BerElement& data) {
    name(data, "signedData (header)");
    BerReader parts(data);
    name(parts.next(), "signedData.version");
    name(parts.next(), "signedData.digestAlgorithms");
    const BerElement encapsulated = parts.next();
    name(encapsulated, "encapContentInfo (header)");
    BerReader inner(encapsulated);
    name(inner.next(), "encapContentInfo.eContentType");
    if (!inner.done()) name(inner.next(), "encapContentInfo.eContent");
    if (const auto certificates = parts.accept(0xA0)) name(*certificates, "certificates");
    if (const auto lists = parts.accept(0xA1)) name(*lists, "crls");
    const BerElement signers = parts.next();
    name(signers, "signerInfos (header)");
    BerReader each(signers);
    while (!each.done()) signer_info(each.next());
  }
  void signer_info(const BerElement& info) {
    name(info, "signerInfo (header)");
    BerReader parts(info);
    name(parts.next(), "signerInfo.version");
    name(parts.next(), "signerInfo.sid");
    name(parts.next(), "signerInfo.digestAlgorithm");
    if (const auto attributes = parts.accept(0xA0)) name(*attributes, "signerInfo.signedAttrs");
    name(parts.next(), "signerInfo.signatureAlgorithm");
    name(parts.next(), "signerInfo.signature");
    if (!parts.done()) name(parts.next(), "signerInfo.unsignedAttrs");
  }

  const Bytes& message_;
  std::vector<std::string> names_;
};

constexpr std::size_t kShortValue = 40;

void add_positions(const Bytes& message, const BerElement& element, std::set<std::size_t>& places) {
  const auto begin = static_cast<std::size_t>(element.whole.data() - message.data());
  const auto content = static_cast<std::size_t>(element.content.data() - message.data());
  for (std::size_t at = begin; at < content; ++at) places.insert(at);
  if (element.constructed()) {
    BerReader parts(element);
    while (!parts.done()) add_positions(message, parts.next(), places);
  } else if (element.identifier == crypto::kTagOid) {
    places.insert(content + element.content.size() - 1);
  } else if (element.content.size() <= kShortValue) {
    for (std::size_t i = 0; i < element.content.size(); ++i) places.insert(content + i);
  }
}

}  // namespace

std::vector<std::string> field_names(const Bytes& message) {
  return Map(message).take();
}

std::vector<std::size_t> key_positions(const Bytes& message) {
  const std::vector<std::string> names = field_names(message);
  std::set<std::size_t> all;
  BerReader whole{crypto::BytesView(message)};
  add_positions(message, whole.next(), all);
  std::vector<std::size_t> places;
  for (const std::size_t at : all) {
    // Of the certificates only their header: what is in them is tried bit by bit.
    const bool inside = names[at] == "certificates" && at > 0 && names[at - 1] == "certificates";
    if (!inside) places.push_back(at);
  }
  return places;
}

}  // namespace certctl::hostile
