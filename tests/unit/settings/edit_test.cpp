// Values of a settings file are replaced, and nothing else is.
#include "distributors/settings/editor/edit.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/self_signed.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/contract/test_host.hpp"
#include "tests/unit/settings/fixture.hpp"

using namespace certctl;
using namespace certctl::settings;
using namespace settings_test;

namespace {

const std::vector<Wanted> kPair{{"IPSEC_LOCAL_KEY", Kind::pkey}, {"IPSEC_LOCAL_CERT", Kind::cert}};

struct Edited {
  std::string text;
  std::vector<std::string> warnings;
  std::vector<OldValue> old;
};

Edited edit(const std::string& text, const std::vector<Wanted>& wanted, const Credential& credential,
            const EditOptions& options = {}) {
  const Document document{std::string(text)};
  const Material material(credential);
  Edited edited;
  std::vector<NewValue> values;
  for (const Slot& slot : place(document, wanted, options, material)) {
    values.push_back(render(slot, material, edited.warnings));
    OldValue old{slot.wanted.name, slot.append, {}, slot.break_before};
    for (std::size_t i = 0; i < slot.places.size(); ++i)
      old.places.push_back({slot.places[i].old_raw, raw_hash(values.back().raw[i].reveal())});
    edited.old.push_back(std::move(old));
  }
  edited.text = write(document, values, options.missing).reveal();
  return edited;
}

std::string undone(const std::string& text, const std::vector<OldValue>& old) {
  std::vector<std::string> foreign;
  return restore(Document{std::string(text)}, old, foreign).reveal();
}

std::string pair(const std::string& key, const std::string& certificate) {
  return "# tunnel 1\nIPSEC_ENABLED=1\nIPSEC_LOCAL_CERT=" + certificate +
         "\nIPSEC_REMOTE_IPADDR=192.0.2.1\nIPSEC_LOCAL_KEY=" + key + "\nIPSEC_PSK=\"a b\"\n";
}

EditOptions with(EncodingChoice encoding, KeyFormat format = KeyFormat::automatic) {
  EditOptions options;
  options.encoding = encoding;
  options.key_format = format;
  return options;
}

}  // namespace

TEST_CASE("RT-50: one and two names are replaced, all other lines stay byte for byte") {
  const std::string before = pair(base64_line(key_pem("one")), base64_line(certificate_pem("one")));
  CHECK(edit(before, kPair, credential("two")).text ==
        pair(base64_line(key_pem("two")), base64_line(certificate_pem("two"))));
  CHECK(edit(before, {kPair[1]}, credential("two")).text ==
        pair(base64_line(key_pem("one")), base64_line(certificate_pem("two"))));
}

TEST_CASE("RT-51: a name that begins or ends like another is another") {
  const std::string before =
      "XIPSEC_LOCAL_KEY=1\nIPSEC2_LOCAL_KEY=2\nIPSEC_LOCAL_KEY=\nIPSEC_LOCAL_KEY2=3\nipsec_local_key=4\n "
      "IPSEC_LOCAL_KEY=5\n";
  CHECK(edit(before, {kPair[0]}, credential("one")).text ==
        "XIPSEC_LOCAL_KEY=1\nIPSEC2_LOCAL_KEY=2\nIPSEC_LOCAL_KEY=" + base64_line(key_pem("one")) +
            "\nIPSEC_LOCAL_KEY2=3\nipsec_local_key=4\n IPSEC_LOCAL_KEY=5\n");
}

TEST_CASE("RT-52: CRLF, a missing last line break, quotes and empty values stay what they are") {
  const std::string value = base64_line(certificate_pem("two"));
  const std::vector<Wanted> wanted{{"C", Kind::cert}};
  const auto result = [&](const std::string& text) { return edit(text, wanted, credential("two")).text; };
  CHECK(result("A=1\r\nC=\r\nB=2\r\n") == "A=1\r\nC=" + value + "\r\nB=2\r\n");
  CHECK(result("A=1\nC=") == "A=1\nC=" + value);
  CHECK(result("C=\"\"\n") == "C=\"" + value + "\"\n");
  CHECK(result("C=''; export C\n") == "C='" + value + "'; export C\n");
  CHECK(result("\xef\xbb\xbf"
               "C=\nA=\xff\n") ==
        "\xef\xbb\xbf"
        "C=" +
            value + "\nA=\xff\n");
  CHECK(result("C=\"" + base64_line(certificate_pem("one")) + "\" # x") == "C=\"" + value + "\" # x");
}

