// Which bits the weights of a decomposed network may have (sliver decompose): kept in the metadata of its
// ONNX file and checked against its codes, so that a file whose weights somebody changed is not taken for one
// whose columns are few.
//
// metadata_props: "sliver.digits" = "swis cell_bits=2 rows=128 bits=8 source=SHA256", and for layer i
// "sliver.digits.i" = "NAME STEP HEX": log2 of the step of its codes (`file`: as the file has them), and a
// byte in two digits for each row block, sign and output ([(row_block * 2 + sign) * outputs + output], sign
// 1: negative), whose bits are the bit positions in use. The step becomes the layer's WeightGrid: else the
// quantiser would choose one by the largest weight.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

struct FloatNetwork;

struct DigitSets {
    struct Layer {
        std::string name;
        std::optional<int> exponent;  ///< log2 of the step; none: the layer's own grid
        std::vector<std::uint8_t> masks;
    };
    std::string scheme;    ///< swis, swis-c
    int cell_bits = 2;     ///< width of a digit, 1..4
    int group_rows = 128;  ///< rows of a group of the layer that share their bits
    int weight_bits = 8;   ///< of the codes that the masks are of
    std::string source;    ///< digest of the network that was decomposed
    std::vector<Layer> layers;
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

Metadata metadata_of(const DigitSets& digits);

/// Where `metadata` has digit sets: fills network.digits and the grids of its layers. InputError, with
/// `source` in front, for what is none, and for those of another network: its layers have other names or
/// sizes.
void read_digit_sets(const Metadata& metadata, const std::string& source, FloatNetwork& network);

/// InputError where a weight of `network`, whose weights have digits.weight_bits, has a bit that its set does
/// not hold.
void check_digit_sets(const DigitSets& digits, const QuantisedNetwork& network);

}  // namespace sliver::network
