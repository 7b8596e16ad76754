#include "distributors/nginx/servers.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

namespace certctl::nginx {
namespace {

constexpr std::uint16_t kMaxPortsOfOneLine = 64;

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

struct Ports {
  std::uint16_t first = 80;
  std::uint16_t last = 80;
};

// "443", "8000-8010".
std::optional<Ports> ports_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = port_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : port_of(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Ports{*first, *last};
}

std::string host_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return text.empty() || text == "*" ? "0.0.0.0" : std::string(text);
}

// A line that nginx would not accept gives nothing.
std::vector<Listen> listens_of(const Directive& directive) {
  Listen listen;
  Ports ports;
  if (directive.words.size() < 2) return {};
  const std::string_view address = directive.words[1];
  if (address.starts_with("unix:")) {
    listen.host.clear();
  } else if (const auto only_port = ports_of(address)) {
    listen.host = "0.0.0.0";
    ports = *only_port;
  } else if (address.find_first_not_of("0123456789-") == std::string_view::npos) {
    return {};
  } else {
    const std::size_t bracket = address.rfind(']');
    const std::size_t colon = address.rfind(':');
    const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    listen.host = host_of(address.substr(0, has_port ? colon : address.size()));
    const auto given = has_port ? ports_of(address.substr(colon + 1)) : Ports{};
    if (!given) return {};
    ports = *given;
  }
  for (std::size_t i = 2; i < directive.words.size(); ++i) {
    const std::string& word = directive.words[i];
    if (word == "ssl") listen.tls = true;
    if (word == "quic") listen.quic = true;
    if (word == "proxy_protocol") listen.proxy_protocol = true;
    if (word == "default_server" || word == "default") listen.default_server = true;
  }
  std::vector<Listen> all;
  const int last = std::min<int>(ports.last, ports.first + kMaxPortsOfOneLine - 1);
  for (int port = ports.first; port <= last; ++port) {
    listen.port = static_cast<std::uint16_t>(port);
    all.push_back(listen);
  }
  return all;
}

// The values of a directive that may stand several times; nothing: it is not there.
std::optional<std::vector<std::string>> certificates_of(const std::vector<Directive>& block,
                                                        const std::string& directory) {
  std::optional<std::vector<std::string>> certificates;
  for (const Directive& directive : block) {
    if (directive.words[0] != "ssl_certificate" || directive.words.size() != 2) continue;
    if (!certificates) certificates.emplace();
    certificates->push_back((std::filesystem::path(directory) / directive.words[1]).lexically_normal().string());
  }
  return certificates;
}

std::optional<bool> ssl_on(const std::vector<Directive>& block) {
  const Directive* directive = find_directive(block, "ssl");
  if (directive == nullptr || directive->words.size() != 2) return std::nullopt;
  return directive->words[1] == "on";
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Server server_of(const std::vector<Directive>& block, const std::vector<std::string>& certificates, bool all_tls,
                 const std::string& directory) {
  Server server;
  server.certificates = certificates_of(block, directory).value_or(certificates);
  for (const Directive& directive : block) {
    if (directive.words[0] == "listen") {
      for (Listen& listen : listens_of(directive)) server.listens.push_back(std::move(listen));
    } else if (directive.words[0] == "server_name") {
      for (std::size_t i = 1; i < directive.words.size(); ++i) server.names.push_back(lower_case(directive.words[i]));
    }
  }
  if (server.listens.empty()) {
    Listen listen;
    listen.host = "0.0.0.0";
    server.listens.push_back(listen);
  }
  if (ssl_on(block).value_or(all_tls)) {
    for (Listen& listen : server.listens) listen.tls = true;
  }
  return server;
}

bool has_name(const Server& server, std::string_view name) {
  return std::find(server.names.begin(), server.names.end(), name) != server.names.end();
}

}  // namespace

Sockets::Sockets(std::vector<Server> servers) : servers_(std::move(servers)) {
  for (const Server& server : servers_) {
    for (const Listen& listen : server.listens) {
      Socket& socket = sockets_[listen.address()];
      socket.tls = socket.tls || listen.tls;
      socket.proxy_protocol = socket.proxy_protocol || listen.proxy_protocol;
      if (socket.default_server == nullptr || listen.default_server) socket.default_server = &server;
      socket.servers.push_back(&server);
    }
  }
}

bool Sockets::tls(const Listen& listen) const {
  return sockets_.at(listen.address()).tls;
}

bool Sockets::proxy_protocol(const Listen& listen) const {
  return sockets_.at(listen.address()).proxy_protocol;
}

// As nginx does: the exact name, then the longest "*.name", then the longest "name.*", then regular expressions.
const Server* Sockets::answering(const Listen& listen, const std::string& name) const {
  const Socket& socket = sockets_.at(listen.address());
  if (name.empty()) return socket.default_server;
  const auto first_with = [&](std::string_view one, std::string_view other = {}) -> const Server* {
    for (const Server* server : socket.servers) {
      if (has_name(*server, one) || (!other.empty() && has_name(*server, other))) return server;
    }
    return nullptr;
  };
  if (const Server* exact = first_with(name)) return exact;
  // ".name" is "name" and "*.name".
  if (const Server* exact = first_with("." + name)) return exact;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::string end = name.substr(dot);
    if (const Server* wildcard = first_with("*" + end, end)) return wildcard;
  }
  for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    if (const Server* wildcard = first_with(name.substr(0, dot) + ".*")) return wildcard;
  }
  for (const Server* server : socket.servers) {
    for (const std::string& candidate : server->names) {
      if (candidate.starts_with('~')) return nullptr;
    }
  }
  return socket.default_server;
}

std::vector<Sockets> sockets_of(const Configuration& configuration) {
  std::vector<Sockets> all;
  for (const Directive& context : configuration.directives) {
    if (context.words[0] != "http" && context.words[0] != "stream" && context.words[0] != "mail") continue;
    const auto certificates =
        certificates_of(context.block, configuration.directory).value_or(std::vector<std::string>{});
    const bool all_tls = ssl_on(context.block).value_or(false);
    std::vector<Server> servers;
    for (const Directive& directive : context.block) {
      if (directive.words[0] == "server" && directive.has_block)
        servers.push_back(server_of(directive.block, certificates, all_tls, configuration.directory));
    }
    if (!servers.empty()) all.emplace_back(std::move(servers));
  }
  return all;
}

}  // namespace certctl::nginx