TEST_CASE("RT-52: a name that is not there is refused, or appended when that is allowed") {
  const std::vector<Wanted> wanted{{"C", Kind::cert}, {"K", Kind::pkey}};
  const std::string value = "C=" + base64_line(certificate_pem("two"));
  const std::string key = "K=" + base64_line(key_pem("two"));
  CHECK(code_of([&] { (void)edit("A=1\n", wanted, credential("two")); }) == "name-missing");
  EditOptions append;
  append.missing = Missing::append;
  for (const auto& [before, after] :
       std::vector<std::pair<std::string, std::string>>{{"", value + "\n" + key + "\n"},
                                                        {"A=1\n", "A=1\n" + value + "\n" + key + "\n"},
                                                        {"A=1", "A=1\n" + value + "\n" + key},
                                                        {"A=1\r\n", "A=1\r\n" + value + "\r\n" + key + "\r\n"},
                                                        {"A=1\r\nB=2", "A=1\r\nB=2\r\n" + value + "\r\n" + key},
                                                        {"A=1\r", "A=1\r\n" + value + "\r\n" + key},
                                                        {"A=1\r\nB=2\r", "A=1\r\nB=2\r\n" + value + "\r\n" + key},
                                                        {"\r", "\r\n" + value + "\r\n" + key},
                                                        {"C=\nA=1\n", value + "\nA=1\n" + key + "\n"}}) {
    CAPTURE(before);
    const Edited edited = edit(before, wanted, credential("two"), append);
    CHECK(edited.text == after);
    CHECK(undone(edited.text, edited.old) == before);
  }
}

TEST_CASE("RT-54: a shell that sources the file gets exactly the key") {
  const contract::Scratch scratch;
  const std::string before = pair("", "''");
  const auto sourced = [&](const std::string& text, const std::string& decode) {
    scratch.write("settings", text);
    return run(". ./settings; printf %s \"$IPSEC_LOCAL_KEY\" | " + decode, {}, scratch.path().string());
  };
  CHECK(sourced(edit(before, kPair, credential("two")).text, "base64 -d") == key_pem("two"));
  CHECK(sourced(edit(before, kPair, credential("two"), with(EncodingChoice::pem_quoted)).text, "cat") + "\n" ==
        key_pem("two"));
  CHECK(sourced(edit(before, kPair, credential("two"), with(EncodingChoice::pem_escaped)).text,
                "sed 's/\\\\n/\\n/g'") == key_pem("two"));
  // and the settings around it
  scratch.write("settings", edit(before, kPair, credential("two"), with(EncodingChoice::pem_quoted)).text);
  CHECK(run(". ./settings; echo $IPSEC_ENABLED $IPSEC_REMOTE_IPADDR $IPSEC_PSK", {}, scratch.path().string()) ==
        "1 192.0.2.1 a b\n");
}

TEST_CASE("RT-55: a quoted PEM text over several lines is replaced whole") {
  std::string old_key = key_pem("one"), new_key = key_pem("two");
  const std::string before = pair("\"" + old_key + "\"", "\"" + certificate_pem("one") + "\"");
  CHECK(edit(before, kPair, credential("two")).text ==
        pair("\"" + new_key + "\"", "\"" + certificate_pem("two") + "\""));
  CHECK(edit(before, kPair, credential("two"), with(EncodingChoice::base64_line)).text ==
        pair(base64_line(new_key), base64_line(certificate_pem("two"))));
  // and from one line to several
  new_key.pop_back();
  std::string certificate = certificate_pem("two");
  certificate.pop_back();
  CHECK(edit(pair("", base64_line(certificate_pem("one"))), kPair, credential("two"), with(EncodingChoice::pem_quoted))
            .text == pair("\"" + new_key + "\"", "\"" + certificate + "\""));
}

