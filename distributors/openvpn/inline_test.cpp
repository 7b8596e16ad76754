// Files inside of a configuration: what is changed, and that nothing else is.
#include "distributors/openvpn/inline_blocks.hpp"

#include <catch2/catch.hpp>

#include "distributors/openvpn/test_openvpn.hpp"
#include "distributors/openvpn/undo_token.hpp"
#include "tests/contract/credentials.hpp"

using namespace openvpn_test;
using openvpn::Configuration;

namespace {

struct File {
  Scratch scratch;
  TestHost host;
  fs::path path;
  explicit File(const std::string& text) : path(scratch.write("client.conf", text)) {}
  [[nodiscard]] Made<DistributorApi> plugin(std::initializer_list<std::pair<std::string, OptionValue>> more = {}) {
    Options options =
        contract::options(CERTCTL_KIND_DISTRIBUTOR, "openvpn",
                          {{"configuration", path.string()}, {"inline", true}, {"signal", std::string("none")}});
    for (const auto& [name, value] : more) options.set(name, value);
    return instance<DistributorApi>("openvpn", std::move(options), host);
  }
  [[nodiscard]] std::string text() const { return Scratch::read(path); }
};

std::string crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

std::string code_of_text(const std::string& text) {
  try {
    (void)Configuration(text).content("cert");
  } catch (const Failure& failure) {
    check_error(failure.error());
    return failure.error().code;
  }
  return "";
}

}  // namespace

TEST_CASE("blocks of a configuration") {
  const std::string text = "a\n  <cert> \nC\n </cert> x\n# <key>\n<tls-crypt>\n<key>\n</tls-crypt>\n<key>\n</key>";
  Configuration configuration(text);
  CHECK(configuration.content("cert") == "C\n");
  CHECK(configuration.content("key") == "");
  CHECK_FALSE(configuration.content("ca"));
  CHECK(configuration.has_directive("a"));
  CHECK_FALSE(configuration.has_directive("C"));
  configuration.replace("cert", "new\n");
  configuration.replace("key", "K\n");
  CHECK(configuration.text() ==
        "a\n  <cert> \nnew\n </cert> x\n# <key>\n<tls-crypt>\n<key>\n</tls-crypt>\n<key>\nK\n</key>");
  const std::string before = configuration.append("ca", "A\n");
  CHECK(before == "\n");
  CHECK(configuration.text().ends_with("</key>\n<ca>\nA\n</ca>\n"));
  configuration.remove("ca", before);
  configuration.replace("key", "");
  configuration.replace("cert", "C\n");
  CHECK(configuration.text() == text);
  CHECK(code_of_text("<cert>\nC\n") == "configuration-malformed");
  CHECK(code_of_text("<key>\n<cert>\n</cert>\n") == "configuration-malformed");
  CHECK(code_of_text("<cert>\n</cert>\n<cert>\n</cert>\n") == "configuration-ambiguous");
  CHECK(code_of_text("").empty());
  CHECK(code_of_text("<>\n</cert>\n<").empty());
}

TEST_CASE("only the blocks change, with the line ends of the file") {
  const Credential one = test_credential("one");
  File file(
      "client\r\n\tdev tun\xff\r\n<extra-certs>\r\nx\r\n</extra-certs>\r\n<ca>\r\nmine\r\n</ca>\r\n\r\n <cert>\r\n"
      "</cert>\r\n<key>\r\n</key>\r\n# end");
  deliver(*file.plugin(), one);
  CHECK(file.text() == "client\r\n\tdev tun\xff\r\n<extra-certs>\r\n" + crlf(one.chain_pem[0]) +
                           "</extra-certs>\r\n<ca>\r\nmine\r\n</ca>\r\n\r\n <cert>\r\n" + crlf(one.certificate_pem) +
                           "</cert>\r\n<key>\r\n" + crlf(one.key.pem.reveal()) + "</key>\r\n# end");
  CHECK(file.plugin()->inspect(&one).value().present == Present::this_one);
  CHECK(file.plugin({{"inline_ca", true}})->inspect(&one).value().present == Present::other);
  deliver(*file.plugin({{"inline_ca", true}}), one);
  CHECK(file.text().find("<ca>\r\n" + crlf(one.ca_set_pem[0] + one.ca_set_pem[1]) + "</ca>\r\n") != std::string::npos);
  Credential rootlet = one;
  rootlet.chain_pem.clear();
  CHECK(code_of(file.plugin()->prepare(rootlet, nullptr)) == "credential-incomplete");
}

TEST_CASE("without <extra-certs> the chain follows the certificate; the key keeps its form") {
  const Credential one = test_credential("one");
  File file("<key>\n-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n</key>\n<cert>\n</cert>\n");
  deliver(*file.plugin(), one);
  CHECK(file.text().find("<cert>\n" + one.certificate_pem + one.chain_pem[0] + "</cert>\n") != std::string::npos);
  CHECK(file.text().find("<key>\n-----BEGIN RSA PRIVATE KEY-----\n") != std::string::npos);
}

TEST_CASE("a block that is missing") {
  const Credential one = test_credential("one");
  File file("client\n<key>\n</key>");
  const auto missing = file.plugin()->prepare(one, nullptr);
  CHECK(code_of(missing) == "block-missing");
  CHECK(missing.error().message.find("<cert>") != std::string::npos);
  const auto appending = file.plugin({{"missing", std::string("append")}});
  const Secret token = appending->prepare(one, nullptr).value();
  appending->install(one, token).value();
  CHECK(file.text().ends_with("</key>\n<cert>\n" + one.certificate_pem + one.chain_pem[0] + "</cert>\n"));
  appending->undo(token).value();
  CHECK(file.text() == "client\n<key>\n</key>");
  File named("cert server.crt\n<key>\n</key>\n");
  CHECK(code_of(named.plugin({{"missing", std::string("append")}})->prepare(one, nullptr)) == "block-missing");
  fs::remove(file.path);
  CHECK(code_of(appending->prepare(one, nullptr)) == "file-missing");
}

TEST_CASE("undo gives back each block that is still ours, into the file as it is then") {
  const Credential one = test_credential("one");
  File file("<cert>\nold\n</cert>\n<key>\nold\n</key>\n");
  const auto plugin = file.plugin();
  const Secret token = plugin->prepare(one, nullptr).value();
  plugin->install(one, token).value();
  Configuration changed(file.text());
  changed.replace("cert", "somebody else's\n");
  write(file.path, "verb 4\n" + changed.text());
  plugin->undo(token).value();
  CHECK(file.text() == "verb 4\n<cert>\nsomebody else's\n</cert>\n<key>\nold\n</key>\n");
  CHECK(file.host.state().logged("<cert>"));
}

TEST_CASE("owner and mode of a configuration stay") {
  File file("<cert>\n</cert>\n<key>\n</key>\n");
  fs::permissions(file.path, fs::perms::owner_read | fs::perms::group_read);
  deliver(*file.plugin(), test_credential("one"));
  CHECK(fs::status(file.path).permissions() == (fs::perms::owner_read | fs::perms::group_read));
}
