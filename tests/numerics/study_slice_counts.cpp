// Slices and column sums counted from codes, against codes whose slices are known by hand and against a
// reference that shares nothing with the code: digits by division, columns by adding cell after cell.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "config/chip_config_loader.h"
#include "network_test_support.h"
#include "study/column_bits.h"
#include "study/slice_counts.h"

BOOST_AUTO_TEST_SUITE(study_slice_counts)

using namespace sliver;
using namespace sliver::study;
using Codes = std::vector<std::int16_t>;

namespace {

/// A chain of linear layers; codes[layer][output * rows + row].
network::QuantisedNetwork chain(const std::vector<Codes>& codes, const std::vector<int>& rows) {
    network::QuantisedNetwork net;
    net.nodes.resize(1 + codes.size());
    net.nodes[0].name = "image";
    net.nodes[0].shape = {rows.front(), 1, 1};
    for (std::size_t i = 0; i < codes.size(); ++i) {
        network::Node& node = net.nodes[i + 1];
        node.kind = network::NodeKind::matrix;
        node.name = "fc" + std::to_string(i);
        node.inputs = {i};
        node.weights.rows = rows[i];
        node.weights.outputs = static_cast<int>(codes[i].size()) / rows[i];
        node.weights.codes = codes[i];
        node.weights.bias.assign(static_cast<std::size_t>(node.weights.outputs), 255);
        node.shape = {node.weights.outputs, 1, 1};
    }
    net.nodes.back().is_output = true;
    return net;
}

std::vector<double> percent_of(const Codes& codes, int slice_bits) {
    return nonzero_shares(together(count_codes(chain({codes}, {1}))), slice_bits).percent;
}

config::ChipConfig chip_with(int cell_bits, int rows) {
    return config::parse_chip("name: test\narray: {rows: " + std::to_string(rows) +
                                  ", columns: 128, cell_bits: " + std::to_string(cell_bits) + "}\n",
                              "test");
}

/// Slice `k` of a magnitude by repeated division.
int digit(int magnitude, int k, int slice_bits) {
    const int base = static_cast<int>(std::lround(std::pow(2, slice_bits)));
    for (; k > 0; --k) magnitude /= base;
    return magnitude % base;
}

Codes random_codes(std::size_t count, int zeros_in_ten, network::test::Random& random) {
    Codes codes(count);
    for (std::int16_t& code : codes)
        if (random.between(0, 9) >= zeros_in_ten) code = static_cast<std::int16_t>(random.between(-255, 255));
    return codes;
}

}  // namespace

