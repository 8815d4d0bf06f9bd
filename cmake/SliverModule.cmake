# Modules of Sliver and who may know whom.
#
# sliver_module(NAME SOURCES ... USES ... [LINKS ...] [SYSTEMC])
#
# Every module sees exactly the headers of the modules it names in USES (directly or through them): each module publishes
# a private include root that holds nothing but a link to its own folder, so that `#include "mapping/slices.h"` from a
# module that does not use `mapping` does not compile. A module without SYSTEMC finds a shadow of <systemc> and <tlm>
# that stops the compiler, although Debian keeps the real ones in /usr/include.

set(SLIVER_MODULE_ROOT "${PROJECT_BINARY_DIR}/modules")
set(SLIVER_NO_SYSTEMC "${PROJECT_BINARY_DIR}/no-systemc")

foreach(header systemc systemc.h tlm tlm.h)
  file(WRITE "${SLIVER_NO_SYSTEMC}/${header}.tmp"
       "#error \"this target is plain C++: only model/, tb/ and their tests may include SystemC\"\n")
  file(COPY_FILE "${SLIVER_NO_SYSTEMC}/${header}.tmp" "${SLIVER_NO_SYSTEMC}/${header}" ONLY_IF_DIFFERENT)
endforeach()

add_library(sliver_options INTERFACE)
target_compile_features(sliver_options INTERFACE cxx_std_17)
target_compile_options(sliver_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                                -Wold-style-cast -Woverloaded-virtual)
if(SLIVER_WARNINGS_AS_ERRORS)
  target_compile_options(sliver_options INTERFACE -Werror)
endif()
# The same source gives the same bytes on every machine: no fused multiply-add chosen behind our back.
target_compile_options(sliver_options INTERFACE -ffp-contract=off)

function(sliver_module NAME)
  cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;USES;LINKS" ${ARGN})
  set(target sliver_${NAME})
  set(root "${SLIVER_MODULE_ROOT}/${NAME}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${NAME}" SYMBOLIC)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    sliver_unite(${target})
    if(NAME IN_LIST SLIVER_FUZZED)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    if(SLIVER_SANITIZE AND NAME IN_LIST SLIVER_QUICK_IF_SANITIZED)
      target_compile_options(${target} PRIVATE -O0)
    endif()
    target_link_libraries(${target} PRIVATE sliver_options)
    if(NOT ARG_SYSTEMC)
      target_include_directories(${target} BEFORE PRIVATE "${SLIVER_NO_SYSTEMC}")
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} "${root}")
  foreach(use ${ARG_USES})
    target_link_libraries(${target} ${scope} sliver_${use})
  endforeach()
  target_link_libraries(${target} ${scope} ${ARG_LINKS})
  if(ARG_SYSTEMC)
    target_link_libraries(${target} ${scope} SystemC::systemc)
  endif()
endfunction()

# sliver_kernels(FILES ...): kernels of one instruction set each, which share names: compiled one by one.
function(sliver_kernels)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  # GCC 12 takes the deliberately undefined registers inside its own AVX-512 intrinsics for a mistake (GCC bug 105593).
  set(avx512 ${ARGN})
  list(FILTER avx512 INCLUDE REGEX "avx512")
  set_source_files_properties(${avx512} PROPERTIES COMPILE_OPTIONS "-Wno-uninitialized;-Wno-maybe-uninitialized")
endfunction()

# Code that is compiled often and hardly runs (tests, command line, pages of reports) is compiled quickly instead of
# made fast. Under sanitizers, which multiply that time, not at all optimised.
function(sliver_compile_quickly TARGET)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${TARGET} PRIVATE -O1)
  elseif(SLIVER_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -O0)
  endif()
endfunction()

# With SLIVER_UNITY several sources of TARGET are compiled as one: the headers of a file take longer than the file. Their
# file-local names are distinct for that reason.
function(sliver_unite TARGET)
  set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ${SLIVER_UNITY} UNITY_BUILD_BATCH_SIZE 6)
  if(SLIVER_UNITY)
    # GCC takes the parts of such a file for headers, where names of an unnamed namespace would be a mistake.
    target_compile_options(${TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
