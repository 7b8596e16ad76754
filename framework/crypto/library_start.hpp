// The first use of OpenSSL in a process.
#pragma once

namespace certctl::crypto {

// Makes OpenSSL's default context, which all threads use from then on. False: there is no memory for it, and nothing of
// this folder may be called. OpenSSL 3.0 remembers that it failed, goes on with a context without locks, and crashes at
// its first digest. Call it in main(), before any thread. Reads no file.
[[nodiscard]] bool start_library() noexcept;

}  // namespace certctl::crypto
