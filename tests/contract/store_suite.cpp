#include "tests/contract/store_suite.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/credentials.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::contract {
namespace {

// A store in a place of its own; open() is what the next run of the program does.
class Place {
 public:
  explicit Place(const StoreSubject& subject) : subject_(subject) {}

  struct Opened {
    std::unique_ptr<TestHost> host;
    Made<StoreApi> store;
    StoreApi* operator->() const { return &*store; }
  };
  [[nodiscard]] Opened open(const std::string& profile = "one-profile") const {
    auto host = std::make_unique<TestHost>();
    host->state().profile = profile;
    Made<StoreApi> store = subject_.make(subject_.options(scratch_.path()), *host);
    return {std::move(host), std::move(store)};
  }
  [[nodiscard]] const std::filesystem::path& path() const { return scratch_.path(); }

 private:
  const StoreSubject& subject_;
  Scratch scratch_;
};

std::vector<int> numbers(StoreApi& store) {
  std::vector<int> all;
  for (const auto& generation : store.list().value()) all.push_back(generation.number);
  return all;
}

int active_number(StoreApi& store) {
  const auto active = store.active().value();
  return active ? active->number : 0;
}

// What is active is a whole pair, and list(), active() and read() say the same.
void check_consistent(StoreApi& store) {
  const auto active = store.active().value();
  int flagged = 0;
  for (const auto& generation : store.list().value()) {
    CHECK(generation.whole);
    CHECK(generation.problem.empty());
    if (!generation.active) continue;
    ++flagged;
    REQUIRE(active);
    CHECK(generation.number == active->number);
  }
  CHECK(flagged == (active ? 1 : 0));
  if (!active) return;
  CHECK(active->active);
  CHECK(active->whole);
  const Credential read = store.read(active->number).value();
  CHECK(read.fingerprint == active->fingerprint);
  CHECK(read.serial == active->serial);
}

}  // namespace

