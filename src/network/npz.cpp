#include "network/npz.h"

#include <zlib.h>

#include <stdexcept>

#include "base/error.h"

namespace sliver::network {

namespace {

void put16(std::string& out, std::uint32_t value) {
    out += static_cast<char>(value & 0xFF);
    out += static_cast<char>((value >> 8) & 0xFF);
}

void put32(std::string& out, std::uint32_t value) {
    put16(out, value & 0xFFFF);
    put16(out, value >> 16);
}

// Fields that the local header and the central directory share (PKWARE APPNOTE 4.4): version needed 2.0,
// flags 0x800 (names are UTF-8), method 0 (stored), time 00:00, date 1980-01-01.
void put_entry(std::string& out, std::uint32_t checksum, std::uint32_t size, std::size_t name_length) {
    put16(out, 20);
    put16(out, 0x800);
    put16(out, 0);
    put16(out, 0);
    put16(out, (1 << 5) | 1);
    put32(out, checksum);
    put32(out, size);
    put32(out, size);
    put16(out, static_cast<std::uint32_t>(name_length));
    put16(out, 0);
}

}  // namespace

void NpzWriter::add(const std::string& name, const std::string& npy) {
    if (!names_.insert(name).second)
        throw std::invalid_argument("two arrays named " + name + " in one archive");
    const std::string file = name + ".npy";
    constexpr std::size_t kLargest = 0xFFFFFFFF;
    if (body_.size() + directory_.size() + npy.size() + 4 * file.size() + 4096 > kLargest ||
        names_.size() > 0xFFFF)
        refuse("array '{}': the archive would pass 4 GiB or 65535 entries, which zip does not hold", name);
    const auto offset = static_cast<std::uint32_t>(body_.size());
    const auto size = static_cast<std::uint32_t>(npy.size());
    const auto checksum = static_cast<std::uint32_t>(
        crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(npy.data()), npy.size()));
    put32(body_, 0x04034B50);
    put_entry(body_, checksum, size, file.size());
    body_ += file;
    body_ += npy;
    put32(directory_, 0x02014B50);
    put16(directory_, 20);  // made by: version 2.0, FAT attributes
    put_entry(directory_, checksum, size, file.size());
    put16(directory_, 0);  // comment
    put16(directory_, 0);  // disk
    put16(directory_, 0);  // internal attributes
    put32(directory_, 0);  // external attributes
    put32(directory_, offset);
    directory_ += file;
}

std::string NpzWriter::finish() const {
    std::string archive = body_ + directory_;
    put32(archive, 0x06054B50);
    put16(archive, 0);  // this disk
    put16(archive, 0);  // disk of the directory
    put16(archive, static_cast<std::uint32_t>(names_.size()));
    put16(archive, static_cast<std::uint32_t>(names_.size()));
    put32(archive, static_cast<std::uint32_t>(directory_.size()));
    put32(archive, static_cast<std::uint32_t>(body_.size()));
    put16(archive, static_cast<std::uint32_t>(kArchiveSeal.size()));
    archive += kArchiveSeal.blank();
    return archive;
}

}  // namespace sliver::network
