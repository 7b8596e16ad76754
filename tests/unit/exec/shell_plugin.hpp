// An executable plugin that a test writes as a piece of shell.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "framework/sdk/exec/exec_plugin.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::exec::test {

// A credential whose texts name it; nothing of it is a certificate.
inline Credential credential_of(const std::string& name) {
  Credential credential;
  credential.generation = 3;
  credential.serial = "0A";
  credential.fingerprint = "sha256:" + name;
  credential.certificate_pem = "-----BEGIN CERTIFICATE-----\n" + name + "\n-----END CERTIFICATE-----\n";
  credential.chain_pem = {"-----BEGIN CERTIFICATE-----\nissuer\n-----END CERTIFICATE-----\n"};
  credential.key.pem = Secret("-----BEGIN PRIVATE KEY-----\nkey of " + name + "\n-----END PRIVATE KEY-----\n");
  return credential;
}

// A plugin of the given kind whose verbs are this piece of shell.
struct Shell {
  explicit Shell(const std::string& kind, const std::string& body, const std::string& description = "")
      : plugin(ExecPlugin::load(scratch.write(
            kind + "_x",
            "#!/bin/sh\nif [ \"$1\" = describe ]; then printf 'protocol=1\\nkind=" + kind + "\\nname=x\\n" +
                description + "'; exit 0; fi\nvalue() { sed -n \"s/^$1=//p\" \"$PWD/said\"; }\ncat > said\n" + body +
                "\n",
            0755))) {}
  contract::Scratch scratch;
  std::shared_ptr<const ExecPlugin> plugin;
};

inline std::set<std::string> names_in(const std::filesystem::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.insert(entry.path().filename().string());
  return names;
}

}  // namespace certctl::exec::test