// 204 = 11001100b is [3, 0, 3, 0], 102 = 01100110b is [1, 2, 1, 2], most significant first.
BOOST_AUTO_TEST_CASE(slices_of_known_codes) {
    using Percent = std::vector<double>;
    BOOST_TEST(percent_of({204}, 2) == (Percent{0, 100, 0, 100}), boost::test_tools::per_element());
    BOOST_TEST(percent_of({102}, 2) == (Percent{100, 100, 100, 100}), boost::test_tools::per_element());
    BOOST_TEST(percent_of({204, 102}, 2) == (Percent{50, 100, 50, 100}), boost::test_tools::per_element());
    BOOST_TEST(percent_of({204}, 1) == (Percent{0, 0, 100, 100, 0, 0, 100, 100}),
               boost::test_tools::per_element());
    BOOST_TEST(percent_of({204}, 4) == (Percent{100, 100}), boost::test_tools::per_element());
    BOOST_TEST(percent_of({0x40}, 4) == (Percent{0, 100}), boost::test_tools::per_element());
    BOOST_TEST(percent_of({0, 0, 0, 1}, 2) == (Percent{25, 0, 0, 0}), boost::test_tools::per_element());
    // The sign stands apart.
    BOOST_TEST(percent_of({-204, -102}, 2) == percent_of({204, 102}, 2), boost::test_tools::per_element());
    BOOST_TEST(percent_of({-1}, 1) == (Percent{100, 0, 0, 0, 0, 0, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(mean_and_population_deviation) {
    const SliceShares shares = shares_of({2, 4, 4, 6});
    BOOST_TEST(shares.mean == 4.0);
    BOOST_TEST(shares.std == std::sqrt(2.0));
    BOOST_TEST(shares_of({7, 7}).std == 0.0);
    BOOST_TEST(nonzero_shares(CodeCounts(), 2).mean == 0.0);
}

BOOST_AUTO_TEST_CASE(layers_are_counted_apart_and_together) {
    const std::vector<CodeCounts> layers = count_codes(chain({{0, -3, 255, 0}, {9, 0}}, {2, 2}));
    BOOST_REQUIRE(layers.size() == 2U);
    BOOST_TEST(layers[0].name == "fc0");
    BOOST_TEST(layers[0].weights() == 4U);
    BOOST_TEST(layers[0].zeros() == 2U);
    BOOST_TEST(layers[0].largest() == 255);
    BOOST_TEST(layers[1].largest() == 9);
    const CodeCounts all = together(layers);
    // Biases are 255 in every layer and in none of the counts.
    BOOST_TEST(all.weights() == 6U);
    BOOST_TEST(all.zeros() == 3U);
    BOOST_TEST(all.weights_of[255] == 1U);
    BOOST_TEST(CodeCounts().largest() == 0);
}

BOOST_AUTO_TEST_CASE(random_codes_by_division) {
    network::test::Random random(7);
    for (const int slice_bits : {1, 2, 4})
        for (int round = 0; round < 20; ++round) {
            const Codes codes = random_codes(500, round % 10, random);
            const std::vector<double> percent = percent_of(codes, slice_bits);
            BOOST_REQUIRE(percent.size() == static_cast<std::size_t>(8 / slice_bits));
            for (int slice = 0; slice < 8 / slice_bits; ++slice) {
                int nonzero = 0;
                for (const std::int16_t code : codes) nonzero += digit(std::abs(code), slice, slice_bits) > 0;
                BOOST_TEST(percent[static_cast<std::size_t>(slice)] == nonzero / 5.0,
                           boost::test_tools::tolerance(1e-12));
            }
        }
}

BOOST_AUTO_TEST_CASE(sums_of_one_cell_are_its_slices) {
    using Sums = std::vector<std::uint32_t>;
    const std::vector<LayerColumns> columns =
        worst_case_columns(chain({{204}, {-102}}, {1, 1}), chip_with(2, 128));
    BOOST_TEST(columns[0].largest_sums == (Sums{0, 3, 0, 3}), boost::test_tools::per_element());
    BOOST_TEST(columns[1].largest_sums == (Sums{2, 1, 2, 1}), boost::test_tools::per_element());
    BOOST_TEST(columns[0].bits == (std::vector<int>{1, 2, 1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(random_columns_cell_by_cell) {
    network::test::Random random(11);
    constexpr int kRows = 70, kOutputs = 5, kArrayRows = 32;
    for (const int slice_bits : {1, 2, 4}) {
        const Codes codes = random_codes(kRows * kOutputs, 5, random);
        const std::vector<LayerColumns> columns =
            worst_case_columns(chain({codes}, {kRows}), chip_with(slice_bits, kArrayRows));
        BOOST_REQUIRE(columns.size() == 1U);
        for (int slice = 0; slice < 8 / slice_bits; ++slice) {
            int largest = 0;
            for (int output = 0; output < kOutputs; ++output)
                for (int block = 0; block < kRows; block += kArrayRows)
                    for (const int sign : {1, -1}) {
                        int sum = 0;
                        for (int row = block; row < std::min(kRows, block + kArrayRows); ++row) {
                            const int code = sign * codes[static_cast<std::size_t>(output * kRows + row)];
                            sum += code > 0 ? digit(code, slice, slice_bits) : 0;
                        }
                        largest = std::max(largest, sum);
                    }
            const auto at = static_cast<std::size_t>(slice);
            BOOST_TEST(columns[0].largest_sums[at] == static_cast<unsigned>(largest));
            BOOST_TEST(columns[0].bits[at] ==
                       std::max(1, static_cast<int>(std::ceil(std::log2(largest + 1)))));
        }
        // One window, 8 unsigned input bits one at a time, both signs, three row blocks.
        BOOST_TEST(columns[0].conversions == std::uint64_t{8 * 2 * 3 * kOutputs});
    }
}

// Full columns: 128 cells of 3 sum to 384, 9 bits; the sparse layer has a twelfth of the conversions.
BOOST_AUTO_TEST_CASE(means_weigh_by_conversions) {
    const std::vector<LayerColumns> columns =
        worst_case_columns(chain({Codes(128 * 12, 255), Codes(12, 1)}, {128, 12}), chip_with(2, 128));
    BOOST_TEST(columns[0].bits == (std::vector<int>{9, 9, 9, 9}), boost::test_tools::per_element());
    BOOST_TEST(columns[1].bits == (std::vector<int>{4, 1, 1, 1}), boost::test_tools::per_element());
    BOOST_TEST(mean_bits(columns) == (12 * 36 + 7) / (13 * 4.0), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(widest_bits(columns) == (std::vector<int>{9, 9, 9, 9}), boost::test_tools::per_element());
    BOOST_TEST(mean_bits({}) == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
