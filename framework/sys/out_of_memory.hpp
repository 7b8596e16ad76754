// What a program does when memory runs out.
#pragma once

namespace certctl::sys {

// From now on, in all threads and in forked processes: when an allocation of C++ fails, the process says so in one line
// on standard error and ends with exit status 1 at once, without destructors. Everything of ours survives being killed,
// and nothing that still has to allocate gets further than that. Call it first in main().
void end_when_out_of_memory() noexcept;

// The same, now: for libraries that say that they got no memory.
[[noreturn]] void end_out_of_memory() noexcept;

}  // namespace certctl::sys
