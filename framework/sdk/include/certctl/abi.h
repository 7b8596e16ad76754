/* The border between the host and a native plugin, in plain C.
 *
 * A plugin exports one object of this type: symbol certctl_plugin_v1, section certctl_plugin. The host looks for the
 * section in the file before it loads the object, and checks this descriptor before it touches anything C++. */
#ifndef CERTCTL_ABI_H
#define CERTCTL_ABI_H

#include <stdint.h>

/* Raised by hand whenever the size, an offset or the vtable order of anything in the SDK's headers changes;
 * tests/unit/sdk/abi_layout_test.cpp fails when that was forgotten. */
#define CERTCTL_CONTRACT_REVISION 4u

#define CERTCTL_MAGIC "certctl" /* 8 bytes with its NUL */

enum certctl_kind {
  CERTCTL_KIND_ENROLLER = 1,
  CERTCTL_KIND_STORE = 2,
  CERTCTL_KIND_KEY_PROVIDER = 3,
  CERTCTL_KIND_DISTRIBUTOR = 4,
  CERTCTL_KIND_HOOK = 5
};

/* What both sides must have been built with; compared byte for byte. */
struct certctl_build {
  uint32_t contract;      /* CERTCTL_CONTRACT_REVISION */
  uint32_t cxx11_abi;     /* _GLIBCXX_USE_CXX11_ABI */
  uint32_t pointer_size;  /* sizeof(void*) */
  uint32_t openssl_major; /* OPENSSL_VERSION_MAJOR, 0: the plugin uses no OpenSSL */
};

struct certctl_descriptor {
  char magic[8];
  uint32_t struct_size; /* sizeof(struct certctl_descriptor) */
  uint32_t kind;        /* enum certctl_kind */
  struct certctl_build build;
  const char* name;
  const char* version;
  const char* summary;
  const void* options; /* const certctl::OptionSpec*, option_count rows */
  uint64_t option_count;
  /* Makes an instance: options is a const certctl::Options*, host a certctl::Host*; both outlive the instance.
   * Returns a pointer to the kind's interface of plugin.hpp, or null with *error (a certctl::Error*) filled. */
  void* (*create)(const void* options, void* host, void* error);
  void (*destroy)(void* instance);
};

#endif
