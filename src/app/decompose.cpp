#include "app/decompose.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "base/error.h"
#include "config/value_text.h"
#include "mapping/layer_mapping.h"
#include "network/activation_ranges.h"
#include "network/onnx_export.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace sliver::app {
namespace {

network::QuantisedNetwork quantised(const network::FloatNetwork& network, const config::ChipConfig& chip,
                                    const network::ActivationRanges& ranges) {
    network::QuantiseOptions options;
    options.weight_bits = chip.weights.bits;
    options.input_bits = chip.inputs.bits;
    options.rounding = chip.weights.rounding;
    return network::quantise(network, options, ranges);
}

}  // namespace

Decomposed decompose(const DecomposeRequest& request, Progress& progress) {
    const LoadedNetwork& loaded = request.loaded;
    const network::ActivationRanges ranges = network::needs_calibration(loaded.network)
                                                 ? network::stand_in_ranges(loaded.network)
                                                 : network::ActivationRanges();
    progress.stage("quantising " + loaded.network.name);
    const network::QuantisedNetwork source = quantised(loaded.network, request.chip, ranges);
    network::FloatNetwork changed = loaded.network;
    network::DigitSets digits;
    digits.scheme = request.options.consecutive ? "swis-c" : "swis";
    digits.cell_bits = request.options.cell_bits;
    digits.group_rows = request.options.group_rows;
    digits.weight_bits = request.chip.weights.bits;
    digits.source = loaded.sha256;
    std::vector<mapping::SharedBits> shared;
    std::vector<std::optional<int>> exponents;  ///< of the layers' steps
    const std::vector<network::NodeId> ids = source.matrix_nodes();
    for (const network::NodeId id : ids) {
        progress.count("sharing bits", shared.size(), ids.size(), "layers");
        const network::MatrixWeights& weights = source.nodes[id].weights;
        shared.push_back(mapping::share_bits(weights, request.options));
        network::FloatNode& node = changed.nodes[id];
        // A step that is a power of two stands with the sets; others stay with the weights.
        exponents.emplace_back();
        if (weights.steps.empty()) {
            exponents.back() = weights.exponent;
            node.weight_grid.reset();
        }
        const auto rows = static_cast<std::size_t>(weights.group_rows());
        for (std::size_t i = 0; i < node.weights.size(); ++i)
            node.weights[i] =
                static_cast<float>(shared.back().codes[i] * weights.step(static_cast<int>(i / rows)));
    }
    for (std::size_t number = 0; number < ids.size(); ++number) {
        network::DigitSets::Layer sets;
        sets.name = source.nodes[ids[number]].name;
        sets.exponent = exponents[number];
        sets.masks = shared[number].masks;
        digits.layers.push_back(std::move(sets));
    }
    progress.stage("mapping " + loaded.network.name);
    Decomposed made;
    made.onnx = network::onnx_bytes(changed, network::metadata_of(digits));
    // What whoever reads the file gets.
    made.network = network::import_onnx_bytes(made.onnx, loaded.path);
    const network::QuantisedNetwork target = quantised(made.network, request.chip, ranges);
    network::check_digit_sets(digits, target);
    config::ChipConfig slices = request.chip;
    slices.weights.digits = config::DigitColumns::slices;
    const mapping::NetworkMapping before = mapping::map_network(source, slices),
                                  after = mapping::map_network(target, request.chip);
    for (std::size_t number = 0; number < ids.size(); ++number) {
        const network::MatrixWeights& weights = source.nodes[ids[number]].weights;
        const mapping::SharedBits& bits = shared[number];
        if (target.nodes[ids[number]].weights.codes != bits.codes)
            throw std::logic_error("decompose: the file gives other codes than were chosen");
        DecomposedLayer layer;
        layer.name = source.nodes[ids[number]].name;
        layer.weights = weights.codes.size();
        layer.average = bits.average;
        layer.relative_error =
            bits.squared_weights > 0 ? std::sqrt(bits.squared_error / bits.squared_weights) : 0;
        layer.columns = after.layers[LayerIndex(number)].columns();
        layer.arrays = after.layers[LayerIndex(number)].crossbars.size();
        layer.arrays_before = before.layers[LayerIndex(number)].crossbars.size();
        made.layers.push_back(std::move(layer));
    }
    progress.clear();
    return made;
}

std::string card_text(const network::NetworkCard& of_source, const std::string& name,
                      const std::string& summary, const std::string& sha256, const std::string& command) {
    const auto quoted = [](const std::string& text) { return config::value_text(text); };
    std::string text = fmt::format("name: {}\nsummary: {}\narchitecture: {}\n", quoted(name), quoted(summary),
                                   quoted(of_source.architecture));
    const auto numbers = [](const std::vector<double>& values) {
        std::string list;
        for (const double value : values) list += fmt::format("{}{}", list.empty() ? "" : ", ", value);
        return list;
    };
    text += fmt::format("data:\n  set: {}\n  pad: {}\n", quoted(of_source.data_set), of_source.pad);
    if (!of_source.mean.empty()) text += fmt::format("  mean: [{}]\n", numbers(of_source.mean));
    if (!of_source.std.empty()) text += fmt::format("  std: [{}]\n", numbers(of_source.std));
    if (!of_source.classes.empty()) {
        std::string classes;
        for (const std::string& each : of_source.classes)
            classes += (classes.empty() ? "" : ", ") + quoted(each);
        text += fmt::format("  classes: [{}]\n", classes);
    }
    return text + fmt::format("sha256: {}\nmade_by: [{}]\n", quoted(sha256), quoted(command));
}

}  // namespace sliver::app
