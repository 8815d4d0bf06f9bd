// Whoever changes a sealed file anywhere, its last character included, is found out.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "base/file_seal.h"

BOOST_AUTO_TEST_SUITE(base_file_seal)

using namespace sliver;
namespace fs = std::filesystem;

namespace {

constexpr FileSeal kSeal{"\n# made by x, sha256 ", " #\n"};

SealState state_of(const std::string& bytes) {
    const fs::path file = fs::temp_directory_path() / ("sliver-seal-" + std::to_string(::getpid()));
    std::ofstream(file, std::ios::binary) << bytes;
    const SealState state = seal_state(file, kSeal);
    fs::remove(file);
    return state;
}

std::string sealed(const std::string& content) {
    const std::string zeros(64, '0');
    return content + "\n# made by x, sha256 " + sha256(content + "\n# made by x, sha256 " + zeros + " #\n") +
           " #\n";
}

}  // namespace

BOOST_AUTO_TEST_CASE(as_written) {
    BOOST_CHECK(state_of(sealed("")) == SealState::whole);
    BOOST_CHECK(state_of(sealed("some content")) == SealState::whole);
    BOOST_CHECK(state_of(sealed(std::string(300'000, 'x'))) == SealState::whole);
}

BOOST_AUTO_TEST_CASE(any_changed_byte_is_noticed) {
    const std::string good = sealed("content");
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'Z' ? 'Y' : 'Z';
        const bool in_content = i < 7;
        const bool in_digits = i >= 7 + kSeal.before.size() && i < good.size() - kSeal.after.size();
        BOOST_CHECK_MESSAGE(state_of(bad) == (in_content || in_digits ? SealState::broken : SealState::none),
                            i);
    }
}

BOOST_AUTO_TEST_CASE(no_seal) {
    const std::string good = sealed("content");
    BOOST_CHECK(state_of("") == SealState::none);
    BOOST_CHECK(state_of("content") == SealState::none);
    BOOST_CHECK(state_of(good + "\n") == SealState::none);
    BOOST_CHECK(state_of(good.substr(0, good.size() - 1)) == SealState::none);
    BOOST_CHECK(state_of("x" + good) == SealState::broken);
}

BOOST_AUTO_TEST_SUITE_END()
