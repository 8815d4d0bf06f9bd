// Reading files that others wrote: only regular ones, no more than their kind may hold, gzip within bounds.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "../support/gzip.h"
#include "base/error.h"
#include "base/input_file.h"

BOOST_AUTO_TEST_SUITE(base_input_file)

using namespace sliver;
namespace fs = std::filesystem;

namespace {

using sliver::support::gzip;

struct Folder {
    Folder() : path(fs::temp_directory_path() / ("sliver-input-" + std::to_string(::getpid()))) {
        fs::create_directories(path);
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    fs::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path / name, std::ios::binary) << bytes;
        return path / name;
    }
    fs::path path;
};

std::string refusal_of(const fs::path& path, const InputKind& kind = kTextFile) {
    const auto start = std::chrono::steady_clock::now();
    std::string text;
    try {
        static_cast<void>(read_unpacked(path, kind));
    } catch (const InputError& error) {
        text = error.what();
    }
    // Nothing may be waited for, and nothing large be read, to find that out.
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(30)));
    return text;
}

bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

/// Bytes that no packer makes smaller.
std::string noise(std::size_t bytes) {
    std::string text;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < bytes; ++i) {
        state = state * 1664525U + 1013904223U;
        text += static_cast<char>(state >> 24);
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_comes_back_byte_for_byte) {
    const Folder folder;
    for (const std::string& bytes : {std::string(), std::string("x"), noise(100'000), noise(1 << 20)}) {
        BOOST_TEST((read_file(folder.write("a", bytes), kTextFile) == bytes));
        BOOST_TEST((read_unpacked(folder.write("b", gzip(bytes)), kDataFile) == bytes));
    }
    const std::string twice = gzip("one ") + gzip("two");
    BOOST_TEST(read_unpacked(folder.write("members", twice), kTextFile) == "one two");
    BOOST_TEST((read_file(folder.path / "members", kTextFile) == twice));
    // The system says that these have no bytes.
    BOOST_TEST(!read_file("/proc/self/status", kTextFile).empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_and_never_waited_for) {
    const Folder folder;
    const fs::path fifo = folder.path / "fifo";
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    BOOST_TEST(has(refusal_of(fifo), "fifo: is not a regular file"));
    BOOST_TEST(has(refusal_of("/dev/zero"), "/dev/zero: is not a regular file"));
    BOOST_TEST(has(refusal_of(folder.path), "is a folder"));
    BOOST_TEST(has(refusal_of(folder.path / "none"), "none: no such file"));
    BOOST_TEST(has(refusal_of(folder.write("file", "x") / "below"), "no such file"));
    fs::create_symlink("loop", folder.path / "loop");
    BOOST_TEST(has(refusal_of(folder.path / "loop"), "loop: cannot be opened"));
}

BOOST_AUTO_TEST_CASE(a_file_larger_than_its_kind_is_not_read) {
    const Folder folder;
    const fs::path sparse = folder.write("huge.yaml", "x");
    fs::resize_file(sparse, std::uintmax_t{3} << 30);
    BOOST_TEST(has(refusal_of(sparse), "huge.yaml: is larger than 1 MiB"));
    BOOST_TEST(has(refusal_of(sparse, kResultFile), "is larger than 256 MiB"));
    BOOST_TEST(has(refusal_of(sparse, kDataFile), "is larger than 2147483647 bytes"));
    BOOST_TEST(refusal_of(folder.write("most", std::string(1 << 20, 'x'))) == "");
    BOOST_TEST(
        has(refusal_of(folder.write("more", std::string((1 << 20) + 1, 'x'))), "is larger than 1 MiB"));
}

BOOST_AUTO_TEST_CASE(gzip_unpacks_within_bounds) {
    const Folder folder;
    BOOST_TEST(has(refusal_of(folder.write("card", gzip(std::string((1 << 20) + 1, 'x')))),
                   "card: unpacks to more than 1 MiB"));
    // 80 MiB of zeros from 80 kB.
    const std::string bomb = gzip(std::string(80 << 20, '\0'));
    BOOST_TEST(has(refusal_of(folder.write("bomb", bomb), kDataFile),
                   "bomb: unpacks to more than 64 MiB plus 100 times what was read"));
    // What packs well is not what packs without bounds.
    BOOST_TEST(refusal_of(folder.write("zeros", gzip(std::string(60 << 20, '\0'))), kDataFile) == "");
    BOOST_TEST(has(refusal_of(folder.write("cut", bomb.substr(0, 1000)), kDataFile), "cut short"));
    std::string damaged = gzip(noise(1000));
    damaged[500] ^= 0x55;
    BOOST_TEST(has(refusal_of(folder.write("damaged", damaged), kDataFile), "the gzip data are damaged"));
    BOOST_TEST(has(refusal_of(folder.write("tail", gzip("x") + "rest"), kDataFile), "damaged"));
}

BOOST_AUTO_TEST_SUITE_END()
