// .npy and .npz: bytes as NumPy writes them, every type read back, damaged headers refused, the archive's
// checksums.
#include <boost/test/unit_test.hpp>
#include <cstring>

#include "network/npy.h"
#include "network/npz.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_npy)

using namespace sliver::network;
using test::one_line_with;

namespace {

std::string file_of(const std::string& dictionary, const std::string& payload, int version = 1) {
    std::string bytes = "\x93NUMPY";
    bytes += static_cast<char>(version);
    bytes += '\0';
    bytes += static_cast<char>(dictionary.size() & 0xFF);
    bytes += static_cast<char>(dictionary.size() >> 8);
    if (version > 1) bytes += std::string(2, '\0');
    return bytes + dictionary + payload;
}

std::string refusal_of(const std::string& bytes) {
    return test::refusal([&] { static_cast<void>(parse_npy(bytes, "a.npy")); });
}

std::uint32_t number(const std::string& bytes, std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bytes_are_those_of_numpy) {
    // numpy.save of numpy.array([[1, -2, 3]], dtype="<i4"): header padded to 128 bytes in all
    std::string expected = "\x93NUMPY";
    expected +=
        std::string("\x01\x00\x76\x00", 4) + "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }";
    expected.resize(127, ' ');
    expected += '\n';
    expected += std::string("\x01\0\0\0\xFE\xFF\xFF\xFF\x03\0\0\0", 12);
    BOOST_TEST((npy_bytes({1, 3}, std::vector<std::int32_t>{1, -2, 3}) == expected));
    BOOST_TEST(
        npy_bytes({2}, std::vector<float>{1, 2}).find("'<f4', 'fortran_order': False, 'shape': (2,), }") !=
        std::string::npos);
    BOOST_TEST(
        npy_bytes({}, std::vector<std::int64_t>{7}).find("'<i8', 'fortran_order': False, 'shape': (), }") !=
        std::string::npos);
    BOOST_CHECK_THROW(npy_bytes({2, 2}, std::vector<float>{1}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(every_type_comes_back) {
    const auto round_trip = [](auto values) {
        const NpyArray array = parse_npy(npy_bytes({1, values.size()}, values), "a.npy");
        BOOST_TEST((array.shape == std::vector<std::size_t>{1, values.size()}));
        BOOST_REQUIRE_EQUAL(array.size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            BOOST_TEST(array.real(i) == static_cast<float>(values[i]));
            BOOST_TEST(array.number(i) == static_cast<double>(values[i]));
            if (!array.is_real()) BOOST_TEST(array.integer(i) == static_cast<std::int64_t>(values[i]));
        }
    };
    round_trip(std::vector<float>{1.5F, -0.25F, 3e38F});
    round_trip(std::vector<double>{0.1, -1.0 / 3, 4e-310});
    round_trip(std::vector<std::int64_t>{1LL << 40, -5, 0});
    round_trip(std::vector<std::int32_t>{-2147483647 - 1, 2147483647});
    round_trip(std::vector<std::int16_t>{-32768, 32767, 255});
    round_trip(std::vector<std::int8_t>{-128, 127});
    round_trip(std::vector<std::uint8_t>{0, 255});
    const double value = 0.1;
    std::string raw(8, '\0');
    std::memcpy(raw.data(), &value, 8);
    for (const int version : {1, 2, 3}) {
        const NpyArray array = parse_npy(
            file_of("{\"shape\": (1,), 'fortran_order': False, 'descr': '<f8'}\n", raw, version), "a");
        BOOST_TEST(array.real(0) == 0.1F);
        BOOST_TEST(array.number(0) == 0.1);
        BOOST_CHECK_THROW(static_cast<void>(array.integer(0)), std::logic_error);
    }
    BOOST_TEST(
        parse_npy(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5), }", ""), "a").size() ==
        0U);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused) {
    const std::string whole = npy_bytes({2, 2}, std::vector<float>{1, 2, 3, 4});
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(one_line_with(refusal_of(whole.substr(0, size)), "a.npy"), "cut to " << size);
    BOOST_TEST(one_line_with(refusal_of(whole + "x"), "17 bytes follow"));
    const auto header = [](const std::string& dictionary) {
        return refusal_of(file_of(dictionary, std::string(16, 'x')));
    };
    BOOST_TEST(header("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }") == "");
    BOOST_TEST(
        one_line_with(header("{'descr': '<f4', 'fortran_order': True, 'shape': (4,), }"), "Fortran order"));
    BOOST_TEST(one_line_with(header("{'descr': '>f4', 'fortran_order': False, 'shape': (4,), }"),
                             "big endian (>f4)"));
    BOOST_TEST(
        one_line_with(header("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }"), "type <c8"));
    BOOST_TEST(one_line_with(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"),
                             "records"));
    BOOST_TEST(one_line_with(
        header(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776, 16777216), }"),
        "promises"));
    BOOST_TEST(one_line_with(
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,), }"),
        "impossible"));
    BOOST_TEST(
        one_line_with(header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }"), "damaged"));
    for (const char* text :
         {"", "{", "{}", "}", "{'descr': '<f4'}", "{'descr': '<f4", "{'shape': (4", "{'shape': (4,)",
          "{'x': 1}", "{'fortran_order': Maybe}", "[1, 2]", "{'descr'}", "{'descr': }"})
        BOOST_TEST(one_line_with(header(text), "damaged"), text);
    BOOST_TEST(one_line_with(refusal_of(file_of("{}", "", 9)), "format 9"));
    test::Random random(1);
    for (int round = 0; round < 3000; ++round) {
        std::string damaged = whole;
        for (int hit = random.between(1, 3); hit > 0; --hit)
            damaged[random.next() % 80] = static_cast<char>(random.next());
        BOOST_TEST(refusal_of(damaged).find('\n') == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(archives_are_zip_and_always_the_same) {
    const std::string first = npy_bytes({3}, std::vector<std::int16_t>{1, 2, 3}), second = "123456789";
    const auto build = [&] {
        NpzWriter writer;
        writer.add("codes", first);
        writer.add("b/bias", second);
        return writer.finish();
    };
    const std::string archive = build();
    BOOST_TEST((archive == build()));
    // end of central directory: 22 bytes and the comment at the end, two entries
    const std::string comment = "sliver export, sha256 " + std::string(64, '0');
    const std::size_t end = archive.size() - 22 - comment.size();
    BOOST_TEST(number(archive, end + 20, 2) == comment.size());
    BOOST_TEST((archive.substr(end + 22) == comment));
    BOOST_TEST(number(archive, end, 4) == 0x06054B50U);
    BOOST_TEST(number(archive, end + 10, 2) == 2U);
    std::size_t entry = number(archive, end + 16, 4);
    BOOST_TEST(entry + number(archive, end + 12, 4) == end);
    for (const auto& [name, content] :
         {std::pair<std::string, std::string>{"codes.npy", first}, {"b/bias.npy", second}}) {
        BOOST_TEST(number(archive, entry, 4) == 0x02014B50U);
        BOOST_TEST(number(archive, entry + 14, 2) == 0x21U);  // 1980-01-01
        BOOST_TEST(number(archive, entry + 20, 4) == content.size());
        BOOST_TEST(archive.substr(entry + 46, name.size()) == name);
        const std::size_t local = number(archive, entry + 42, 4);
        BOOST_TEST(number(archive, local, 4) == 0x04034B50U);
        BOOST_TEST(number(archive, local + 14, 4) == number(archive, entry + 16, 4));
        BOOST_TEST(archive.substr(local + 30, name.size()) == name);
        BOOST_TEST((archive.substr(local + 30 + name.size(), content.size()) == content));
        entry += 46 + name.size();
    }
    BOOST_TEST(entry == end);
    const std::size_t last = archive.rfind(std::string("PK\x01\x02", 4));
    BOOST_TEST(number(archive, last + 16, 4) == 0xCBF43926U);  // CRC-32 of "123456789"
    NpzWriter twice;
    twice.add("a", first);
    BOOST_CHECK_THROW(twice.add("a", first), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
