// SHA-256 against the published vectors (FIPS 180-4 examples, NIST's million letters) and against itself in
// pieces.
#include <boost/test/unit_test.hpp>

#include "base/sha256.h"

BOOST_AUTO_TEST_SUITE(base_sha256)

using sliver::Sha256;
using sliver::sha256;

BOOST_AUTO_TEST_CASE(published_vectors) {
    BOOST_TEST(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    BOOST_TEST(sha256(std::string(1'000'000, 'a')) ==
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(pieces_do_not_matter) {
    // Lengths around the block of 64 and around the 56 bytes after which the length needs a block of its own.
    for (const std::size_t length : {1U, 54U, 55U, 56U, 57U, 63U, 64U, 65U, 119U, 120U, 128U, 1000U}) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(i * 7 + length);
        for (const std::size_t piece : {1U, 13U, 64U}) {
            Sha256 hash;
            for (std::size_t at = 0; at < length; at += piece)
                hash.update(std::string_view(bytes).substr(at, piece));
            BOOST_TEST(hash.finish() == sha256(bytes), length << " bytes in pieces of " << piece);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
