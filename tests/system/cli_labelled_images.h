// Labelled images for the studies' tests: what a network says on ideal crossbars is right by definition.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "cli_support.h"
#include "network/npy.h"

namespace cli_support {

/// images.npy and labels.npy in the sandbox: `count` images made of those of the fixture vgg-opset13, and
/// what `network` says of them behind lossless converters on ideal crossbars.
inline void write_labelled_images(const Sandbox& box, const std::string& network, std::size_t count,
                                  unsigned seed) {
    const sliver::network::NpyArray given = sliver::network::read_npy(kFixtures / "vgg-opset13.input.npy");
    std::vector<std::size_t> shape = given.shape;
    const std::size_t pixels = given.size() / shape[0];
    shape[0] = count;
    std::mt19937 random(seed);
    std::vector<float> values;
    for (std::size_t i = 0; i < count * pixels; ++i)
        values.push_back(given.real(random() % given.size()) *
                         (0.5F + static_cast<float>(random() % 1000) / 1000));
    write(box.folder / "images.npy", sliver::network::npy_bytes(shape, values));
    box.good({"run", "--chip", "small", "--network", network, "--images", box.path("images.npy"),
              "--functional-count", std::to_string(count), "--adc", "worst-case", "--out",
              box.path("label")});
    const sliver::network::NpyArray logits = sliver::network::read_npy(box.folder / "label/logits.npy");
    const std::size_t classes = logits.shape[1];
    std::vector<std::int32_t> labels;
    for (std::size_t image = 0; image < count; ++image) {
        std::size_t best = 0;
        for (std::size_t c = 1; c < classes; ++c)
            if (logits.integer(image * classes + c) > logits.integer(image * classes + best)) best = c;
        labels.push_back(static_cast<std::int32_t>(best));
    }
    write(box.folder / "labels.npy", sliver::network::npy_bytes({count}, labels));
}

}  // namespace cli_support
