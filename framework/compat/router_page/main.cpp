// The page of the module as a CGI program: www/index.cgi. One request, one answer.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "framework/compat/router_page/cgi.hpp"
#include "framework/compat/router_page/page.hpp"
#include "framework/crypto/library_start.hpp"
#include "framework/page/form.hpp"
#include "framework/sys/out_of_memory.hpp"

namespace {

using namespace certctl::router_page;
using certctl::page::kLongestForm;
using certctl::page::Request;
using certctl::page::Response;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As much as the web server says there is, or as there is, whichever is less; and never more than a form may have.
void read_body(Request& request) {
  const std::string stated = variable("CONTENT_LENGTH");
  const unsigned long length = std::strtoul(stated.c_str(), nullptr, 10);
  if (length > kLongestForm) {
    request.body_too_long = true;
    return;
  }
  std::array<char, 4096> buffer{};
  while (request.body.size() < length) {
    const ssize_t got =
        ::read(STDIN_FILENO, buffer.data(), std::min<std::size_t>(buffer.size(), length - request.body.size()));
    if (got <= 0) break;
    request.body.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// The module is where this program lies, two levels up from its bin or www directory; not where a link to it says.
std::string module_directory() {
  std::array<char, PATH_MAX> program{};
  if (::realpath("/proc/self/exe", program.data()) == nullptr) return "/opt/scepClient";
  return std::filesystem::path(program.data()).parent_path().parent_path().string();
}

std::string device_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

int main() {
  certctl::sys::end_when_out_of_memory();
  if (!certctl::crypto::start_library()) certctl::sys::end_out_of_memory();
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A client that sends its form byte by byte, or a status that hangs, ends here.
  constexpr unsigned kLongestRequest = 180;
  alarm(kLongestRequest);
  Request request;
  request.method = variable("REQUEST_METHOD");
  request.query = variable("QUERY_STRING");
  request.content_type = variable("CONTENT_TYPE");
  request.host = variable("HTTP_HOST");
  request.origin = variable("HTTP_ORIGIN");
  request.referer = variable("HTTP_REFERER");
  request.fetch_site = variable("HTTP_SEC_FETCH_SITE");
  request.user = variable("REMOTE_USER");
  if (request.method == "POST") read_body(request);
  const Module module(module_directory(), variable("CERTCTL_CONFIG"), certctl::router_app::default_store());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Response response =
      answer(request, module, {device_name(), std::chrono::duration_cast<std::chrono::seconds>(now).count()});
  const std::string text = cgi_text(response);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
