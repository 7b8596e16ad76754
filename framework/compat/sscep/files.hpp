// Files that sscep reads and writes.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace certctl::sscep {

// Whatever can be opened, pipes too (`-r <(…)`). Throws Stop (file) with the path and the system's reason.
std::string read_input(const std::string& path);

// PEM, the first of its kind in the file, or DER. Throw Stop (file).
crypto::Certificate read_certificate(const std::string& path);
crypto::Csr read_request(const std::string& path);
// Asks on the terminal for the passphrase of an encrypted key.
crypto::Key read_key(const std::string& path);

// Whether write_output() would succeed, as far as one can know before: asked before a request is sent, because what a
// CA has issued may not be had twice. Throws Stop (file).
void check_writable(const std::string& path);

// A regular file is replaced whole, its mode and owner kept; a new one has 0666 less the umask. A symbolic link is
// followed; devices and pipes are written to (/dev/null). Throws Stop (file).
void write_output(const std::string& path, std::string_view content);

// Removes FILE-N, FILE-N+1 … that an earlier, longer set left behind; stops at what is no certificate in PEM.
void remove_set_from(const std::string& base, std::size_t number);

}  // namespace certctl::sscep
