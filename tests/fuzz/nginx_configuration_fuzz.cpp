// Any text as nginx's configuration: it is read or refused, and what is found in it can be asked and shown.
#include <certctl/result.hpp>

#include <cstddef>
#include <cstdint>

#include "distributors/nginx/listeners.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace certctl;
  using namespace certctl::nginx;
  fuzz::accepts([&] {
    Configuration configuration;
    configuration.file = "/etc/nginx/nginx.conf";
    configuration.directory = "/etc/nginx";
    configuration.directives = parse_configuration(fuzz::text_of(data, size), configuration.file);
    for (const Directive& directive : configuration.directives)
      fuzz::require(!directive.words.empty(), "a directive has a name");
    ListenerQuery query;
    query.certificate = "/etc/nginx/our.pem";
    const Listeners found = find_listeners(configuration, query);
    fuzz::require(found.used || (found.listeners.empty() && found.left_out.empty()),
                  "who does not use the certificate is not asked");
    for (const auto& listener : found.listeners) {
      fuzz::require(listener.port != 0 && !listener.host.empty(), "a listener has an address");
      fuzz::require(fuzz::planted(listener.server_name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") ==
                        std::string::npos,
                    "a name can be sent: " + listener.server_name);
    }
  });
  return 0;
}
