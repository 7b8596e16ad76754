// What a plugin says of itself is looked at before it is used.
#include <catch2/catch.hpp>
#include <string>

#include "framework/registry/descriptor_check.hpp"

using namespace certctl;
using namespace certctl::registry;

namespace {

void* no_create(const void*, void*, void*) {
  return nullptr;
}
void no_destroy(void*) {}

certctl_descriptor sound() {
  return {CERTCTL_MAGIC,
          sizeof(certctl_descriptor),
          CERTCTL_KIND_STORE,
          {CERTCTL_CONTRACT_REVISION, _GLIBCXX_USE_CXX11_ABI, sizeof(void*), 0},
          "sound",
          "1",
          "a summary",
          nullptr,
          0,
          &no_create,
          &no_destroy};
}

std::string refusal_of(const certctl_descriptor& descriptor) {
  try {
    (void)checked_plugin(descriptor, "");
  } catch (const Failure& failure) {
    return failure.error().message;
  }
  return "";
}

std::string refusal_of(const OptionSpec& spec) {
  const OptionSpec table[] = {{"before", OptionType::text, "", false, false, "", "another"}, spec};
  certctl_descriptor descriptor = sound();
  descriptor.options = table;
  descriptor.option_count = 2;
  return refusal_of(descriptor);
}

const std::string kDamaged = "its descriptor is damaged: ";

}  // namespace

TEST_CASE("texts and pointers of a descriptor are looked at before they are used") {
  CHECK(refusal_of(sound()).empty());
  const auto with = [](auto change) {
    certctl_descriptor descriptor = sound();
    change(descriptor);
    return refusal_of(descriptor);
  };
  CHECK(with([](auto& d) { d.name = nullptr; }) == kDamaged + "its name is missing");
  CHECK(with([](auto& d) { d.name = ""; }) == kDamaged + "its name is empty");
  CHECK(with([](auto& d) { d.name = "-x"; }) == kDamaged + "its name is not of the form [a-z0-9][a-z0-9_-]*");
  CHECK(with([](auto& d) { d.version = "1\n2"; }) == kDamaged + "its version has control characters");
  CHECK(with([](auto& d) { d.summary = "\x1b[31mred"; }) == kDamaged + "its summary has control characters");
  const std::string longer(600, 'x');
  CHECK(with([&](auto& d) { d.summary = longer.c_str(); }) == kDamaged + "its summary is too long");
  CHECK(with([](auto& d) { d.create = nullptr; }) == kDamaged + "it can make no instance");
  CHECK(with([](auto& d) { d.destroy = nullptr; }) == kDamaged + "it can make no instance");
  CHECK(with([](auto& d) { d.option_count = 1; }) == kDamaged + "its option table is missing");
  CHECK(with([](auto& d) { d.option_count = 100000; }) == kDamaged + "it has too many options");
}

TEST_CASE("an option table that makes no sense is refused") {
  using Type = OptionType;
  CHECK(refusal_of(OptionSpec{"good", Type::choice, "a", false, false, "a|b", "text"}).empty());
  CHECK(refusal_of(OptionSpec{nullptr, Type::text, "", false, false, "", "text"}) ==
        kDamaged + "an option's name is missing");
  CHECK(refusal_of(OptionSpec{"a-b", Type::text, "", false, false, "", "text"}) ==
        kDamaged + "option 'a-b' has a name that is not of the form [a-z0-9_]+");
  CHECK(refusal_of(OptionSpec{"before", Type::text, "", false, false, "", "text"}) ==
        kDamaged + "option 'before' stands there twice");
  CHECK(refusal_of(OptionSpec{"x", static_cast<Type>(77), "", false, false, "", "text"}) ==
        kDamaged + "option 'x' has no known type");
  CHECK(refusal_of(OptionSpec{"x", Type::text, nullptr, false, false, "", "text"}) ==
        kDamaged + "option 'x': the default is missing");
  CHECK(refusal_of(OptionSpec{"x", Type::text, "", false, false, "", ""}) ==
        kDamaged + "option 'x': the description is empty");
  CHECK(refusal_of(OptionSpec{"x", Type::text, "a", true, false, "", "text"}) ==
        kDamaged + "option 'x' is required and has a default");
  CHECK(refusal_of(OptionSpec{"x", Type::choice, "", false, false, "", "text"}) ==
        kDamaged + "option 'x' has nothing to choose from");
  CHECK(refusal_of(OptionSpec{"x", Type::text, "", false, false, "a|b", "text"}) ==
        kDamaged + "option 'x' has choices and is of another type");
  CHECK(refusal_of(OptionSpec{"x", Type::choice, "c", false, false, "a|b", "text"}) ==
        kDamaged + "option 'x' has a default that is no choice");
  CHECK(refusal_of(OptionSpec{"x", Type::boolean, "yes", false, false, "", "text"}) ==
        kDamaged + "option 'x' has a default that is neither true nor false");
  CHECK(refusal_of(OptionSpec{"x", Type::secret, "s3cret", false, false, "", "text"}) ==
        kDamaged + "option 'x' is a secret with a default");
}