TEST_CASE("the key keeps the label of the old value, or gets the one that is asked for") {
  const auto key_written = [&](const std::string& old, const std::string& name, KeyFormat format) {
    const std::string text =
        edit("K=" + old + "\n", {{"K", Kind::pkey}}, credential(name), with(EncodingChoice::automatic, format)).text;
    return run("base64 -d", text.substr(2, text.size() - 3));
  };
  const std::string pkcs8 = base64_line(key_pem("one"));
  const std::string traditional = base64_line(traditional_pem("one"));
  CHECK(key_written(pkcs8, "two", KeyFormat::automatic) == key_pem("two"));
  CHECK(key_written(traditional, "two", KeyFormat::automatic) == traditional_pem("two"));
  CHECK(key_written("", "two", KeyFormat::automatic) == key_pem("two"));
  CHECK(key_written(traditional, "two", KeyFormat::pkcs8) == key_pem("two"));
  CHECK(key_written(pkcs8, "two", KeyFormat::traditional) == traditional_pem("two"));
  CHECK(key_written(base64_line(traditional_pem("three")), "four", KeyFormat::automatic) == traditional_pem("four"));
  // a label that the new key cannot have
  CHECK(key_written(traditional, "three", KeyFormat::automatic) == key_pem("three"));
  // a certificate where a key is wanted has no label
  CHECK(key_written(base64_line(certificate_pem("one")), "two", KeyFormat::automatic) == key_pem("two"));
}

TEST_CASE("an encoding that cannot be told is an error, and asking for one is the way out") {
  const std::string before = "C=something else\n";
  const std::vector<Wanted> wanted{{"C", Kind::cert}};
  CHECK(code_of([&] { (void)edit(before, wanted, credential("two")); }) == "value-unknown");
  CHECK(edit(before, wanted, credential("two"), with(EncodingChoice::base64_line)).text ==
        "C=" + base64_line(certificate_pem("two")) + "\n");
  CHECK(code_of([&] {
          (void)edit("C=\"-----BEGIN CERTIFICATE-----\nA=1\n", wanted, credential("two"),
                     with(EncodingChoice::base64_line));
        }) == "value-unterminated");
  CHECK(edit("B=\"-----BEGIN CERTIFICATE-----\nC=\n", wanted, credential("two")).text ==
        "B=\"-----BEGIN CERTIFICATE-----\nC=" + base64_line(certificate_pem("two")) + "\n");
}

TEST_CASE("an append that an open quote of the file would swallow is refused") {
  EditOptions append = with(EncodingChoice::pem_quoted);
  append.missing = Missing::append;
  const std::string before = "B=\"-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----";
  const std::string code = code_of([&] { (void)edit(before, {{"C", Kind::cert}}, credential("two"), append); });
  CHECK((code.empty() || code == "settings-edit"));
}

TEST_CASE("every occurrence of a name is replaced, with a warning, and each gets its own old value back") {
  const std::string before = "C=\nA=1\nC=\"" + certificate_pem("one") + "\"\n";
  const Edited edited = edit(before, {{"C", Kind::cert}}, credential("two"));
  CHECK(edited.text == "C=" + base64_line(certificate_pem("two")) + "\nA=1\nC=\"" + certificate_pem("two") + "\"\n");
  REQUIRE(edited.warnings.size() == 1);
  CHECK(edited.warnings[0].find("2 times") != std::string::npos);
  CHECK(undone(edited.text, edited.old) == before);
}

