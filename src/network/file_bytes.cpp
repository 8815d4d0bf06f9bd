#include "network/file_bytes.h"

#include <zlib.h>

#include <array>
#include <fstream>
#include <system_error>

#include "base/error.h"

namespace sliver::network {
namespace fs = std::filesystem;

namespace {

/// Protobuf's own limit on a message, and more than any image set we read.
constexpr std::uintmax_t kLargest = (std::uintmax_t{1} << 31) - 1;

std::string read_plain(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) refuse("{}: no such file", path.string());
    if (fs::is_directory(status)) refuse("{}: is a folder; a file is wanted", path.string());
    if (!fs::is_regular_file(status)) refuse("{}: is not a regular file", path.string());
    const std::uintmax_t size = fs::file_size(path, error);
    if (error) refuse("{}: cannot be read ({})", path.string(), error.message());
    if (size > kLargest) refuse("{}: {} bytes; files above 2 GiB are not read", path.string(), size);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::ifstream in(path, std::ios::binary);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!in || in.gcount() != static_cast<std::streamsize>(bytes.size()))
        refuse("{}: cannot be read (no permission?)", path.string());
    return bytes;
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

std::string gunzip(const fs::path& path, std::string& packed) {
    Inflater inflater;
    if (!inflater.good()) throw std::bad_alloc();
    z_stream& stream = inflater.stream();
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string bytes;
    std::array<char, 1 << 16> chunk{};
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int result = inflate(&stream, Z_NO_FLUSH);
        bytes.append(chunk.data(), chunk.size() - stream.avail_out);
        if (bytes.size() > kLargest) refuse("{}: unpacks to more than 2 GiB", path.string());
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0) return bytes;
            // gzip allows members one after another; anything else behind the first is damage.
            if (inflateReset(&stream) != Z_OK) refuse("{}: the gzip data are damaged", path.string());
        } else if (result == Z_BUF_ERROR ||
                   (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
            refuse("{}: the gzip data are cut short", path.string());
        } else if (result != Z_OK) {
            refuse("{}: the gzip data are damaged", path.string());
        }
    }
}

}  // namespace

std::string read_unpacked(const fs::path& path) {
    std::string bytes = read_plain(path);
    const bool is_gzip = bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
    return is_gzip ? gunzip(path, bytes) : bytes;
}

std::string printable(const std::string& name) {
    constexpr std::size_t kLongest = 120;
    std::string text = name.substr(0, kLongest);
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == '\x7f') letter = '?';
    if (name.size() > kLongest) text += "...";
    return text;
}

}  // namespace sliver::network
