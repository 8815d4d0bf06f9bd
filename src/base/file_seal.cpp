#include "base/file_seal.h"

#include "base/input_file.h"

namespace sliver {

std::string FileSeal::blank() const {
    return std::string(before) + std::string(kSha256Digits, '0') + std::string(after);
}

SealState seal_state(const std::filesystem::path& path, const FileSeal& seal) {
    // All but the last bytes go into the digest as they come.
    Sha256 hash;
    std::string rest;
    read_in_pieces(path, [&](std::string_view piece) {
        rest += piece;
        if (rest.size() <= seal.size()) return;
        const std::size_t settled = rest.size() - seal.size();
        hash.update(std::string_view(rest).substr(0, settled));
        rest.erase(0, settled);
    });
    if (rest.size() != seal.size() || rest.compare(0, seal.before.size(), seal.before) != 0 ||
        rest.compare(seal.before.size() + kSha256Digits, seal.after.size(), seal.after) != 0)
        return SealState::none;
    hash.update(seal.blank());
    const std::string digits = rest.substr(seal.before.size(), kSha256Digits);
    return hash.finish() == digits ? SealState::whole : SealState::broken;
}

}  // namespace sliver
