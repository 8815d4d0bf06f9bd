#include "base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/error.h"

namespace sliver {
namespace fs = std::filesystem;

OutputFile::OutputFile(const fs::path& destination, OutputRules rules)
    : place_(destination, OutputKind::file, std::move(rules)), staged_(place_.target(), place_.shown()) {
    staged_.file().probe();
}

void OutputFile::append(std::string_view content) {
    staged_.file().append(content);
    if (!place_.rules().seal) return;
    hash_.update(content);
    bytes_ += content.size();
    const std::size_t most = place_.rules().seal->size();
    end_ += content.size() > most ? content.substr(content.size() - most) : content;
    if (end_.size() > most) end_.erase(0, end_.size() - most);
}

void OutputFile::seal() {
    if (!place_.rules().seal) return;
    const FileSeal& seal = *place_.rules().seal;
    if (end_ != seal.blank()) throw std::logic_error("a file without its blank seal: " + shown());
    staged_.file().replace(bytes_ - seal.after.size() - kSha256Digits, hash_.finish());
}

void OutputFile::commit() {
    seal();
    staged_.file().finish();
    const SignalsWait no_signal_between;
    const fs::path staged = staged_.complete();
    place_.put(staged);
}

void write_file(const fs::path& path, std::string_view content, Durability durability) {
    std::error_code error;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
    if (error) cannot("created", path.parent_path().string(), error.value());
    StagedFile staged(path, path.string());
    staged.file().append(content);
    if (durability == Durability::after_power_cut) staged.file().finish();
    if (::rename(staged.path().c_str(), path.c_str()) != 0) cannot("put in place", path.string(), errno);
    static_cast<void>(staged.complete());
    if (durability == Durability::after_power_cut)
        sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

}  // namespace sliver
