#include "base/scratch_folder.h"

#include <cstdlib>
#include <system_error>

#include "base/error.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

/// Removes what killed processes left there on the way.
fs::path scratch_place(const std::string& purpose) {
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    if (error) {
        const char* named = std::getenv("TMPDIR");
        refuse("TMPDIR: value {}: is no folder; set it to one that can be written",
               named != nullptr ? named : "(none)");
    }
    const std::string name = "sliver-" + purpose;
    remove_leftovers(temporary, name);
    return temporary / name;
}

}  // namespace

ScratchFolder::ScratchFolder(const std::string& purpose)
    : place_(scratch_place(purpose)), folder_(place_, place_.parent_path().string()) {}

}  // namespace sliver
