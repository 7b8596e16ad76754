# certctl_add_framework_library(NAME SOURCES … [LINK …] [PRIVATE_LINK …])
#   A static archive certctl_NAME of framework/NAME (or of a plugin's library folder). Headers are included from the
#   root of the tree: #include "framework/crypto/certificate.hpp".
function(certctl_add_framework_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "certctl_add_framework_library(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  add_library(certctl_${name} STATIC ${ARG_SOURCES})
  target_include_directories(certctl_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(certctl_${name} PUBLIC certctl_sdk ${ARG_LINK} PRIVATE certctl_build_flags ${ARG_PRIVATE_LINK})
  certctl_precompiled_headers(certctl_${name} library)
endfunction()

# certctl_add_unit_test(NAME SOURCES … [LINK …] [TIMEOUT seconds])
#   One Catch2 program unit_NAME, run by CTest under the label "unit" (with sanitizers too). CERTCTL_TEST_DATA is the path
#   of tests/data.
function(certctl_add_unit_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "certctl_add_unit_test(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)  # the machine may be busy with others
  endif()
  add_executable(unit_${name} ${ARG_SOURCES})
  target_include_directories(unit_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(unit_${name} PRIVATE CERTCTL_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
                             CERTCTL_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CERTCTL_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(unit_${name} PRIVATE certctl_build_flags certctl_catch_main ${ARG_LINK})
  certctl_precompiled_headers(unit_${name} test)
  add_test(NAME unit_${name} COMMAND unit_${name})
  set_tests_properties(unit_${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS unit)
endfunction()
