#include "distributors/haproxy/port_owner.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace certctl::haproxy {

std::vector<uid_t> port_owners_in(std::string_view table, std::uint16_t port) {
  constexpr const char* kListen = "0A";
  std::vector<uid_t> owners;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid
    std::string number, local, remote, state, queues, timer, retransmits;
    uid_t owner = 0;
    if (!(fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> owner)) continue;
    const std::size_t colon = local.rfind(':');
    if (state != kListen || colon == std::string::npos) continue;
    unsigned value = 0;
    const auto [end, problem] = std::from_chars(local.data() + colon + 1, local.data() + local.size(), value, 16);
    if (problem == std::errc() && end == local.data() + local.size() && value == port) owners.push_back(owner);
  }
  return owners;
}

std::vector<uid_t> port_owners(std::uint16_t port) {
  std::vector<uid_t> all;
  for (const char* file : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream stream(file);
    const std::string table{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    for (const uid_t owner : port_owners_in(table, port)) all.push_back(owner);
  }
  return all;
}

}  // namespace certctl::haproxy
