#include "mapping/adc_certificate.h"

#include <algorithm>

namespace sliver::mapping {
namespace {

/// Where `column` lies. One without a sum may be none that packing stores: then all columns of the slice and
/// sign are equally full, and the first of them is named.
ArrayColumn place_of(const LayerMapping& layer, SliceIndex slice, Sign sign, const ColumnExtreme& column) {
    if (column.sum != 0) return column_of(layer, column.row_block, slice, sign, column.output);
    for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
        const CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        for (const ColumnRun& run : slot.runs)
            if (slot.sign == sign && run.slice == static_cast<int>(slice.value()))
                return {CrossbarIndex(i), run.first};
    }
    return {};  // no column holds such bits: nothing to name
}

}  // namespace

std::vector<ColumnCertificate> certify(const NetworkMapping& mapping, const AdcWidths& widths,
                                       const ByColumnGroup<ColumnExtreme>& columns) {
    std::vector<ColumnCertificate> certificates;
    for (std::size_t layer = 0; layer < columns.size(); ++layer)
        for (std::size_t slice = 0; slice < columns[layer].size(); ++slice)
            for (int number = 0; number < mapping.signs(); ++number) {
                const Sign sign = number == 0 ? Sign::positive : Sign::negative;
                const ColumnExtreme& column = columns[layer][slice][static_cast<std::size_t>(number)];
                ColumnCertificate certificate;
                certificate.layer = LayerIndex(layer);
                certificate.slice = SliceIndex(slice);
                certificate.sign = sign;
                certificate.place =
                    place_of(mapping.layers[LayerIndex(layer)], SliceIndex(slice), sign, column);
                certificate.sum = column.sum;
                certificate.range = widths.at(LayerIndex(layer), SliceIndex(slice), sign).range();
                if (widths.split_rows) certificate.range = std::max(certificate.range, column.sum);
                certificates.push_back(certificate);
            }
    return certificates;
}

const ColumnCertificate& tightest(const std::vector<ColumnCertificate>& certificates) {
    return *std::min_element(
        certificates.begin(), certificates.end(),
        [](const ColumnCertificate& a, const ColumnCertificate& b) { return a.margin() < b.margin(); });
}

}  // namespace sliver::mapping
