#include "framework/net/curl_library.hpp"

#include <certctl/result.hpp>

#include <dlfcn.h>

#include <new>
#include <string>

namespace certctl::net {
namespace {

constexpr const char* kName = "libcurl.so.4";  // the name of its interface since 2006

[[noreturn]] void missing() {
  const char* why = ::dlerror();
  throw Failure::never("curl-missing",
                       "libcurl cannot be loaded: " + std::string(why != nullptr ? why : "reason unknown"),
                       "install the package libcurl4");
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  void* const address = ::dlsym(library, name);
  if (address == nullptr) missing();
  function = reinterpret_cast<Function>(address);
}

CurlLibrary load() {
  // Lazily bound: of its libraries' thousands of symbols a request uses a few dozen.
  void* const library = ::dlopen(kName, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) missing();
  CurlLibrary calls;
  find(library, "curl_global_init", calls.global_init);
  find(library, "curl_easy_init", calls.easy_init);
  find(library, "curl_easy_cleanup", calls.easy_cleanup);
  find(library, "curl_easy_reset", calls.easy_reset);
  find(library, "curl_easy_setopt", calls.easy_setopt);
  find(library, "curl_easy_perform", calls.easy_perform);
  find(library, "curl_easy_getinfo", calls.easy_getinfo);
  find(library, "curl_easy_strerror", calls.easy_strerror);
  find(library, "curl_slist_append", calls.slist_append);
  find(library, "curl_slist_free_all", calls.slist_free_all);
  find(library, "curl_url", calls.url);
  find(library, "curl_url_cleanup", calls.url_cleanup);
  find(library, "curl_url_set", calls.url_set);
  find(library, "curl_url_get", calls.url_get);
  find(library, "curl_free", calls.free);
  find(library, "curl_getdate", calls.getdate);
  if (calls.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
  return calls;
}

}  // namespace

const CurlLibrary& curl() {
  static const CurlLibrary calls = load();  // curl's own state is the process's
  return calls;
}

}  // namespace certctl::net
