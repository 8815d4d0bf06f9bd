#include "config/fixed_widths.h"

#include <algorithm>

namespace sliver::config {

ChipConfig with_fixed_widths(const ChipConfig& chip, const std::vector<FixedLayerWidths>& layers) {
    ChipConfig fixed = chip;
    AdcConfig& adc = fixed.adc;
    const AdcConfig defaults;
    adc.policy = AdcPolicy::fixed;
    adc.granularity = defaults.granularity;
    adc.margin = defaults.margin;
    adc.percentile = defaults.percentile;
    adc.accuracy_loss = defaults.accuracy_loss;
    adc.slice_widths.clear();
    adc.slice_drops.clear();
    adc.layer_widths.clear();
    adc.negative_layer_widths.clear();
    adc.layer_drops.clear();
    for (const FixedLayerWidths& layer : layers) {
        adc.layer_widths[layer.layer] = layer.bits;
        if (!layer.negative_bits.empty() && layer.negative_bits != layer.bits)
            adc.negative_layer_widths[layer.layer] = layer.negative_bits;
        if (std::any_of(layer.drops.begin(), layer.drops.end(), [](int drop) { return drop != 0; }))
            adc.layer_drops[layer.layer] = layer.drops;
    }
    return fixed;
}

}  // namespace sliver::config
