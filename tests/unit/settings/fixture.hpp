// Credentials and old values for the tests of the settings editor. Keys and certificates are those of tests/data/store,
// made by the openssl program; values are encoded by `base64` and `sh`, not by our own encoder.
#pragma once

#include <certctl/types.hpp>

#include <functional>
#include <string>

namespace settings_test {

std::string content_of(const std::string& path);
// one, two: RSA; three, four: EC
certctl::Credential credential(const std::string& name);
std::string key_pem(const std::string& name);          // PKCS #8, as openssl wrote it
std::string certificate_pem(const std::string& name);  // as openssl wrote it
std::string traditional_pem(const std::string& name);  // by `openssl rsa -traditional` or `openssl ec`

std::string run(const std::string& shell_text, const std::string& input = {}, const std::string& directory = "/");
std::string base64_line(const std::string& text);  // by `base64 -w0`
std::string escaped(const std::string& pem);       // \n for line breaks, by `sed`

// The code of the Failure that is thrown; "" when there is none.
std::string code_of(const std::function<void()>& body);

}  // namespace settings_test
