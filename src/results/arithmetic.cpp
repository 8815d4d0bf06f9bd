#include "results/arithmetic.h"

#include <fmt/format.h>

#include "results/quantity_text.h"

namespace sliver::results {
namespace {

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return fmt::format("{} {}", grouped(count), count == 1 ? one : many);
}

}  // namespace

std::vector<std::string> arithmetic_lines(const Arithmetic& arithmetic) {
    std::vector<std::string> lines;
    const auto maps = [](std::uint64_t count) { return counted(count, "map", "maps"); };
    const auto layers = [](std::uint64_t count) { return counted(count, "layer", "layers"); };
    if (arithmetic.exact()) {
        lines.push_back(fmt::format("the file's own integers, in {} and {}", layers(arithmetic.kept_layers),
                                    maps(arithmetic.kept_maps)));
    } else if (!arithmetic.quantised_file) {
        lines.push_back(
            fmt::format("a file in floating point, quantised here: {} and {}, steps are powers of two",
                        layers(arithmetic.float_layers), maps(arithmetic.calibrated_maps)));
    } else {
        lines.push_back(fmt::format("the file's integers for {} and {}; not for the others:",
                                    layers(arithmetic.kept_layers), maps(arithmetic.kept_maps)));
        if (arithmetic.calibrated_maps != 0)
            lines.push_back(fmt::format("{} that the file leaves open: powers of two from calibration",
                                        maps(arithmetic.calibrated_maps)));
        if (arithmetic.coarser_maps != 0)
            lines.push_back(fmt::format("{} with coarser steps: inputs.bits are fewer than the file's",
                                        maps(arithmetic.coarser_maps)));
        if (arithmetic.float_layers != 0)
            lines.push_back(fmt::format("{} that the file has in floating point: powers of two",
                                        layers(arithmetic.float_layers)));
        if (arithmetic.requantised_layers != 0)
            lines.push_back(fmt::format(
                "{} quantised anew: weights.bits are fewer than the file's, or a bias did not fit",
                layers(arithmetic.requantised_layers)));
        if (arithmetic.clipped_weights != 0)
            lines.push_back(fmt::format("{} cut to the largest code of the chip (weights.bits)",
                                        counted(arithmetic.clipped_weights, "weight", "weights")));
    }
    if (arithmetic.original)
        lines.push_back(fmt::format("{} of {} classified otherwise than by the network in floating point",
                                    grouped(arithmetic.original->differ),
                                    counted(arithmetic.original->images, "image", "images")));
    for (const std::string& note : arithmetic.notes) lines.push_back(note);
    return lines;
}

}  // namespace sliver::results
