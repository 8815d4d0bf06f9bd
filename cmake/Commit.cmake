# cmake -DSOURCE=FOLDER -DOUT=FILE.cpp -P Commit.cmake: defines sliver::commit() (base/version.h). Run at every build; the file
# changes only when the commit does.
#
# Asks git; outside a checkout the archive's own word for it (cmake/commit.txt, which `git archive` fills in); else empty.
set(commit "")
execute_process(COMMAND git -C "${SOURCE}" rev-parse --show-toplevel
                OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
file(REAL_PATH "${SOURCE}" here)
# An archive that was unpacked inside another project's checkout is not of that project's commit.
if(status EQUAL 0 AND top STREQUAL here)
  execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
else()
  file(STRINGS "${SOURCE}/cmake/commit.txt" archived LIMIT_COUNT 1)
  if(NOT archived MATCHES "Format")
    set(commit "${archived}")
  endif()
endif()
if(NOT commit MATCHES "^[0-9A-Za-z._-]*$")
  set(commit "")
endif()
set(text "#include \"base/version.h\"

namespace sliver {

std::string_view commit() {
    return \"${commit}\";
}

}  // namespace sliver
")
file(WRITE "${OUT}.new" "${text}")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
