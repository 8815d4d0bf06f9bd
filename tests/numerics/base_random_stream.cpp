// Random streams against splitmix64 written down once more (checked with its published outputs), and Gaussian
// numbers against what makes them Gaussian: moments, tails, and that neighbours know nothing of each other.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "base/random_stream.h"

BOOST_AUTO_TEST_SUITE(base_random_stream)

using sliver::RandomStream;

namespace {

/// Next output of splitmix64 as its authors publish it.
std::uint64_t splitmix64(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

std::vector<double> gaussians(std::size_t count) {
    RandomStream stream(5, {1, 2});
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(stream.gaussian());
    return values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(is_splitmix64) {
    std::uint64_t published = 1234567;
    for (const std::uint64_t output : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U})
        BOOST_TEST(splitmix64(published) == output);
    std::uint64_t state = 42;
    state = splitmix64(state);  // a stream starts at the first output of its seed
    RandomStream stream(42, {});
    RandomStream shares(42, {});
    for (int i = 0; i < 100; ++i) {
        const std::uint64_t output = splitmix64(state);
        BOOST_TEST(stream.next() == output);
        BOOST_TEST(shares.uniform() == std::ldexp(static_cast<double>(output >> 11U), -53));
    }
}

BOOST_AUTO_TEST_CASE(places_have_streams_of_their_own) {
    std::set<std::uint64_t> first;
    std::size_t streams = 0;
    for (std::uint64_t seed = 0; seed < 4; ++seed)
        for (std::uint64_t a = 0; a < 8; ++a)
            for (std::uint64_t b = 0; b < 8; ++b, ++streams) first.insert(RandomStream(seed, {a, b}).next());
    BOOST_TEST(first.size() == streams);
    BOOST_TEST(RandomStream(1, {2}).next() != RandomStream(1, {2, 0}).next());
}

BOOST_AUTO_TEST_CASE(gaussian_moments) {
    const std::vector<double> values = gaussians(200'000);
    const auto count = static_cast<double>(values.size());
    double mean = 0, square = 0, fourth = 0;
    std::size_t beyond_two = 0;
    for (const double value : values) {
        mean += value / count;
        square += value * value / count;
        fourth += value * value * value * value / count;
        beyond_two += std::fabs(value) > 2 ? 1 : 0;
    }
    // Five standard deviations of each.
    BOOST_TEST(std::fabs(mean) < 5 * std::sqrt(1 / count));
    BOOST_TEST(std::fabs(square - 1) < 5 * std::sqrt(2 / count));
    BOOST_TEST(std::fabs(fourth - 3) < 5 * std::sqrt(96 / count));
    BOOST_TEST(std::fabs(static_cast<double>(beyond_two) / count - 0.0455003) <
               5 * std::sqrt(0.0434 / count));
}

BOOST_AUTO_TEST_CASE(gaussian_neighbours_are_independent) {
    const std::vector<double> values = gaussians(200'000);
    for (const std::size_t apart : {1U, 2U, 3U})
        for (const std::size_t start : {0U, 1U}) {  // pairs that were drawn together, and pairs across
            double product = 0, squares = 0, count = 0;
            for (std::size_t i = start; i + apart < values.size(); i += 2, ++count) {
                const double a = values[i], b = values[i + apart];
                product += a * b;
                squares += (a * a - 1) * (b * b - 1);
            }
            BOOST_TEST(std::fabs(product / count) < 5 / std::sqrt(count), apart << " apart from " << start);
            BOOST_TEST(std::fabs(squares / count) < 5 * 2 / std::sqrt(count),
                       apart << " apart from " << start);
        }
}

BOOST_AUTO_TEST_SUITE_END()
