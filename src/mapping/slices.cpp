#include "mapping/slices.h"

#include <algorithm>

namespace sliver::mapping {

CellFormat cell_format(const config::ChipConfig& chip) {
    CellFormat format;
    format.cell_bits = chip.array.cell_bits;
    format.weight_bits = chip.weights.bits;
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

}  // namespace sliver::mapping
