#include "framework/config/probe_reader.hpp"

#include <algorithm>

#include "framework/config/option_reader.hpp"
#include "framework/config/value_text.hpp"
#include "framework/sys/host_port.hpp"

namespace certctl::config {
namespace {

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> kKinds = {"tls", "smtp", "file", "ike", "command"};  // as ProbeKind
  return kKinds;
}

bool read_addresses(const Node& node, const std::string& name, Probe& probe, Report& report) {
  if (node.is_sequence() && node.items.empty()) {
    report.error(node.mark(), "empty-value", name + " is an empty list", "write host:port");
    return false;
  }
  bool good = true;
  const auto read_one = [&](const Node& item) {
    const auto text = read_text(item, name, report);
    if (!text) {
      good = false;
      return;
    }
    try {
      static_cast<void>(sys::host_port_from(*text));
      probe.connect.push_back(*text);
    } catch (const Failure& failure) {
      report.error(item.mark(), failure.error().code, name + ": " + failure.error().message, failure.error().hint);
      good = false;
    }
  };
  if (node.is_sequence()) {
    for (const Node& item : node.items) read_one(item);
  } else {
    read_one(node);
  }
  return good;
}

bool read_server_name(const Node& map, const std::string& name, Probe& probe, Report& report) {
  const Entry* entry = map.find("server_name");
  if (entry == nullptr) return true;
  const auto text = read_text(entry->value, name + ": server_name", report);
  if (!text) return false;
  if (!sys::is_server_name(*text)) {
    report.error(entry->value.mark(), "bad-option", name + ": server_name cannot be " + quote(*text),
                 "write a host name; leave the key out where the service has no names");
    return false;
  }
  probe.server_name = *text;
  return true;
}

bool read_protocols(const Node& map, const std::string& name, Probe& probe, Report& report) {
  const Entry* entry = map.find("alpn");
  if (entry == nullptr) return true;
  auto list = read_list(entry->value, name + ": alpn", report);
  if (!list) return false;
  for (const std::string& protocol : *list) {
    if (!protocol.empty() && protocol.size() <= 255 && list->size() <= 16) continue;
    report.error(entry->value.mark(), "bad-option", name + ": alpn is a list of up to 16 names of protocols");
    return false;
  }
  probe.alpn = std::move(*list);
  return true;
}

// tls and smtp: an address, or a map.
bool read_listener(const Node& node, const std::string& name, Probe& probe, Report& report) {
  if (!node.is_map()) return read_addresses(node, name, probe, report);
  std::vector<std::string> known = {"connect", "server_name"};
  if (probe.kind == ProbeKind::tls) known.emplace_back("alpn");
  bool good = check_keys(node, known, "in " + name, report);
  const Entry* connect = node.find("connect");
  if (connect == nullptr) {
    report.error(node.mark(), "missing-key", name + ": connect is missing", "write connect: \"127.0.0.1:443\"");
    return false;
  }
  good = read_addresses(connect->value, name + ": connect", probe, report) && good;
  good = read_server_name(node, name, probe, report) && good;
  return (probe.kind != ProbeKind::tls || read_protocols(node, name, probe, report)) && good;
}

bool read_ike(const Node& node, const std::string& name, Probe& probe, Report& report) {
  probe.command.arguments = {"swanctl"};
  if (node.is_null()) return true;
  if (!node.is_map()) {
    report.error(node.mark(), "wrong-type", name + " must be a map, and is " + kind_word(node.kind), "write ike: {}");
    return false;
  }
  bool good = check_keys(node, {"uri", "command"}, "in " + name, report);
  const auto read_word = [&](const char* key, std::string& value) {
    const Entry* entry = node.find(key);
    if (entry == nullptr) return;
    const auto text = read_text(entry->value, name + ": " + key, report);
    if (text && !text->empty() && text->front() != '-') {
      value = *text;
      return;
    }
    if (text) report.error(entry->value.mark(), "bad-option", name + ": " + key + " cannot be " + quote(*text));
    good = false;
  };
  read_word("uri", probe.uri);
  read_word("command", probe.command.arguments.front());
  return good;
}

bool read_body(const Node& node, const std::string& name, Probe& probe, Report& report) {
  switch (probe.kind) {
    case ProbeKind::tls:
    case ProbeKind::smtp: return read_listener(node, name, probe, report);
    case ProbeKind::ike: return read_ike(node, name, probe, report);
    case ProbeKind::file: {
      auto path = read_path(node, name, report);
      if (path) probe.file = std::move(*path);
      return path.has_value();
    }
    case ProbeKind::command: {
      auto command = read_command(node, name, report);
      if (command) probe.command = std::move(*command);
      return command.has_value();
    }
  }
  return false;
}

void read_probe(const Node& item, const std::string& place, Target& target, Report& report) {
  if (!item.is_map() || item.entries.size() != 1) {
    report.error(item.mark(), "wrong-type", place + " must be a map with a single key", "one of: " + joined(kinds()));
    return;
  }
  const Entry& entry = item.entries.front();
  const auto kind = std::find(kinds().begin(), kinds().end(), entry.key);
  if (kind == kinds().end()) {
    report.error(entry.mark(), "unknown-key", place + ": " + quote(entry.key) + " is no way to verify",
                 suggestion(entry.key, kinds()));
    return;
  }
  Probe probe;
  probe.kind = static_cast<ProbeKind>(kind - kinds().begin());
  probe.mark = entry.mark();
  if (!read_body(entry.value, place + ": " + entry.key, probe, report)) return;
  report.value(place, scalar_text(probe_text(probe)), entry.mark());
  target.verify.push_back(std::move(probe));
}

}  // namespace

void read_probes(const Node& target_map, const std::string& place, Target& target, Report& report) {
  const Entry* entry = target_map.find("verify");
  if (entry == nullptr) return;
  if (!entry->value.is_sequence() || entry->value.items.empty()) {
    report.error(entry->value.mark(), "wrong-type", place + ": verify must be a list of ways to verify",
                 "write verify: [ tls: \"127.0.0.1:443\" ]");
    return;
  }
  std::size_t i = 0;
  for (const Node& item : entry->value.items)
    read_probe(item, place + ".verify[" + std::to_string(i++) + "]", target, report);
}

std::string probe_text(const Probe& probe) {
  std::string text = kinds()[static_cast<std::size_t>(probe.kind)];
  for (const std::string& address : probe.connect) text += " " + address;
  if (!probe.server_name.empty()) text += " (" + probe.server_name + ")";
  for (const std::string& protocol : probe.alpn) text += " " + protocol;
  if (!probe.file.empty()) text += " " + probe.file;
  if (!probe.uri.empty()) text += " " + probe.uri;
  if (!probe.command.empty()) text += " " + command_text(probe.command);
  return text;
}

}  // namespace certctl::config