TEST_CASE("a value over 4000 characters is written whole, with a warning") {
  const auto key = crypto::Key::generate({KeyType::rsa, 4096, ""});
  const auto subject = crypto::Certificate::from_pem(certificate_pem("one")).subject_der();
  Credential big;
  big.certificate_pem =
      crypto::make_self_signed(subject, key, TimePoint(std::chrono::seconds{1'800'000'000}), std::chrono::hours(24))
          .to_pem();
  big.key.pem = key.to_pem_pkcs8();
  const Edited edited = edit("K=\n", {{"K", Kind::pkey}}, big);
  CHECK(edited.text == "K=" + base64_line(key.to_pem_pkcs8().reveal()) + "\n");
  REQUIRE(edited.warnings.size() == 1);
  CHECK(edited.warnings[0].find("4000") != std::string::npos);
}

TEST_CASE("chain and ca are whole, the issuer first, without what is no CA") {
  Credential given = credential("one");
  given.ca_set_pem.push_back(certificate_pem("four"));  // as an RA's certificate: no CA
  const std::string issuing = content_of(std::string(CERTCTL_TEST_DATA) + "/store/ca-issuing.pem");
  const std::string root = content_of(std::string(CERTCTL_TEST_DATA) + "/store/ca-root.pem");
  CHECK(edit("X=\nY=\n", {{"X", Kind::chain}, {"Y", Kind::ca}}, given).text ==
        "X=" + base64_line(issuing) + "\nY=" + base64_line(issuing + root) + "\n");
  given.ca_set_pem.clear();
  CHECK(code_of([&] { (void)edit("Y=\n", {{"Y", Kind::ca}}, given); }) == "credential-incomplete");
  given.chain_pem.clear();
  const Edited edited = edit("X=\"" + base64_line(root) + "\"\n", {{"X", Kind::chain}}, given);
  CHECK(edited.text == "X=\"\"\n");
  CHECK(edited.warnings.size() == 1);
  CHECK(undone(edited.text, edited.old) == "X=\"" + base64_line(root) + "\"\n");
}

TEST_CASE("a credential that is no pair is not written") {
  Credential broken = credential("one");
  broken.key.pem = Secret(key_pem("two"));
  CHECK(code_of([&] { (void)Material(broken); }) == "credential-broken");
  broken.key.pem = Secret("nonsense");
  CHECK(code_of([&] { (void)Material(broken); }) == "credential-broken");
  Credential token = credential("one");
  token.key.pem.clear();
  token.key.reference = "pkcs11:object=x";
  CHECK(edit("C=\n", {{"C", Kind::cert}}, token).text == "C=" + base64_line(certificate_pem("one")) + "\n");
  CHECK(code_of([&] { (void)edit("K=\n", {{"K", Kind::pkey}}, token); }) == "key-not-exportable");
}

TEST_CASE("undo touches only what is still ours, in the file as it is then") {
  const std::string before = pair(base64_line(key_pem("one")), base64_line(certificate_pem("one")));
  Edited edited = edit(before, kPair, credential("two"));
  // somebody changes other lines: they stay
  std::string later = "NEW=1\n" + edited.text;
  CHECK(undone(later, edited.old) == "NEW=1\n" + before);
  // somebody changes one of ours: that stays, and is named
  const std::string other = pair(base64_line(key_pem("two")), base64_line(certificate_pem("three")));
  std::vector<std::string> foreign;
  CHECK(restore(Document{std::string(other)}, edited.old, foreign).reveal() ==
        pair(base64_line(key_pem("one")), base64_line(certificate_pem("three"))));
  CHECK(foreign == std::vector<std::string>{"IPSEC_LOCAL_CERT"});
  // nothing was installed, or half of it
  CHECK(undone(before, edited.old) == before);
  CHECK(undone(pair(base64_line(key_pem("two")), base64_line(certificate_pem("one"))), edited.old) == before);
  CHECK(undone("A=1\n", edited.old) == "A=1\n");
  // twice is once
  CHECK(undone(undone(edited.text, edited.old), edited.old) == before);
}

TEST_CASE("the words of the options") {
  CHECK(encoding_from_word("auto") == EncodingChoice::automatic);
  CHECK(encoding_from_word("pem-escaped") == EncodingChoice::pem_escaped);
  CHECK(crypto::key_format_from_word("traditional") == KeyFormat::traditional);
  CHECK(missing_from_word("append") == Missing::append);
  CHECK(crypto::pem_kind_from_word("pkey") == Kind::pkey);
  CHECK_FALSE(crypto::pem_kind_from_word("PKEY").has_value());
  CHECK(code_of([] { (void)encoding_from_word("base64"); }) == "internal");
}