void store_suite(const StoreSubject& subject) {
  const Place place(subject);

  SECTION("a new store is empty and has a location that stays") {
    const auto store = place.open();
    CHECK_FALSE(store->active().value());
    CHECK(store->list().value().empty());
    const std::string location = store->location().value();
    CHECK_FALSE(location.empty());
    CHECK(place.open()->location().value() == location);
    CHECK(store->prune(1, {}).value().empty());
  }

  SECTION("put stores without making active, and read gives back what was put") {
    const auto store = place.open();
    const Credential given = test_credential("one");
    const int number = store->put(given).value();
    CHECK(number > 0);
    CHECK_FALSE(store->active().value());
    const auto listed = store->list().value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].number == number);
    CHECK(listed[0].fingerprint == given.fingerprint);
    CHECK(listed[0].serial == given.serial);
    CHECK(listed[0].whole);
    CHECK_FALSE(listed[0].active);
    const Credential read = store->read(number).value();
    CHECK(read.generation == number);
    CHECK(read.serial == given.serial);
    CHECK(read.fingerprint == given.fingerprint);
    CHECK(read.certificate_pem == given.certificate_pem);
    CHECK(read.chain_pem == given.chain_pem);
    CHECK(read.ca_set_pem == given.ca_set_pem);
    CHECK(read.key.provider == given.key.provider);
    CHECK(read.key.pem.reveal() == given.key.pem.reveal());
    if (!read.directory.empty()) {
      CHECK(std::filesystem::path(read.directory).is_absolute());
      CHECK(read.directory == listed[0].directory);
      CHECK(Scratch::read(read.directory + "/crt") == given.certificate_pem);
      CHECK(Scratch::read(read.directory + "/key") == given.key.pem.reveal());
    }
    check_no_key_is_readable(place.path());
  }

  SECTION("activate makes one generation the active one") {
    const auto store = place.open();
    const int one = store->put(test_credential("one")).value();
    store->activate(one).value();
    CHECK(active_number(*store.store) == one);
    check_consistent(*store.store);
    const int two = store->put(test_credential("two")).value();
    CHECK(two > one);
    CHECK(active_number(*store.store) == one);
    store->activate(two).value();
    CHECK(active_number(*store.store) == two);
    check_consistent(*store.store);
    store->activate(one).value();
    store->activate(one).value();
    CHECK(active_number(*store.store) == one);
    CHECK(numbers(*store.store) == std::vector<int>{one, two});
    check_consistent(*store.store);
    check_no_key_is_readable(place.path());
  }

  SECTION("the next run finds what the last one left") {
    int two = 0;
    {
      const auto store = place.open();
      store->put(test_credential("one")).value();
      two = store->put(test_credential("two")).value();
      store->activate(two).value();
    }
    const auto store = place.open();
    CHECK(active_number(*store.store) == two);
    CHECK(store->read(two).value().key.pem.reveal() == test_credential("two").key.pem.reveal());
    CHECK(store->put(test_credential("three")).value() > two);
    check_consistent(*store.store);
  }

  SECTION("the same certificate again is the same generation, with the newer chain and CA set") {
    const auto store = place.open();
    Credential given = test_credential("one");
    const int one = store->put(given).value();
    store->activate(one).value();
    given.chain_pem.clear();
    given.ca_set_pem.pop_back();
    CHECK(store->put(given).value() == one);
    CHECK(place.open()->put(given).value() == one);
    const Credential read = store->read(one).value();
    CHECK(read.chain_pem.empty());
    CHECK(read.ca_set_pem == given.ca_set_pem);
    CHECK(numbers(*store.store) == std::vector<int>{one});
    CHECK(active_number(*store.store) == one);
  }

  SECTION("a serial that comes again with another certificate overwrites nothing") {
    const auto store = place.open();
    const int one = store->put(test_credential("one")).value();
    store->activate(one).value();
    const int again = store->put(test_credential("repeated")).value();
    CHECK(again != one);
    CHECK(store->read(one).value().fingerprint == test_credential("one").fingerprint);
    CHECK(store->read(again).value().fingerprint == test_credential("repeated").fingerprint);
    CHECK(active_number(*store.store) == one);
    store->activate(again).value();
    check_consistent(*store.store);
  }

  SECTION("an odd serial breaks nothing") {
    const auto store = place.open();
    const int number = store->put(test_credential("negative")).value();
    store->activate(number).value();
    check_consistent(*store.store);
  }

  SECTION("a generation that is not there is an error, and changes nothing") {
    const auto store = place.open();
    const int one = store->put(test_credential("one")).value();
    store->activate(one).value();
    for (const int number : {one + 1, 0, -1, 1'000'000}) {
      CHECK(code_of(store->activate(number)) == "generation-unknown");
      CHECK(code_of(store->read(number)) == "generation-unknown");
    }
    CHECK(active_number(*store.store) == one);
    check_consistent(*store.store);
  }

  SECTION("a key that does not belong to its certificate never becomes active") {
    const auto store = place.open();
    const int one = store->put(test_credential("one")).value();
    store->activate(one).value();
    Credential mixed = test_credential("two");
    mixed.key.pem = test_credential("three").key.pem;
    const auto number = store->put(mixed);
    if (number.ok()) {
      auto copy = number;
      CHECK(code_of(store->activate(copy.value())) == "generation-broken");
    } else {
      check_error(number.error());
    }
    CHECK(active_number(*store.store) == one);
    const Credential active = store->read(one).value();
    CHECK(active.key.pem.reveal() == test_credential("one").key.pem.reveal());
  }

  SECTION("what is no credential is refused") {
    const auto store = place.open();
    Credential nothing;
    CHECK_FALSE(code_of(store->put(nothing)).empty());
    Credential garbage = test_credential("one");
    garbage.certificate_pem = "no certificate";
    CHECK_FALSE(code_of(store->put(garbage)).empty());
    CHECK(store->list().value().empty());
  }

  SECTION("prune removes the oldest, never the active one or one that is needed") {
    const auto store = place.open();
    std::vector<int> put;
    for (const char* name : {"one", "two", "three", "four", "five"}) {
      put.push_back(store->put(test_credential(name)).value());
    }
    CHECK(numbers(*store.store) == put);
    store->activate(put[1]).value();
    CHECK(store->prune(5, {}).value().empty());
    CHECK(store->prune(4, {}).value() == std::vector<int>{put[0]});
    CHECK(store->prune(1, {put[3]}).value() == std::vector<int>{put[2], put[4]});
    CHECK(numbers(*store.store) == std::vector<int>{put[1], put[3]});
    CHECK(store->prune(1, {put[3]}).value().empty());
    CHECK(code_of(store->read(put[0])) == "generation-unknown");
    check_consistent(*store.store);
    CHECK(store->prune(1, {}).value() == std::vector<int>{put[3]});
    CHECK(active_number(*place.open().store) == put[1]);
    // A number is not used again while anybody could mean the old one by it.
    CHECK(store->put(test_credential("one")).value() > put[1]);
  }

  SECTION("another profile is refused") {
    place.open()->put(test_credential("one")).value();
    std::string code;
    try {
      const auto other = place.open("another-profile");
      code = code_of(other->put(test_credential("two")));
    } catch (const Failure& failure) {
      check_error(failure.error());
      code = failure.error().code;
    }
    CHECK(code == "store-foreign");
    CHECK(place.open()->list().value().size() == 1);
  }

  SECTION("adoption is offered or refused in so many words") {
    const auto store = place.open();
    if (store->supports_adopt()) {
      CHECK_FALSE(store->adopt().value());
      CHECK(store->list().value().empty());
    } else {
      CHECK(code_of(store->adopt()) == "unsupported");
    }
  }
}

}  // namespace certctl::contract
