// What the conformance suites share.
//
// A suite is called in a TEST_CASE of its own and makes SECTIONs there:
//
//   TEST_CASE("the store scepclient keeps the promises of a store") {
//     contract::StoreSubject subject;
//     subject.make = contract::linked<StoreApi>("scepclient");
//     subject.options = [](const std::filesystem::path& place) { … };
//     contract::store_suite(subject);
//   }
#pragma once

#include <certctl/result.hpp>

#include <filesystem>
#include <string>

namespace certctl::contract {

// An Error that a person can use: a code of lower-case words, one line that says what failed, and nothing secret.
void check_error(const Error& error);

// The code of a Result's error; "" for a value.
template <class T>
std::string code_of(const Result<T>& result) {
  if (result.ok()) return "";
  check_error(result.error());
  return result.error().code;
}

// No file below a directory that holds a private key is readable by group or others (P2).
void check_no_key_is_readable(const std::filesystem::path& directory);
// Nothing of a private key in PEM is in the text.
void check_no_secret(const std::string& text);

}  // namespace certctl::contract
