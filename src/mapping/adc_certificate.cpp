#include "mapping/adc_certificate.h"

#include <algorithm>

namespace sliver::mapping {

std::vector<ColumnCertificate> certify(const NetworkMapping& mapping, const AdcWidths& widths,
                                       const ByColumnGroup<ColumnExtreme>& columns) {
    std::vector<ColumnCertificate> certificates;
    for (std::size_t layer = 0; layer < columns.size(); ++layer)
        for (std::size_t slice = 0; slice < columns[layer].size(); ++slice)
            for (int number = 0; number < mapping.format.signs(); ++number) {
                const Sign sign = number == 0 ? Sign::positive : Sign::negative;
                const ColumnExtreme& column = columns[layer][slice][static_cast<std::size_t>(number)];
                ColumnCertificate certificate;
                certificate.layer = LayerIndex(layer);
                certificate.slice = SliceIndex(slice);
                certificate.sign = sign;
                certificate.place = column_of(mapping.layers[LayerIndex(layer)], column.row_block,
                                              SliceIndex(slice), sign, column.output);
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
