#include "base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/staging.h"
#include "base/text.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostPacking = 100;
constexpr std::uint64_t kFreePacking = std::uint64_t{64} << 20;
constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  ///< zlib counts in 32 bits

std::string size_text(std::uint64_t bytes) {
    constexpr int kMiB = 20, kKiB = 10;
    if (bytes % (std::uint64_t{1} << kMiB) == 0) return fmt::format("{} MiB", bytes >> kMiB);
    if (bytes % (std::uint64_t{1} << kKiB) == 0) return fmt::format("{} KiB", bytes >> kKiB);
    return fmt::format("{} bytes", bytes);
}

[[noreturn]] void refuse_opening(const std::string& name, int error) {
    if (error == ENOENT || error == ENOTDIR) refuse("{}: no such file", name);
    if (error == ELOOP || error == ENAMETOOLONG)
        refuse("{}: cannot be opened ({})", name, std::generic_category().message(error));
    // Sockets, and devices that are not there.
    if (error == ENXIO || error == ENODEV) refuse("{}: is not a regular file", name);
    fail("{}: cannot be read ({})", name, std::generic_category().message(error));
}

/// Size that the system claims.
std::uint64_t require_regular(const struct stat& status, const std::string& name) {
    if (S_ISDIR(status.st_mode)) refuse("{}: is a folder; a file is wanted", name);
    if (!S_ISREG(status.st_mode))
        refuse("{}: is not a regular file; save what is to be read into one first", name);
    return static_cast<std::uint64_t>(status.st_size);
}

[[noreturn]] void refuse_size(const std::string& name, const InputKind& kind) {
    refuse("{}: is larger than {}, which is the most that {} may be", name, size_text(kind.most_bytes),
           kind.noun);
}

class Inflater {
  public:
    Inflater() : good_(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK) {}
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    [[nodiscard]] bool good() const { return good_; }
    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
    bool good_;
};

/// What the end of a gzip file says of its size (RFC 1952: the last member's, modulo 2^32): a claim, good
/// enough for a first allocation.
std::uint64_t claimed_size(const std::string& packed) {
    constexpr std::size_t kBytes = 4;
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < kBytes && i < packed.size(); ++i)
        size = size << 8U | static_cast<unsigned char>(packed[packed.size() - 1 - i]);
    return size;
}

std::string gunzip(std::string& packed, const std::string& name, const InputKind& kind) {
    Inflater inflater;
    if (!inflater.good()) throw std::bad_alloc();
    z_stream& stream = inflater.stream();
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    // As much as it claims to hold, and a byte for inflate() to find the end in.
    std::string bytes(static_cast<std::size_t>(std::min({claimed_size(packed), kind.most_bytes,
                                                         kFreePacking + kMostPacking * packed.size()})) +
                          1,
                      '\0');
    std::size_t unpacked = 0;
    for (;;) {
        if (bytes.size() == unpacked) bytes.resize(bytes.size() + std::max(kChunk, bytes.size() / 2));
        const std::size_t free = std::min(bytes.size() - unpacked, kMostAtOnce);
        stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + unpacked);
        stream.avail_out = static_cast<uInt>(free);
        const int result = inflate(&stream, Z_NO_FLUSH);
        unpacked += free - stream.avail_out;
        if (unpacked > kind.most_bytes)
            refuse("{}: unpacks to more than {}, which is the most that {} may be", name,
                   size_text(kind.most_bytes), kind.noun);
        if (unpacked > kFreePacking + kMostPacking * (packed.size() - stream.avail_in))
            refuse(
                "{}: unpacks to more than {} plus {} times what was read of it; if it is what it should be, "
                "unpack it "
                "first (gunzip)",
                name, size_text(kFreePacking), kMostPacking);
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0) {
                bytes.resize(unpacked);
                return bytes;
            }
            // gzip allows members one after another; anything else behind the first is damage.
            if (inflateReset(&stream) != Z_OK) refuse("{}: the gzip data are damaged", name);
        } else if (result == Z_BUF_ERROR ||
                   (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
            refuse("{}: the gzip data are cut short", name);
        } else if (result != Z_OK) {
            refuse("{}: the gzip data are damaged", name);
        }
    }
}

struct OpenFile {
    Descriptor file;
    std::uint64_t size;  ///< that the system claims
};

OpenFile open_regular(const fs::path& path) {
    const std::string name = path.string();
    struct stat status {};
    // Asked first, since opening some devices does something; and again once it is open, since it may have
    // been replaced in between. O_NONBLOCK: nobody need ever write into a FIFO.
    if (::stat(path.c_str(), &status) != 0) refuse_opening(name, errno);
    require_regular(status, name);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open() || ::fstat(file.number(), &status) != 0) refuse_opening(name, errno);
    const std::uint64_t size = require_regular(status, name);
    return {std::move(file), size};
}

/// 0: at its end.
std::size_t read_some(const Descriptor& file, char* bytes, std::size_t most, const std::string& name) {
    for (;;) {
        const ssize_t got = ::read(file.number(), bytes, most);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) fail("{}: cannot be read ({})", name, std::generic_category().message(errno));
    }
}

}  // namespace

std::string read_file(const fs::path& path, const InputKind& kind) {
    const std::string name = path.string();
    const auto [file, size] = open_regular(path);
    if (size > kind.most_bytes) refuse_size(name, kind);
    // One byte more than it should have shows that a file grew (or that its size is unknown, as in /proc).
    std::string bytes(static_cast<std::size_t>(size) + 1, '\0');
    for (std::size_t have = 0;;) {
        if (have == bytes.size()) bytes.resize(have + kChunk);
        const std::size_t got = read_some(file, bytes.data() + have, bytes.size() - have, name);
        have += got;
        if (have > kind.most_bytes) refuse_size(name, kind);
        if (got > 0) continue;
        bytes.resize(have);
        return bytes;
    }
}

void read_in_pieces(const fs::path& path, const std::function<void(std::string_view)>& take) {
    const OpenFile open = open_regular(path);
    std::string piece(kChunk, '\0');
    while (const std::size_t got = read_some(open.file, piece.data(), piece.size(), path.string()))
        take(std::string_view(piece).substr(0, got));
}

std::string unpacked(std::string bytes, const std::string& source, const InputKind& kind) {
    const bool is_gzip = bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
    if (is_gzip) return gunzip(bytes, source, kind);
    return bytes;  // moved, where a choice of two would copy
}

std::string read_unpacked(const fs::path& path, const InputKind& kind) {
    return unpacked(read_file(path, kind), path.string(), kind);
}

}  // namespace sliver
