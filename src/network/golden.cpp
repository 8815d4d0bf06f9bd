#include "network/golden.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "network/integer_ops.h"

namespace sliver::network {

namespace {

constexpr std::size_t kGoldenGather = 16;  // windows that share one pass over the weights
/// Rows summed in 32 bits before the sum is widened: codes and activations are at most 255 in magnitude, and
/// 255 * 255 * 32768 < 2^31. 16-bit factors with a 32-bit sum are what compilers turn into multiply-add
/// instructions.
constexpr std::size_t kNarrowRows = 32768;

std::int64_t dot(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
    std::int64_t sum = 0;
    for (std::size_t start = 0; start < count; start += kNarrowRows) {
        const std::size_t end = std::min(count, start + kNarrowRows);
        std::int32_t part = 0;
        for (std::size_t i = start; i < end; ++i) part += std::int32_t{a[i]} * std::int32_t{b[i]};
        sum += part;
    }
    return sum;
}

std::vector<std::int32_t> finish(const Node& node, int input_exponent,
                                 const std::vector<std::int64_t>& sums) {
    const std::size_t windows = node.shape.size() / static_cast<std::size_t>(node.shape.channels);
    std::vector<std::int32_t> codes;
    codes.reserve(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
        codes.push_back(finish_accumulator(node, input_exponent, static_cast<int>(i / windows), sums[i]));
    return codes;
}

}  // namespace

std::vector<std::int32_t> quantise_image(const Node& input, const float* pixels) {
    std::vector<std::int32_t> codes;
    codes.reserve(input.shape.size());
    const Limits limits = code_limits(input);
    const auto step = static_cast<float>(input.format.step());
    for (std::size_t i = 0; i < input.shape.size(); ++i) {
        // A step that a file fixes is a float, and ONNX divides by it as floats.
        const double steps = input.format.power_of_two()
                                 ? std::nearbyint(std::ldexp(double{pixels[i]}, -input.format.exponent))
                                 : std::nearbyint(double{pixels[i] / step});
        codes.push_back(static_cast<std::int32_t>(
            std::clamp<double>(steps + input.format.zero, limits.lowest, limits.highest)));
    }
    return codes;
}

std::vector<std::int64_t> matrix_accumulators(const Node& node, const Node& input_node,
                                              const std::vector<std::int32_t>& input) {
    const auto rows = static_cast<std::size_t>(node.weights.rows);
    const auto outputs = static_cast<std::size_t>(node.weights.outputs);
    const auto width = static_cast<std::size_t>(node.shape.width);
    const std::size_t windows = static_cast<std::size_t>(node.shape.height) * width;
    std::vector<std::int64_t> sums(outputs * windows);
    std::vector<std::int32_t> window(rows);
    std::vector<std::int16_t> columns(std::min(kGoldenGather, windows) * rows);
    for (std::size_t first = 0; first < windows; first += kGoldenGather) {
        const std::size_t count = std::min(kGoldenGather, windows - first);
        for (std::size_t w = 0; w < count; ++w) {
            gather_window(node, input_node, input.data(), static_cast<int>((first + w) / width),
                          static_cast<int>((first + w) % width), window.data());
            std::transform(window.begin(), window.end(),
                           columns.begin() + static_cast<std::ptrdiff_t>(w * rows),
                           [](std::int32_t code) { return static_cast<std::int16_t>(code); });
        }
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t w = 0; w < count; ++w)
                sums[o * windows + first + w] =
                    dot(node.weights.codes_of(static_cast<int>(o)),
                        columns.data() + w * rows +
                            static_cast<std::size_t>(node.weights.first_row(static_cast<int>(o))),
                        static_cast<std::size_t>(node.weights.group_rows()));
    }
    return sums;
}

std::vector<std::vector<std::int32_t>> run_golden_maps(const QuantisedNetwork& network,
                                                       const std::vector<std::int32_t>& image_codes) {
    std::vector<std::vector<std::int32_t>> maps(network.nodes.size());
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        const Node& node = network.nodes[id];
        if (node.kind == NodeKind::input) {
            if (image_codes.size() != node.shape.size())
                throw std::invalid_argument("the image has another size than the network's input");
            maps[id] = image_codes;
        } else if (node.kind == NodeKind::matrix) {
            const Node& source = network.nodes[node.inputs[0]];
            maps[id] =
                finish(node, source.format.exponent, matrix_accumulators(node, source, maps[node.inputs[0]]));
        } else {
            std::vector<const Node*> sources;
            std::vector<const std::vector<std::int32_t>*> inputs;
            for (const NodeId input : node.inputs) {
                sources.push_back(&network.nodes[input]);
                inputs.push_back(&maps[input]);
            }
            maps[id] = apply_digital(node, sources, inputs);
        }
    }
    return maps;
}

std::vector<std::int32_t> run_golden(const QuantisedNetwork& network,
                                     const std::vector<std::int32_t>& image_codes) {
    return std::move(run_golden_maps(network, image_codes).back());
}

std::vector<int> predicted_classes(const std::vector<std::int32_t>& logits, std::size_t images) {
    std::vector<int> classes;
    if (images == 0) return classes;
    const auto width = static_cast<std::ptrdiff_t>(logits.size() / images);
    for (auto image = logits.begin(); image != logits.end(); image += width)
        classes.push_back(static_cast<int>(std::max_element(image, image + width) - image));
    return classes;
}

}  // namespace sliver::network
