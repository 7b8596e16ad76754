# The one way to build a plugin; certctl's own plugins and everybody else's take it (find_package(certctl) brings it).
#
# certctl_add_plugin(NAME <name> KIND <enroller|store|key|distributor|hook> SOURCES … [LINK …]
#                    [PACKAGE <component>] [TEST …] [TEST_LINK …] [TEST_TIMEOUT <seconds>])
#   Target and file <kind>_<name>: a module with one exported symbol, in the directory `plugins` of the build tree;
#   installed into lib/certctl/plugins.
#   CERTCTL_PLUGIN(…) stands in the source that is called plugin.cpp: it is compiled once per form, the others once.
#   PACKAGE: install component, for who packs; default: certctl.
#   LINK: libraries. Whatever reaches OpenSSL is marked with OpenSSL's major version by itself.
#   TEST: sources of a Catch2 program plugin_<kind>_<name>_test, run by CTest. It is linked with the plugin's objects,
#   so that it can test the parts, and finds the plugin as the host does (tests/contract/instance.hpp).
#
# With CERTCTL_STATIC_PLUGINS no module is built; the programs take all plugins in:
# certctl_link_static_plugins(<target>)
#   Links every plugin of the project into the program, whichever folder is configured first. Without
#   CERTCTL_STATIC_PLUGINS it does nothing.

set(CERTCTL_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/certctl_plugin.map)
set(CERTCTL_PLUGIN_KINDS enroller store key distributor hook)

# What every object of a plugin is compiled with.
function(certctl_plugin_compile_settings target)
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  if(TARGET certctl_build_flags)  # inside certctl's own tree
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE certctl_sdk certctl_build_flags ${ARGN})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE)
      certctl_precompiled_headers(${target} test)
    else()
      certctl_precompiled_headers(${target} library)
    endif()
  else()
    target_link_libraries(${target} PRIVATE certctl::sdk ${ARGN})
  endif()
  if("${ARGN}" MATCHES "OpenSSL::")
    if(NOT OPENSSL_VERSION)
      message(FATAL_ERROR "${target} links OpenSSL: call find_package(OpenSSL) first")
    endif()
    string(REGEX MATCH "^[0-9]+" major ${OPENSSL_VERSION})
    target_compile_definitions(${target} PRIVATE CERTCTL_OPENSSL_MAJOR=${major})
  endif()
endfunction()

