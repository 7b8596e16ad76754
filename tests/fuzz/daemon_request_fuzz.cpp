// Any bytes as a line that a client of the daemon's socket sends: refused as bad-request, or understood the same when
// it is put together anew.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "framework/daemon/request.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line = fuzz::text_of(data, size);
  daemon::Request request;
  const bool accepted = fuzz::accepts([&] {
    try {
      request = daemon::parse_request(line);
    } catch (const Failure& failure) {
      fuzz::require(failure.error().code == "bad-request", "a refusal is bad-request");
      throw;
    }
  });
  if (!accepted) return 0;
  request.id = fuzz::planted(request.id);
  const nlohmann::json id = nlohmann::json::parse(request.id, nullptr, false);
  fuzz::require(id.is_string() || id.is_number_integer() || id.is_null(), "the id is JSON text again");
  fuzz::require(request.id.find('\n') == std::string::npos, "the id is one line");
  for (const std::string& profile : request.profiles)
    fuzz::require(profile.find('/') == std::string::npos && !profile.empty() && profile.front() != '.',
                  "a profile's name is no path");
  return 0;
}
