#include "tests/fault/hostile_replies/damage_family.hpp"

#include "tests/fault/hostile_replies/field_map.hpp"

#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>

namespace certctl::hostile {
namespace {

// The undamaged answer, and what it leads to.
struct Recorded {
  Case one;
  Genuine genuine;
  Bytes body;
};

Recorded record(Court& court, const Kind& kind) {
  Recorded recorded;
  recorded.one.name = kind.name;
  recorded.one.hostile = kind.hostile;
  if (kind.answer != nullptr) recorded.one.answer = (court.scene().*kind.answer)();
  Case watched = recorded.one;
  auto body = std::make_shared<Bytes>();
  watched.change = [body](scep::HttpReply& reply) { *body = reply.body; };
  recorded.genuine = court.baseline(kind.question, watched);
  recorded.body = *body;
  if (recorded.body.empty()) throw std::logic_error(kind.name + ": nothing was answered");
  return recorded;
}

// In the signed attributes, too, there is one harmless bit for each SET: OpenSSL takes a SET without its constructed
// bit, and writes it anew before it checks the signature over it.
//
// Harmless changes, by field, so that a reader of the report sees what may be changed: how many, and where, if few.
class Harmless {
 public:
  explicit Harmless(const Bytes& body) : names_(field_names(body)) {}
  void add(std::size_t at, std::string what) { changes_[names_[at]].push_back(std::to_string(at) + std::move(what)); }
  void print(const std::string& kind) const {
    if (changes_.empty()) return;
    constexpr std::size_t kFew = 8;
    std::printf("  %s: outside of what is signed and used:", kind.c_str());
    for (const auto& [name, changes] : changes_) {
      std::printf(" %s %zu", name.c_str(), changes.size());
      if (changes.size() <= kFew)
        for (const std::string& change : changes)
          std::printf("%s%s", &change == &changes.front() ? " (" : ", ", change.c_str());
      std::printf(changes.size() <= kFew ? ");" : ";");
    }
    std::printf("\n");
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>> changes_;
};

// Replies are made anew for each request; only their layout is the recorded one.
void require_layout(const scep::HttpReply& reply, std::size_t size) {
  if (reply.body.size() != size) throw std::logic_error("a genuine answer has another size than before");
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"SUCCESS", Question::poll, Asked::message, &Scene::success},
      {"PENDING", Question::poll, Asked::message, &Scene::pending},
      {"FAILURE", Question::poll, Asked::message, &Scene::failure},
      {"GetCert", Question::look_up_certificate, Asked::message, &Scene::certificate},
      {"GetCRL", Question::look_up_crl, Asked::message, &Scene::crl},
      {"GetCACert", Question::enroll, Asked::ca_set, nullptr},
      {"GetCACert-shown", Question::look_up_set, Asked::ca_set, nullptr},
      {"GetNextCACert", Question::look_up_next, Asked::next_set, nullptr},
      {"GetCACaps", Question::enroll, Asked::capabilities, nullptr},
  };
  return all;
}

void flip_bits(Court& court, const Kind& kind, std::size_t step) {
  Recorded recorded = record(court, kind);
  const std::size_t size = recorded.body.size();
  Harmless harmless(recorded.body);
  for (std::size_t bit = 0; bit < size * 8; bit += step) {
    recorded.one.name = kind.name + ": bit " + std::to_string(bit % 8) + " of octet " + std::to_string(bit / 8);
    recorded.one.change = [bit, size](scep::HttpReply& reply) {
      require_layout(reply, size);
      reply.body[bit / 8] = static_cast<std::uint8_t>(reply.body[bit / 8] ^ (1U << (bit % 8)));
    };
    if (court.hear(kind.question, recorded.one, recorded.genuine, Expected::harmless) == Verdict::genuine)
      harmless.add(bit / 8, "." + std::to_string(bit % 8));
  }
  harmless.print(kind.name);
}

void try_values(Court& court, const Kind& kind, std::size_t step) {
  Recorded recorded = record(court, kind);
  const std::size_t size = recorded.body.size();
  Harmless harmless(recorded.body);
  std::size_t turn = 0;
  for (const std::size_t at : key_positions(recorded.body)) {
    for (unsigned value = 0; value < 256; ++value) {
      if (++turn % step != 0) continue;
      recorded.one.name = kind.name + ": octet " + std::to_string(at) + " is " + std::to_string(value);
      auto changed = std::make_shared<bool>(false);
      recorded.one.change = [at, value, size, changed](scep::HttpReply& reply) {
        require_layout(reply, size);
        *changed = reply.body[at] != value;
        reply.body[at] = static_cast<std::uint8_t>(value);
      };
      const Verdict verdict = court.hear(kind.question, recorded.one, recorded.genuine, Expected::harmless);
      if (verdict == Verdict::genuine && *changed) harmless.add(at, "=" + std::to_string(value));
    }
  }
  harmless.print(kind.name);
}

void cut_bodies(Court& court, const Kind& kind, std::size_t step) {
  Recorded recorded = record(court, kind);
  // Words that are left out are not there; what is left of the list is a list.
  const bool words = kind.hostile == Asked::capabilities;
  for (std::size_t size = 0; size < recorded.body.size(); size += step) {
    recorded.one.name = kind.name + ": the first " + std::to_string(size) + " octets";
    recorded.one.change = [size](scep::HttpReply& reply) { reply.body.resize(size); };
    court.hear(kind.question, recorded.one, recorded.genuine, words ? Expected::harmless : Expected::refused);
  }
}

}  // namespace certctl::hostile
