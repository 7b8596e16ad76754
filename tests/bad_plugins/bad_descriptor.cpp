// A descriptor with one thing wrong, chosen by the build (CMakeLists.txt). Plain C terms: it could come from any
// compiler.
#include <certctl/abi.h>

#include "tests/bad_plugins/marker.hpp"

#ifndef BAD_MAGIC
#define BAD_MAGIC CERTCTL_MAGIC
#endif
#ifndef BAD_SIZE
#define BAD_SIZE sizeof(certctl_descriptor)
#endif
#ifndef BAD_KIND
#define BAD_KIND CERTCTL_KIND_HOOK
#endif
#ifndef BAD_CONTRACT
#define BAD_CONTRACT CERTCTL_CONTRACT_REVISION
#endif
#ifndef BAD_CXX11_ABI
#define BAD_CXX11_ABI _GLIBCXX_USE_CXX11_ABI
#endif
#ifndef BAD_POINTER
#define BAD_POINTER sizeof(void*)
#endif
#ifndef BAD_OPENSSL
#define BAD_OPENSSL 0
#endif
#ifndef BAD_NAME
#define BAD_NAME "bad"
#endif
#ifndef BAD_SECTION
#define BAD_SECTION "certctl_plugin"
#endif
#ifndef BAD_SYMBOL
#define BAD_SYMBOL certctl_plugin_v1
#endif

namespace {
#ifdef BAD_DEPENDENCY
extern "C" void certctl_test_symbol_that_nobody_has();
#endif
void* create(const void*, void*, void*) {
#ifdef BAD_DEPENDENCY
  certctl_test_symbol_that_nobody_has();
#endif
  return nullptr;  // and no error
}
void destroy(void*) {}
}  // namespace

extern "C" __attribute__((visibility("default"))) const certctl_descriptor BAD_SYMBOL
    __attribute__((section(BAD_SECTION), used, aligned(8))) = {
        BAD_MAGIC, BAD_SIZE, BAD_KIND,       {BAD_CONTRACT, BAD_CXX11_ABI, BAD_POINTER, BAD_OPENSSL},
        BAD_NAME,  "1.0",    "does nothing", nullptr,
        0,         &create,  &destroy};
