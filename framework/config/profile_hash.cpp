#include "framework/config/profile_hash.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "framework/crypto/digest.hpp"

namespace certctl::config {
namespace {

// A text in which no two different lists of fields look alike. What is written here, and in which order, decides over
// renewals in the field: another text for the same meaning would renew every certificate at an update.
class Writer {
 public:
  explicit Writer(std::string_view title) : text_(title) { text_ += '\n'; }
  Writer& field(std::string_view name, std::string_view value) {
    text_.append(name).append(" ").append(std::to_string(value.size())).append(":").append(value).append("\n");
    return *this;
  }
  Writer& number(std::string_view name, std::int64_t value) { return field(name, std::to_string(value)); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void write_command(Writer& out, std::string_view name, const Command& command) {
  out.field(name, command.shell ? "shell" : "list");
  for (const std::string& argument : command.arguments) out.field("argument", argument);
}

void write_value(Writer& out, std::string_view name, const OptionValue& value) {
  struct Visitor {
    Writer& out;
    std::string_view name;
    void operator()(std::monostate) const {}
    void operator()(const std::string& v) const { out.field(name, v); }
    void operator()(std::int64_t v) const { out.number(name, v); }
    void operator()(bool v) const { out.field(name, v ? "true" : "false"); }
    void operator()(std::chrono::seconds v) const { out.number(name, v.count()); }
    void operator()(const std::vector<std::string>& v) const {
      std::vector<std::string> sorted = v;
      std::sort(sorted.begin(), sorted.end());
      out.number(name, static_cast<std::int64_t>(sorted.size()));
      for (const std::string& item : sorted) out.field("item", item);
    }
    void operator()(const std::vector<std::pair<std::string, std::string>>& v) const {
      auto sorted = v;
      std::sort(sorted.begin(), sorted.end());
      out.number(name, static_cast<std::int64_t>(sorted.size()));
      for (const auto& [key, item] : sorted) out.field("key", key).field("item", item);
    }
    void operator()(const Command& v) const { write_command(out, name, v); }
    void operator()(const SecretSource& v) const {
      if (v.file.empty()) {
        out.field(name, "inline").field("secret", v.inline_text.reveal());
      } else {
        out.field(name, "file").field("path", v.file);
      }
    }
  };
  std::visit(Visitor{out, name}, value);
}

// Which version of the file lies there now.
void write_file_state(Writer& out, const std::string& path) {
  struct stat status {};
  if (path.empty()) return;
  if (::stat(path.c_str(), &status) != 0) {
    out.field("file", path).field("state", "absent");
    return;
  }
  out.field("file", path)
      .number("size", status.st_size)
      .number("inode", static_cast<std::int64_t>(status.st_ino))
      .number("seconds", status.st_mtim.tv_sec)
      .number("nanoseconds", status.st_mtim.tv_nsec);
}

void write_plugin(Writer& out, std::string_view title, const PluginUse& use) {
  out.field(title, use.plugin);
  for (const auto& [name, value] : use.options.values()) write_value(out, name, value);
}

void write_probe(Writer& out, const Probe& probe) {
  out.number("probe", static_cast<int>(probe.kind));
  for (const std::string& address : probe.connect) out.field("connect", address);
  out.field("server_name", probe.server_name);
  for (const std::string& protocol : probe.alpn) out.field("alpn", protocol);
  out.field("file", probe.file).field("uri", probe.uri);
  write_command(out, "command", probe.command);
}

std::string subject_text(const CertificateRequest& request) {
  Writer out("certctl subject 1");
  for (const NameAttribute& attribute : request.subject)
    out.field(attribute.same_rdn ? "+" : "/", attribute.type).field("=", attribute.value);
  return out.text();
}

std::string issuer_text(const PluginUse& issuer) {
  Writer out("certctl issuer 1");
  out.field("enroller", issuer.plugin);
  for (const std::string& name : issuer.identity) {
    const auto value = issuer.options.values().find(name);
    if (value != issuer.options.values().end()) write_value(out, name, value->second);
  }
  return out.text();
}

std::string request_text(const Profile& profile, const PluginUse& issuer) {
  const CertificateRequest& request = profile.request;
  Writer out("certctl request 1");
  out.field("subject", subject_text(request)).field("issuer", issuer_text(issuer));
  std::vector<std::string> names;
  for (const AltName& name : request.alt_names) {
    const bool dns = name.kind == AltNameKind::dns;
    names.push_back(std::to_string(static_cast<int>(name.kind)) + ":" + (dns ? lower(name.value) : name.value));
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) out.field("name", name);
  if (!request.certificate_template.name.empty())
    out.field("template", request.certificate_template.name)
        .number("string", static_cast<int>(request.certificate_template.string));
  std::vector<std::string> usages = request.usage;
  std::sort(usages.begin(), usages.end());
  for (const std::string& usage : usages) out.field("usage", usage);
  out.field("provider", profile.key_provider.plugin);
  if (profile.key.type == KeyType::rsa) {
    out.number("rsa", profile.key.bits);
  } else {
    out.field("ec", profile.key.curve);
  }
  return out.text();
}

std::string configuration_text(const Profile& profile) {
  Writer out("certctl configuration 1");
  out.field("request", request_text(profile, profile.issuers.front()));
  for (const PluginUse& issuer : profile.issuers) {
    write_plugin(out, "issuer", issuer);
    for (const auto& [name, value] : issuer.options.values()) {
      if (const auto* secret = std::get_if<SecretSource>(&value)) write_file_state(out, secret->file);
    }
    for (const std::string& name : issuer.files) write_file_state(out, issuer.options.text(name));
  }
  write_plugin(out, "key", profile.key_provider);
  out.number("rotate", static_cast<int>(profile.rotate)).number("age", profile.rotate_age.count());
  out.number("names", static_cast<int>(profile.names)).field("renew", profile.renew.text);
  out.number("poll", profile.pending_poll.count()).number("give_up", profile.pending_give_up.count());
  write_plugin(out, "store", profile.store);
  for (const Target& target : profile.targets) {
    write_plugin(out, "target", target.plugin);
    out.field("target_name", target.name);
    write_command(out, "reload", target.reload);
    out.number("timeout", target.timeout.count()).number("verify_timeout", target.verify_timeout.count());
    out.number("on_failure", static_cast<int>(target.on_failure));
    if (!target.restart.empty()) write_command(out, "restart", target.restart);
    for (const Probe& probe : target.verify) write_probe(out, probe);
  }
  for (const HookUse& hook : profile.hooks) {
    write_plugin(out, "hook", hook.plugin);
    for (const std::string& event : hook.on) out.field("on", event);
  }
  return out.text();
}

std::string hash_of(const std::string& text) {
  return crypto::sha256_hex(std::string_view(text));
}

}  // namespace

std::vector<std::string> issuer_hashes(const Profile& profile) {
  std::vector<std::string> hashes;
  for (const PluginUse& issuer : profile.issuers) hashes.push_back(hash_of(issuer_text(issuer)));
  return hashes;
}

std::string request_hash(const Profile& profile, std::size_t issuer) {
  return hash_of(request_text(profile, profile.issuers.at(issuer)));
}

ProfileHashes hash_profile(const Profile& profile) {
  ProfileHashes hashes;
  hashes.request = request_hash(profile, 0);
  hashes.subject = hash_of(subject_text(profile.request));
  hashes.issuer = hash_of(issuer_text(profile.issuers.front()));
  std::string all = configuration_text(profile);
  hashes.configuration = hash_of(all);
  wipe(all.data(), all.size());  // inline secrets are in it
  return hashes;
}

}  // namespace certctl::config
