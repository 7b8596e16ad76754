#include "framework/daemon/request.hpp"

#include <catch2/catch.hpp>

#include <certctl/result.hpp>

namespace {

using namespace certctl;
using daemon::parse_request;
using daemon::Verb;

std::string refusal(std::string_view line) {
  try {
    (void)parse_request(line);
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "bad-request");
    return failure.error().message;
  }
  return {};
}

}  // namespace

TEST_CASE("requests: what they say") {
  const auto request =
      parse_request(R"({"id":"x1","verb":"renew","profiles":["a","b.c"],"force":true,"rekey":false,"follow":true})");
  CHECK(request.id == "\"x1\"");
  CHECK(request.verb == Verb::renew);
  CHECK(request.profiles == std::vector<std::string>{"a", "b.c"});
  CHECK(request.wishes.force);
  CHECK_FALSE(request.wishes.rekey);
  CHECK(request.follow);
  CHECK(parse_request(R"({"verb":"status","id":7})").id == "7");
  CHECK(parse_request(R"({"verb":"status"})").id == "null");
  CHECK(parse_request(R"({"verb":"rollback","profiles":["a"],"generation":3})").generation == 3);
}

TEST_CASE("requests: what is refused") {
  CHECK(refusal("") == "a request is one JSON object on one line");
  CHECK(refusal("[]") == "a request is one JSON object on one line");
  CHECK(refusal("{\"verb\":") == "a request is one JSON object on one line");
  CHECK(refusal("{}") == "verb is missing");
  CHECK(refusal(R"({"verb":3})") == "verb must be a text");
  CHECK(refusal(R"({"verb":"destroy"})") == "there is no verb 'destroy'");
  CHECK(refusal(R"({"verb":"renew","forse":true})") == "there is no key 'forse'");
  CHECK(refusal(R"({"verb":"renew","force":1})") == "force must be true or false");
  CHECK(refusal(R"({"verb":"renew","profiles":"a"})") == "profiles must be a list");
  CHECK(refusal(R"({"verb":"renew","profiles":["../a"]})") == "profiles: not a profile's name");
  CHECK(refusal(R"({"verb":"rollback"})") == "profiles must name one profile");
  CHECK(refusal(R"({"verb":"history","profiles":["a","b"]})") == "profiles must name one profile");
  CHECK(refusal(R"({"verb":"rollback","profiles":["a"],"generation":-1})") == "generation must be a number");
  CHECK(refusal(R"({"verb":"verify","force":true})") == "this verb does not take force");
  CHECK(refusal(R"({"verb":"deliver","rekey":true})") == "this verb does not take rekey");
  CHECK(refusal(R"({"verb":"plan","new_request":true})") == "only renew takes new_request and reset_attempts");
  CHECK(refusal(R"({"verb":"renew","diff":true})") == "only plan takes diff");
  CHECK(refusal(R"({"verb":"renew","generation":2})") == "only rollback and certificate take generation");
  CHECK(refusal(R"({"verb":"status","id":{}})") == "id must be a text or a number");
  CHECK(refusal(R"({"verb":"status","id":")" + std::string(200, 'x') + "\"}") == "id is too long");
}

TEST_CASE("requests: which change something") {
  for (const Verb verb : {Verb::daemon, Verb::metrics, Verb::status, Verb::plan, Verb::history, Verb::certificate})
    CHECK_FALSE(daemon::changes_something(verb));
  for (const Verb verb : {Verb::reload, Verb::renew, Verb::deliver, Verb::verify, Verb::rollback, Verb::release})
    CHECK(daemon::changes_something(verb));
}
