// libcurl, loaded with the first request. Some thirty libraries come with it (Kerberos, LDAP, SSH …), and to map them
// costs several times what `certctl plan` and `certctl status` need for all they do, and they make no request. Internal
// to net.
#pragma once

#include <curl/curl.h>

namespace certctl::net {

// The calls by their names without the prefix curl_.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&(::curl_easy_setopt)) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&(::curl_easy_getinfo)) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_url) url = nullptr;
  decltype(&::curl_url_cleanup) url_cleanup = nullptr;
  decltype(&::curl_url_set) url_set = nullptr;
  decltype(&::curl_url_get) url_get = nullptr;
  decltype(&::curl_free) free = nullptr;
  decltype(&::curl_getdate) getdate = nullptr;
};

// Loads and starts the library at the first call and never unloads it; any thread. Throws Failure curl-missing (never).
[[nodiscard]] const CurlLibrary& curl();

}  // namespace certctl::net
