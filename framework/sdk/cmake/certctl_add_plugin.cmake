# certctl_add_plugin(NAME <name> KIND <enroller|store|key|distributor|hook> SOURCES … [LINK …] [TEST …] [TEST_LINK …])
#   A native plugin: one module `<kind>_<name>.so` with one exported symbol. TEST: sources of its Catch2 program, linked with
#   the plugin's own objects and the registry. With CERTCTL_STATIC_PLUGINS the same sources are linked into the programs.
function(certctl_add_plugin)
  cmake_parse_arguments(ARG "" "NAME;KIND" "SOURCES;LINK;TEST;TEST_LINK" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "certctl_add_plugin(${ARG_NAME}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  set(target ${ARG_KIND}_${ARG_NAME})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE certctl_sdk certctl_build_flags ${ARG_LINK})
  set_target_properties(${target} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
endfunction()
