// The device's serial number: where it comes from, and where it goes.
#include <catch2/catch.hpp>

#include "framework/config/substitution.hpp"
#include "framework/crypto/name.hpp"
#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

std::string with_serial(const std::string& text) {
  return substitute_serial(text, [] { return std::string("X1"); });
}

// The subject that `device_serial` makes of CN=SN, or the complaint.
std::string serial_by(const std::string& settings) {
  Scene scene("schema: 1\n" + settings);
  scene.directory.write("serial", "Product: x\nSerial Number : ICR-77 \nSerial Number : other\n");
  scene.directory.write("word", "  0042\n");
  scene.directory.write("key", "-----BEGIN PRIVATE KEY-----\nTUlJRXZnSUJBREFO\n-----END PRIVATE KEY-----\n");
  scene.profile("p", profile_text({{"subject", "/CN=SN"}}));
  const Loaded loaded = scene.load();
  if (!loaded.diagnostics.empty()) return scene.texts(loaded.diagnostics).front();
  return loaded.profiles.at(0).request.subject.at(0).value;
}

}  // namespace

TEST_CASE("SN is replaced as a whole token inside of values") {
  CHECK(with_serial("/CN=SN") == "/CN=X1");
  CHECK(with_serial("/CN=router-SN") == "/CN=router-X1");
  CHECK(with_serial("/CN=SN.example/O=a SN b") == "/CN=X1.example/O=a X1 b");
  CHECK(with_serial("DNS:SN.example") == "DNS:X1.example");
  CHECK(with_serial("/CN=SN/SN=SN+SN=x") == "/CN=X1/SN=X1+SN=x");
  CHECK(with_serial("/CN=a SN=b") == "/CN=a X1=b");
  for (const char* same : {"/CN=SNMP", "/CN=DSN", "/CN=SN1", "/CN=_SN", "/CN=SN_x", "/CN=sn", "/CN=xSNx", "/SN=Muster",
                           "/CN=\xC3\xBCSN", "/CN=\\SN", "/CN=", ""}) {
    INFO(same);
    CHECK(with_serial(same) == same);
  }
}

TEST_CASE("${device_serial} is replaced everywhere") {
  CHECK(with_serial("/CN=r${device_serial}x") == "/CN=rX1x");
  CHECK(with_serial("/CN=${device_serial}${device_serial}") == "/CN=X1X1");
  CHECK(with_serial("/CN=\\${device_serial}") == "/CN=\\${device_serial}");
  CHECK(with_serial("/CN=$x {y} $") == "/CN=$x {y} $");
  for (const char* bad : {"/CN=${SN}", "/CN=${device_serial", "/CN=${}", "/CN=${device_serial }"}) {
    INFO(bad);
    CHECK_THROWS_AS(with_serial(bad), Failure);
  }
}

TEST_CASE("the source is asked only where it is needed") {
  int asked = 0;
  const SerialSource source = [&] {
    ++asked;
    return std::string("1");
  };
  (void)substitute_serial("/CN=SNMP\\SN", source);
  CHECK(asked == 0);
}

TEST_CASE("the serial number comes from a text, a file or a command") {
  CHECK(serial_by("device_serial: { text: 0042 }\n") == "0042");
  CHECK(serial_by("device_serial: { file: word }\n") == "0042");
  CHECK(serial_by("device_serial: { command: [ echo, ICR-1 ] }\n") == "ICR-1");
  CHECK(serial_by("device_serial: { command: \"echo ICR-1; echo\" }\n") == "ICR-1");
  CHECK(serial_by("device_serial: { file: serial, match: \"Serial Number *: *([A-Za-z0-9-]+)\" }\n") == "ICR-77");
  CHECK(serial_by("device_serial: { file: serial, match: \"ICR-[0-9]+\" }\n") == "ICR-77");
}

TEST_CASE("a serial number that is used and missing is an error, never empty") {
  const std::string at = "profiles.d/p.yaml:3:10: error: subject: the device's serial number is needed here, and ";
  CHECK(serial_by("") == at + "certctl.yaml has no device_serial (write device_serial, or \\SN for the two letters)");
  CHECK(serial_by("device_serial: { file: gone }\n").find(at) == 0);
  CHECK(serial_by("device_serial: { text: '' }\n") ==
        at + "the output of device_serial is empty (correct device_serial in certctl.yaml)");
  CHECK(serial_by("device_serial: { command: [ 'false' ] }\n") == at + "its command: exit status 1");
  CHECK(serial_by("device_serial: { command: [ /nowhere/status ] }\n").find(at) == 0);
  CHECK(serial_by("device_serial: { command: [ 'true' ] }\n") ==
        at + "the output of device_serial is empty (correct device_serial in certctl.yaml)");
  CHECK(serial_by("device_serial: { file: serial }\n").find("is not a single word") != std::string::npos);
  CHECK(serial_by("device_serial: { file: key }\n").find("may hold a private key, is not") != std::string::npos);
  CHECK(serial_by("device_serial: { text: \"a/CN=b\" }\n").find("'a/CN=b' is not a single word") != std::string::npos);
  CHECK(serial_by("device_serial: { file: serial, match: \"Serie: (.*)\" }\n") ==
        at + "nothing in the output matches `match` (correct device_serial in certctl.yaml)");
}

TEST_CASE("what is wrong with device_serial itself is said in certctl.yaml") {
  CHECK(serial_by("device_serial: { file: a, text: b }\n") ==
        "certctl.yaml:2:1: error: device_serial needs exactly one of command, file and text");
  CHECK(serial_by("device_serial: ICR\n") ==
        "certctl.yaml:2:16: error: device_serial must be a map, and is text "
        "(write { command: … }, { file: PATH } or { text: SERIAL })");
  CHECK(serial_by("device_serial: { text: a, match: \"(\" }\n")
            .find("certctl.yaml:2:34: error: device_serial: match is no regular expression: ") == 0);
}

TEST_CASE("a profile that needs no serial number does not ask for it") {
  Scene scene;
  scene.directory.write("certctl.yaml",
                        "schema: 1\ndevice_serial: { command: [ touch, " + scene.directory.path("ran") + " ] }\n");
  scene.profile("p", profile_text());
  CHECK(scene.complaints().empty());
  CHECK_FALSE(std::filesystem::exists(scene.directory.path("ran")));
}

TEST_CASE("a command is asked once for all profiles") {
  Scene scene;
  scene.directory.write("certctl.yaml", "schema: 1\ndevice_serial: { command: \"echo x >>" +
                                            scene.directory.path("ran") + "; echo S1\" }\n");
  for (const char* name : {"a", "b", "c"})
    scene.profile(name,
                  profile_text({{"profile", name}, {"subject", "/CN=SN"}, {"san", "DNS:${device_serial}.example"}}));
  const Loaded loaded = scene.load();
  CHECK(loaded.profiles.size() == 3);
  CHECK(loaded.profiles.at(0).request.alt_names.at(0).value == "S1.example");
  CHECK(std::filesystem::file_size(scene.directory.path("ran")) == 2);
}
