// Options: addresses, labels, what belongs together.
#include "enrollers/est/settings.hpp"
#include "tests/contract/instance.hpp"

#include <catch2/catch.hpp>

using namespace certctl;

namespace {

Options options_of(const std::vector<std::pair<std::string, OptionValue>>& given) {
  Options options;
  options.set("url", std::string("https://ca.test"));
  options.set("timeout", std::chrono::seconds(60));
  options.set("max_reply", std::int64_t{4 << 20});
  for (const auto& [name, value] : given) options.set(name, value);
  return options;
}
std::string base(const std::string& url, const std::string& label = {}) {
  return est::read_settings(options_of({{"url", url}, {"label", label}})).base;
}
std::string problem(const std::vector<std::pair<std::string, OptionValue>>& given) {
  try {
    (void)est::read_settings(options_of(given));
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "bad-option");
    return failure.error().message;
  }
  return {};
}

}  // namespace

TEST_CASE("the place of the operations: well known, unless the address has a path") {
  CHECK(base("https://ca.test") == "https://ca.test/.well-known/est");
  CHECK(base("https://ca.test:8443/") == "https://ca.test:8443/.well-known/est");
  CHECK(base("https://ca.test/.well-known/est/") == "https://ca.test/.well-known/est");
  CHECK(base("https://ca.test/pki/est") == "https://ca.test/pki/est");
  CHECK(base("https://[::1]:8443", "lab") == "https://[::1]:8443/.well-known/est/lab");
}

TEST_CASE("options that cannot work are named") {
  CHECK(problem({{"url", std::string("http://ca.test")}}).find("https") != std::string::npos);
  CHECK_FALSE(problem({{"url", std::string("https://")}}).empty());
  CHECK_FALSE(problem({{"url", std::string("https:///x")}}).empty());
  CHECK_FALSE(problem({{"url", std::string("https://a b")}}).empty());
  CHECK_FALSE(problem({{"url", std::string("https://ca.test/?x")}}).empty());
  for (const char* label : {"cacerts", "simpleenroll", "a/b", "..", "a b"})
    CHECK_FALSE(problem({{"label", std::string(label)}}).empty());
  CHECK_FALSE(problem({{"user", std::string("router")}}).empty());
  CHECK_FALSE(problem({{"password", SecretSource{"/x", {}}}}).empty());
  CHECK_FALSE(problem({{"user", std::string("a:b")}, {"password", SecretSource{"/x", {}}}}).empty());
  CHECK_FALSE(problem({{"client_certificate", std::string("/x")}}).empty());
  CHECK_FALSE(problem({{"timeout", std::chrono::seconds(0)}}).empty());
  CHECK_FALSE(problem({{"max_reply", std::int64_t{1}}}).empty());
  CHECK(problem({}).empty());
}
