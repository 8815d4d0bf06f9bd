#include "mapping/slices.h"

#include <algorithm>

namespace sliver::mapping {

CellFormat cell_format(const config::ChipConfig& chip, int weight_bits) {
    CellFormat format;
    format.cell_bits = chip.array.cell_bits;
    format.weight_bits = weight_bits;
    format.encoding = chip.weights.encoding;
    format.flip_columns = chip.weights.encoding == config::Encoding::offset && chip.weights.flip_columns;
    return format;
}

std::vector<InputPlane> input_planes(const network::Format& format, int dac_bits) {
    std::vector<InputPlane> planes;
    const int magnitude_bits = format.bits - (format.is_signed ? 1 : 0);
    for (int shift = 0; shift < magnitude_bits; shift += dac_bits)
        planes.push_back({shift, std::min(dac_bits, magnitude_bits - shift), false});
    if (format.is_signed) planes.push_back({magnitude_bits, 1, true});
    return planes;
}

CodeDigits code_digits(const std::vector<InputPlane>& planes) {
    CodeDigits table;
    for (const InputPlane& plane : planes)
        for (unsigned code = 0; code < table.driven.size(); ++code) {
            const unsigned digit =
                code >> static_cast<unsigned>(plane.shift) & ((1U << static_cast<unsigned>(plane.bits)) - 1U);
            table.driven[code] = static_cast<std::uint16_t>(table.driven[code] + (digit != 0 ? 1 : 0));
            table.squares[code] = static_cast<std::uint16_t>(table.squares[code] + digit * digit);
        }
    return table;
}

}  // namespace sliver::mapping