function(certctl_add_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME;KIND;PACKAGE;TEST_TIMEOUT" "SOURCES;LINK;TEST;TEST_LINK")
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "certctl_add_plugin(${ARG_NAME}): unknown or empty arguments: "
                        "${ARG_UNPARSED_ARGUMENTS} ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT "${ARG_NAME}" MATCHES "^[a-z0-9][a-z0-9_-]*$")
    message(FATAL_ERROR "certctl_add_plugin: NAME '${ARG_NAME}' is not of the form [a-z0-9][a-z0-9_-]*")
  endif()
  if(NOT ARG_KIND IN_LIST CERTCTL_PLUGIN_KINDS)
    message(FATAL_ERROR "certctl_add_plugin(${ARG_NAME}): KIND '${ARG_KIND}' is none of ${CERTCTL_PLUGIN_KINDS}")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "certctl_add_plugin(${ARG_NAME}): no SOURCES")
  endif()
  if((ARG_TEST_LINK OR ARG_TEST_TIMEOUT) AND NOT ARG_TEST)
    message(FATAL_ERROR "certctl_add_plugin(${ARG_NAME}): TEST_LINK or TEST_TIMEOUT without TEST")
  endif()
  set(target ${ARG_KIND}_${ARG_NAME})
  set(testing OFF)
  if(ARG_TEST AND ((TARGET certctl_build_flags AND CERTCTL_TESTS) OR (NOT TARGET certctl_build_flags AND BUILD_TESTING)))
    set(testing ON)
  endif()

  # The descriptor's linkage depends on the form (plugin.hpp); nothing else does.
  set(described ${ARG_SOURCES})
  list(FILTER described INCLUDE REGEX "(^|/)plugin\\.cpp$")
  set(parts ${ARG_SOURCES})
  if(described)
    list(REMOVE_ITEM parts ${described})
  else()
    set(described ${ARG_SOURCES})
    set(parts "")
  endif()
  if(parts)
    add_library(${target}_parts OBJECT ${parts})
    certctl_plugin_compile_settings(${target}_parts ${ARG_LINK})
    set(parts ${target}_parts)
  endif()

  if(CERTCTL_STATIC_PLUGINS OR testing)
    # Objects, not an archive: from an archive nobody would ask for the descriptor.
    add_library(${target}_static OBJECT ${described})
    certctl_plugin_compile_settings(${target}_static ${ARG_LINK})
    target_compile_definitions(${target}_static PRIVATE CERTCTL_STATIC_PLUGIN)
  endif()
  if(CERTCTL_STATIC_PLUGINS)
    set_property(GLOBAL APPEND PROPERTY CERTCTL_STATIC_PLUGIN_LIBRARIES ${target}_static ${parts} ${ARG_LINK})
  else()
    add_library(${target} MODULE ${described})
    certctl_plugin_compile_settings(${target} ${ARG_LINK} ${parts})
    target_link_options(${target} PRIVATE -Wl,--version-script=${CERTCTL_PLUGIN_MAP} -Wl,--exclude-libs,ALL
                        -Wl,-z,nodelete)
    if(NOT CERTCTL_SANITIZE)  # a sanitizer's run time comes with the program
      target_link_options(${target} PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX ".so"
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins LINK_DEPENDS ${CERTCTL_PLUGIN_MAP})
    set_property(GLOBAL APPEND PROPERTY CERTCTL_PLUGIN_MODULES ${target})
    # Where the program looks for plugins.
    if(NOT ARG_PACKAGE)
      set(ARG_PACKAGE certctl)
    endif()
    install(TARGETS ${target} LIBRARY DESTINATION lib/certctl/plugins COMPONENT ${ARG_PACKAGE})
  endif()

  if(testing)
    add_executable(plugin_${target}_test ${ARG_TEST})
    certctl_plugin_compile_settings(plugin_${target}_test ${target}_static ${parts} ${ARG_LINK} ${ARG_TEST_LINK})
    if(TARGET certctl_build_flags)
      target_compile_definitions(plugin_${target}_test PRIVATE
        CERTCTL_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
        CERTCTL_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CERTCTL_BINARY_DIR="${PROJECT_BINARY_DIR}")
      target_link_libraries(plugin_${target}_test PRIVATE certctl_test_host certctl_catch_main)
      if(TARGET certctl_contract_${ARG_KIND})
        target_link_libraries(plugin_${target}_test PRIVATE certctl_contract_${ARG_KIND})
      endif()
    endif()
    if(NOT ARG_TEST_TIMEOUT)
      set(ARG_TEST_TIMEOUT 120)
    endif()
    add_test(NAME plugin_${target} COMMAND plugin_${target}_test)
    set_tests_properties(plugin_${target} PROPERTIES TIMEOUT ${ARG_TEST_TIMEOUT} LABELS unit)
  endif()

  # certctl_crypto is made after the plugins' folders are read; whoever reaches it is marked.
  get_property(marked GLOBAL PROPERTY CERTCTL_CRYPTO_MARKED)
  if(NOT marked AND TARGET certctl_build_flags)
    set_property(GLOBAL PROPERTY CERTCTL_CRYPTO_MARKED ON)
    cmake_language(DEFER DIRECTORY ${PROJECT_SOURCE_DIR} CALL certctl_mark_crypto)
  endif()
endfunction()

function(certctl_mark_crypto)
  if(TARGET certctl_crypto)
    string(REGEX MATCH "^[0-9]+" major ${OPENSSL_VERSION})
    target_compile_definitions(certctl_crypto INTERFACE CERTCTL_OPENSSL_MAJOR=${major})
  endif()
endfunction()

function(certctl_link_static_plugins target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "certctl_link_static_plugins: '${target}' is no target")
  endif()
  if(CERTCTL_STATIC_PLUGINS)
    cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${PROJECT_SOURCE_DIR}]]
                                             CALL certctl_link_collected_plugins [[${target}]])")
  endif()
endfunction()

function(certctl_link_collected_plugins target)
  get_property(libraries GLOBAL PROPERTY CERTCTL_STATIC_PLUGIN_LIBRARIES)
  target_link_libraries(${target} PRIVATE ${libraries})
endfunction()
