// What the operations do, once options are complete and the server's capabilities are known. All throw Stop.
#pragma once

#include "enrollers/scep/protocol/capabilities.hpp"
#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/key_source.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/compat/sscep/server.hpp"

namespace certctl::sscep {

struct Task {
  const Options& options;
  const Console& console;
  Server& server;
  const scep::Capabilities& capabilities;
  const KeySource& keys;
};

void get_ca(const Task& task);
void get_next_ca(const Task& task);
void enroll(const Task& task);
void get_certificate(const Task& task);
void get_crl(const Task& task);

// The digest that fingerprints are shown in: -F, or the strongest that is announced.
crypto::Digest fingerprint_digest(const Options& options, const scep::Capabilities& capabilities);

}  // namespace certctl::sscep
