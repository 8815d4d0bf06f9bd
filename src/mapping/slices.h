// From integer weights to cells: bit slices, sign encodings, input digits.
//
// A weight code in [-(2^n - 1), 2^n - 1] is stored as
//   differential  |code| on the array of its sign, zero on the other (PipeLayer style; bit-slice paper)
//   offset        code + 2^n on one array, n + 1 bits (ISAAC's bias; the correction 2^n * sum(inputs) comes
//   from a unit
//                 column of ones; hardware-parameters.md 1.5). With 8 bits in all (7 + sign) that is ISAAC's
//                 own layout.
// and cut into slices of `cell_bits`: stored = sum_k slice_k * 2^(cell_bits * k), k = 0 least significant; or
// into digits at other shifts (digits.h).
// Called by the mapper, the functional engine and the tests; no timing, no hardware blocks here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/index.h"
#include "config/chip_config.h"
#include "network/quantised_network.h"

namespace sliver::mapping {

/// How the weights of a layer become cells.
struct CellFormat {
    int cell_bits = 2;
    int weight_bits = 8;  ///< magnitude bits n of the layer
    config::Encoding encoding = config::Encoding::differential;
    bool flip_columns = false;  ///< offset only
    [[nodiscard]] int stored_bits() const {
        return weight_bits + (encoding == config::Encoding::offset ? 1 : 0);
    }
    [[nodiscard]] int slices() const { return (stored_bits() + cell_bits - 1) / cell_bits; }
    [[nodiscard]] int highest_level() const { return (1 << cell_bits) - 1; }
    /// Arrays that hold one weight: 2 (positive, negative) or 1.
    [[nodiscard]] int signs() const { return encoding == config::Encoding::differential ? 2 : 1; }
    /// What offset encoding adds to every code; 0 for differential.
    [[nodiscard]] std::int32_t bias() const {
        return encoding == config::Encoding::offset ? 1 << weight_bits : 0;
    }
};

/// For weights of `weight_bits` magnitude bits on the cells of `chip`.
CellFormat cell_format(const config::ChipConfig& chip, int weight_bits);

enum class Sign : std::uint8_t { positive, negative };  ///< offset encoding has only `positive`

/// Level of the cell that holds the bits from `shift` on of `code` on the array of sign `sign`, before any
/// column is flipped.
[[nodiscard]] inline int cell_level(const CellFormat& format, int code, int shift, Sign sign) {
    const int signed_code = sign == Sign::positive ? code : -code;
    const int stored = format.encoding == config::Encoding::offset ? code + format.bias()
                                                                   : (signed_code > 0 ? signed_code : 0);
    return (stored >> shift) & format.highest_level();
}

/// One input digit: bits [shift, shift + bits) of the two's complement code, worth 2^shift, subtracted where
/// `negative`.
struct InputPlane {
    int shift = 0;
    int bits = 1;
    bool negative = false;
};

/// Digits of an activation, least significant first, `dac_bits` at a time. Unsigned: ceil(bits / dac_bits)
/// planes. Signed: the sign bit is driven alone and its column sums are subtracted (ISAAC,
/// hardware-parameters.md 1.5), since a DAC cannot drive a digit of mixed sign: ceil((bits - 1) / dac_bits) +
/// 1 planes.
std::vector<InputPlane> input_planes(const network::Format& format, int dac_bits);

/// What a code does to its row, by the code's byte.
struct CodeDigits {
    std::array<std::uint16_t, 256> driven{};   ///< planes in which its digit is not zero
    std::array<std::uint16_t, 256> squares{};  ///< of its digits, summed up
};
CodeDigits code_digits(const std::vector<InputPlane>& planes);

}  // namespace sliver::mapping
