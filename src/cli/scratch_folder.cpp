#include "cli/scratch_folder.h"

#include <unistd.h>

#include "base/error.h"

namespace sliver::cli {

ScratchFolder::ScratchFolder(const std::string& purpose)
    : path_(std::filesystem::temp_directory_path() / fmt::format("sliver-{}-{}", purpose, ::getpid())) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error)
        refuse("{}: cannot be created ({}); set TMPDIR or give --out", path_.string(), error.message());
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace sliver::cli
