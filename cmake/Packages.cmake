# Debian packages of the installed components, by `cpack` (scripts/package): sliver, libsliver-dev, python3-sliver. What each
# needs of the libraries it is linked to, dpkg-shlibdeps finds out.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sliver)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "Seed d0b13df1 maintainers <maintainers@users.noreply.h-seed-d0b13df1.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL program dev)
get_cmake_property(components COMPONENTS)
if("python" IN_LIST components)
  list(APPEND CPACK_COMPONENTS_ALL python)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(same_version "(= ${PROJECT_VERSION})")

# Of a description the first line stands for itself.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME sliver)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# Images that shipped networks are asked about.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS dataset-fashion-mnist)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "model of a ReRAM crossbar accelerator that executes networks
Sliver runs bit-sliced, quantised networks on a SystemC/TLM-2.0 model of a
crossbar accelerator: one run gives the logits and the time, energy and area
of the hardware that produced them.
.
This package has the program, chips and trained networks.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsliver-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
string(CONCAT CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "sliver ${same_version}, libsystemc-dev, libfmt-dev, zlib1g-dev, libzip-dev, libssl-dev, libyaml-cpp-dev, libprotobuf-dev, protobuf-compiler, "
  "libonnx-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "cmake (>= 3.25), pkgconf")
set(CPACK_DEBIAN_DEV_DESCRIPTION "libraries of the ReRAM crossbar accelerator model Sliver
The chip as SystemC/TLM-2.0 modules for virtual platforms (sliver::model), and
what takes a network to its values and prices without SystemC
(sliver::engine): headers, static libraries, CMake and pkg-config files, and
an example platform.")

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-sliver)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "sliver ${same_version}, python3 (>= 3.11), python3 (<< 3.12), python3-numpy, python3-pandas")
set(CPACK_DEBIAN_PYTHON_DESCRIPTION "Python module of the ReRAM crossbar accelerator model Sliver
Chips, networks, runs, prices and design spaces of Sliver from Python, with
numpy arrays and pandas frames.")

# What Debian's policy wants in every package.
find_program(SLIVER_GZIP gzip)
if(SLIVER_GZIP)
  set(changelog "${PROJECT_BINARY_DIR}/packages/changelog")
  string(TIMESTAMP CPACK_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
  configure_file(cmake/install/changelog.in "${changelog}" @ONLY)
  execute_process(COMMAND "${SLIVER_GZIP}" -9nf "${changelog}" COMMAND_ERROR_IS_FATAL ANY)
  foreach(component ${CPACK_COMPONENTS_ALL})
    string(TOUPPER ${component} upper)
    set(documents "${CMAKE_INSTALL_DATAROOTDIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
    install(FILES "${changelog}.gz" DESTINATION "${documents}" COMPONENT ${component})
    install(FILES cmake/install/copyright DESTINATION "${documents}" COMPONENT ${component})
  endforeach()
endif()
include(CPack)
