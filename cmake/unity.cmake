# Headers are most of what a compiler reads: they are parsed once for several sources of a target, not for each. A build
# from nothing takes about half of the time. Off by default: who works on the sources wants a change of one to compile
# one, and compile_commands.json (clang-tidy, editors) to name them.
#
# The sources of one target must therefore not say the same name twice in their anonymous namespaces.
option(CERTCTL_UNITY "compile several sources of a target together" OFF)
if(CERTCTL_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
  # g++ takes a source that is included for a header, whose types must not have anonymous ones in them.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()
