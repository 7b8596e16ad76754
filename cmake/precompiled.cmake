# Headers that nearly every source reads are parsed once, not three hundred times: half of the time of a build. A source
# still includes all that it uses: the presets that are shipped (release, router) build without.
#
# The tests' own sources are compiled without optimization, too: what they test is optimized, and they are half of it all.
option(CERTCTL_PRECOMPILED "parse common headers once for all sources" OFF)
function(certctl_quickly_compiled target)
  target_compile_options(${target} PRIVATE -O0 -g0 -U_FORTIFY_SOURCE)
endfunction()
if(CERTCTL_PRECOMPILED)
  set(headers <algorithm> <array> <charconv> <chrono> <filesystem> <fstream> <functional> <map> <memory> <optional> <set>
      <sstream> <string> <string_view> <thread> <utility> <vector>)
  # What can't be told apart by a flag shares one file: position independence differs between libraries and programs.
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled/library.cpp "")
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled/test.cpp "int main() {}\n")
  add_library(certctl_precompiled_library OBJECT ${PROJECT_BINARY_DIR}/precompiled/library.cpp)
  target_link_libraries(certctl_precompiled_library PRIVATE certctl_build_flags nlohmann_json::nlohmann_json)
  target_precompile_headers(certctl_precompiled_library PRIVATE ${headers} <nlohmann/json.hpp>)
  if(CERTCTL_TESTS)
    add_executable(certctl_precompiled_test ${PROJECT_BINARY_DIR}/precompiled/test.cpp)
    target_link_libraries(certctl_precompiled_test PRIVATE certctl_build_flags Catch2::Catch2)
    target_precompile_headers(certctl_precompiled_test PRIVATE ${headers} <catch2/catch.hpp>)
    certctl_quickly_compiled(certctl_precompiled_test)
  endif()
endif()

# certctl_precompiled_headers(TARGET library|test)
# certctl_precompiled_headers(TARGET own HEADER…)   for a program with heavy headers in many sources
function(certctl_precompiled_headers target kind)
  if(CERTCTL_PRECOMPILED AND kind STREQUAL own)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  elseif(CERTCTL_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM certctl_precompiled_${kind})
    if(kind STREQUAL test)
      certctl_quickly_compiled(${target})
    endif()
  endif()
endfunction()
