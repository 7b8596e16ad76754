# One interface target carries what every object of the project is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without a preprocessor run of its own, which a fresh machine pays for nothing; precompiled headers by their content.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

include(CheckPIESupported)
check_pie_supported()

add_library(certctl_build_flags INTERFACE)
target_compile_options(certctl_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fstack-protector-strong
  # g++ 12, optimising, sees overlapping copies in "text" + std::string, uninitialised members of empty optionals and reads
  # beyond empty vectors where there are none (GCC bugs 105651, 105562, 105329). clang and the sanitizers look for the real ones.
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict;-Wno-maybe-uninitialized;-Wno-stringop-overread;-Wno-stringop-overflow;-Wno-array-bounds>")
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # Files and inodes beyond 32 bits: without it a directory of a large file system cannot even be read.
  target_compile_definitions(certctl_build_flags INTERFACE _FILE_OFFSET_BITS=64)
endif()
target_link_options(certctl_build_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
if(CERTCTL_SANITIZE)
  target_compile_options(certctl_build_flags INTERFACE -fsanitize=${CERTCTL_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(certctl_build_flags INTERFACE -fsanitize=${CERTCTL_SANITIZE})
else()
  target_compile_definitions(certctl_build_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
