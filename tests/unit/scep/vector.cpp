#include "tests/unit/scep/vector.hpp"

#include "framework/crypto/digest.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace scep_test {
namespace {

Bytes read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return Bytes(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

std::string Vector::text(const std::string& key) const {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

Bytes Vector::file(const std::string& key) const {
  return read(folder / json.at("files").at(key).get<std::string>());
}

std::string Vector::file_text(const std::string& key) const {
  const Bytes bytes = file(key);
  return {bytes.begin(), bytes.end()};
}

certctl::crypto::Certificate Vector::certificate(const std::string& key) const {
  return certctl::crypto::Certificate::from_pem(file_text(key));
}

certctl::crypto::Key Vector::key(const std::string& key) const {
  return certctl::crypto::Key::from_pem(file_text(key));
}

certctl::TimePoint Vector::valid_at() const {
  std::tm time{};
  if (strptime(json.at("valid_at").get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%SZ", &time) == nullptr)
    throw std::runtime_error("valid_at");
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

std::vector<Vector> all_vectors() {
  std::vector<Vector> vectors;
  for (const auto& entry : std::filesystem::directory_iterator(CERTCTL_TEST_DATA "/scep")) {
    if (!entry.is_directory()) continue;
    const Bytes bytes = read(entry.path() / "vector.json");
    vectors.push_back({entry.path(), nlohmann::json::parse(bytes.begin(), bytes.end())});
  }
  std::sort(vectors.begin(), vectors.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return vectors;
}

std::vector<Vector> vectors_of(const std::string& role, const std::string& operation) {
  std::vector<Vector> vectors = all_vectors();
  std::erase_if(vectors, [&](const Vector& vector) {
    return vector.text("role") != role || vector.text("operation") != operation;
  });
  return vectors;
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : bytes) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0x0FU];
  }
  return text;
}

std::string serial_hex(const Bytes& octets) {
  return to_hex(octets.size() > 1 && octets[0] == 0 ? Bytes(octets.begin() + 1, octets.end()) : octets);
}

std::string sha256_hex(const Bytes& bytes) {
  return certctl::crypto::sha256_hex(bytes);
}

}  // namespace scep_test
