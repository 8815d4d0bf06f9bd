#include "network/npz.h"

#include <zip.h>

#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace sliver::network {

namespace {

struct FreeSource {
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct DiscardArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

/// Everything is in memory, which is all that can be missing.
void require(bool good) {
    if (!good) throw std::bad_alloc();
}

void add_entry(zip_t* archive, const std::string& name, const std::string& content) {
    constexpr zip_uint16_t kFirstDay = 1U << 5U | 1U;  // 1980-01-01 as DOS counts
    Source source(zip_source_buffer(archive, content.data(), content.size(), 0));
    require(source != nullptr);
    const zip_int64_t added = zip_file_add(archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    require(added >= 0);
    static_cast<void>(source.release());  // the archive's now
    const auto entry = static_cast<zip_uint64_t>(added);
    require(zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) == 0);
    require(zip_file_set_dostime(archive, entry, 0, kFirstDay, 0) == 0);
}

}  // namespace

void NpzWriter::add(const std::string& name, std::string npy) {
    if (!names_.insert(name).second)
        throw std::invalid_argument("two arrays named " + name + " in one archive");
    std::string file = name + ".npy";
    constexpr std::size_t kMostBytes = std::numeric_limits<std::uint32_t>::max();
    constexpr std::size_t kMostEntries = std::numeric_limits<std::uint16_t>::max();
    constexpr std::size_t kHeaders = 30 + 46, kEnd = 4096;  // an entry's two headers; more than the end takes
    bytes_ += npy.size() + 2 * file.size() + kHeaders;
    if (bytes_ + kEnd > kMostBytes || names_.size() > kMostEntries)
        refuse("array '{}': the archive would pass 4 GiB or 65535 entries, which zip does not hold", name);
    entries_.emplace_back(std::move(file), std::move(npy));
}

std::string NpzWriter::finish() const {
    const Source target(zip_source_buffer_create(nullptr, 0, 0, nullptr));
    require(target != nullptr);
    Archive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, nullptr));
    require(archive != nullptr);
    zip_source_keep(target.get());  // the archive gives up one hold on it, `target` the other
    for (const auto& [name, content] : entries_) add_entry(archive.get(), name, content);
    const std::string seal = kArchiveSeal.blank();
    require(zip_set_archive_comment(archive.get(), seal.c_str(), static_cast<zip_uint16_t>(seal.size())) ==
            0);
    require(zip_close(archive.get()) == 0);
    static_cast<void>(archive.release());
    zip_stat_t status;
    require(zip_source_stat(target.get(), &status) == 0 && zip_source_open(target.get()) == 0);
    std::string bytes(static_cast<std::size_t>(status.size), '\0');
    require(zip_source_read(target.get(), bytes.data(), bytes.size()) ==
            static_cast<zip_int64_t>(bytes.size()));
    require(zip_source_close(target.get()) == 0);
    return bytes;
}

}  // namespace sliver::network
