# What `cmake --install` puts where, and the Debian packages that `cpack` makes of it (docs/packages.md). Components, a package
# each: `program` (the program and what it finds by name), `dev` (headers, libraries, how CMake and pkg-config find them) and,
# where the build has it, `python`.
include(CMakePackageConfigHelpers)
set(data "${CMAKE_INSTALL_DATADIR}/sliver")
set(libraries "${CMAKE_INSTALL_LIBDIR}")
set(headers "${CMAKE_INSTALL_INCLUDEDIR}/sliver")
set(config "${libraries}/cmake/sliver")

install(TARGETS sliver RUNTIME COMPONENT program)
# Where config/shipped.h looks for them.
install(DIRECTORY configs networks DESTINATION "${data}" COMPONENT program)
# The accelerator's registers, for drivers and tools.
install(DIRECTORY share/registers DESTINATION "${data}" COMPONENT program)

install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)

# Two libraries of many modules: who links them need not know which module needs which.
#   sliver::engine   from a network to its values and prices; no SystemC
#   sliver::model    the chip as SystemC modules, and runs of it
set(engine_modules base cost device config network mapping timing bitline engine results estimate app)
set(model_modules model run)

# Headers that no user needs: those of the ONNX importer but its door, those of JSON, of keys and of kernels.
set(private_headers table.h adc_search_json.h draft.h draft_folder.h onnx_constant_inputs.h onnx_constant_walk.h
    onnx_external.h onnx_handlers.h onnx_importer.h onnx_layers.h onnx_maps.h onnx_view.h onnx_model.h onnx_node.h onnx_tensor.h onnx_values.h
    chip_keys.h key_rules.h value_text.h yaml_document.h json_reader.h json_text.h record_fields.h adc_search_json.h
    column_kernel_sets.h block_kernels.h engine_kernels.h wide_registers.h analog_sums_wide.h multiply_add_wide.h layer_cells.h
    layer_runner.h sum_counter.h)

# sliver_library(NAME MODULES ...): libsliver-NAME.a of these modules, exported as sliver::NAME.
function(sliver_library NAME)
  cmake_parse_arguments(ARG "" "" "MODULES;LINKS" ${ARGN})
  set(target sliver_library_${NAME})
  list(TRANSFORM ARG_MODULES PREPEND sliver_ OUTPUT_VARIABLE modules)
  list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${target} STATIC ${objects})
  add_library(sliver::${NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME sliver-${NAME} EXPORT_NAME ${NAME} LINKER_LANGUAGE CXX)
  target_compile_features(${target} INTERFACE cxx_std_17)
  target_link_libraries(${target} INTERFACE ${ARG_LINKS})
  set(excluded "")
  foreach(header ${private_headers})
    list(APPEND excluded PATTERN ${header} EXCLUDE)
  endforeach()
  foreach(module ${ARG_MODULES})
    target_include_directories(${target} INTERFACE "$<BUILD_INTERFACE:${SLIVER_MODULE_ROOT}/${module}>")
    get_target_property(folder sliver_${module} SOURCE_DIR)
    install(DIRECTORY "${folder}/" DESTINATION "${headers}/${module}" COMPONENT dev
            FILES_MATCHING PATTERN "*.h" ${excluded})
  endforeach()
  target_include_directories(${target} INTERFACE "$<INSTALL_INTERFACE:${headers}>")
  install(TARGETS ${target} EXPORT sliver-${NAME} ARCHIVE COMPONENT dev)
  install(EXPORT sliver-${NAME} FILE sliver-${NAME}.cmake NAMESPACE sliver:: DESTINATION "${config}" COMPONENT dev)
  # pkg-config finds everything from where its file lies, so that an installation can be moved.
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
             OUTPUT_VARIABLE pc_libdir)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
             OUTPUT_VARIABLE pc_includedir)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_DATADIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
             OUTPUT_VARIABLE pc_datadir)
  configure_file(cmake/install/sliver-${NAME}.pc.in sliver-${NAME}.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/sliver-${NAME}.pc" DESTINATION "${libraries}/pkgconfig" COMPONENT dev)
endfunction()

sliver_library(engine MODULES ${engine_modules}
  LINKS Threads::Threads fmt::fmt ZLIB::ZLIB zip OpenSSL::Crypto yaml-cpp protobuf::libprotobuf onnx_proto)
sliver_library(model MODULES ${model_modules} LINKS sliver_library_engine SystemC::systemc)

configure_package_config_file(cmake/install/sliverConfig.cmake.in sliverConfig.cmake INSTALL_DESTINATION "${config}"
                              PATH_VARS data NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 every minor version may change what headers say.
write_basic_package_version_file(sliverConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/sliverConfig.cmake" "${PROJECT_BINARY_DIR}/sliverConfigVersion.cmake" cmake/SystemC.cmake
        DESTINATION "${config}" COMPONENT dev)
# Without what a build of it leaves behind.
install(DIRECTORY examples/platform DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/libsliver-dev/examples" COMPONENT dev
        PATTERN build EXCLUDE)
if(SLIVER_PYTHON)
  install(DIRECTORY examples/notebooks DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/python3-sliver/examples" COMPONENT python
          PATTERN .ipynb_checkpoints EXCLUDE)
  install(FILES examples/finetune.py DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/python3-sliver/examples" COMPONENT python)
endif()

include(cmake/Packages.cmake)
