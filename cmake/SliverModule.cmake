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
  add_library(sliver::${NAME} ALIAS ${target})
endfunction()

# Code that is compiled often and hardly runs (tests, command line, pages of reports) is compiled quickly instead of
# made fast: tests alone are a third of the time of a full build. Under sanitizers, which multiply that time, not at all
# optimised.
function(sliver_compile_quickly TARGET)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${TARGET} PRIVATE -O1)
  elseif(SLIVER_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -O0)
  endif()
endfunction()

# sliver_test(NAME SOURCES ... USES ... [SYSTEMC]): one Boost.Test executable, one CTest entry.
function(sliver_test NAME)
  cmake_parse_arguments(ARG "SYSTEMC" "TIMEOUT" "SOURCES;USES;LINKS" ${ARGN})
  set(target test_${NAME})
  add_executable(${target} ${ARG_SOURCES})
  sliver_compile_quickly(${target})
  target_link_libraries(${target} PRIVATE sliver_options Boost::unit_test_framework ${ARG_LINKS})
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK
                             SLIVER_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLIVER_BINARY_DIR="${PROJECT_BINARY_DIR}")
  foreach(use ${ARG_USES})
    target_link_libraries(${target} PRIVATE sliver_${use})
  endforeach()
  if(ARG_SYSTEMC)
    target_link_libraries(${target} PRIVATE SystemC::systemc)
  else()
    target_include_directories(${target} BEFORE PRIVATE "${SLIVER_NO_SYSTEMC}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${NAME} COMMAND ${target})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${SLIVER_SUITE}")
endfunction()

# sliver_simulation_test(NAME SOURCES ... CASES ...): as sliver_test, linked to the chip and to tb's sc_main. The kernel
# elaborates once a process, so every case is a CTest entry, and a process, of its own.
function(sliver_simulation_test NAME)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;CASES;USES" ${ARGN})
  set(target test_${NAME})
  add_executable(${target} ${ARG_SOURCES} "${PROJECT_SOURCE_DIR}/tb/sc_main_for_boost.cpp")
  sliver_compile_quickly(${target})
  target_link_libraries(${target} PRIVATE sliver_options sliver_tb sliver_support Boost::unit_test_framework)
  foreach(use ${ARG_USES})
    target_link_libraries(${target} PRIVATE sliver_${use})
  endforeach()
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK BOOST_TEST_NO_MAIN
                             SLIVER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  foreach(case ${ARG_CASES})
    add_test(NAME ${NAME}.${case} COMMAND ${target} --run_test=${case})
    set_tests_properties(${NAME}.${case} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${SLIVER_SUITE}")
  endforeach()
endfunction()
