// The shipped networks against their reference: integer logits of the first 64 Fashion-MNIST test images,
// computed by the training scripts in double precision (networks/reference/NAME-logits64.npy). Equal to the
// last bit.
#define BOOST_TEST_MODULE network_shipped
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "network/card.h"
#include "network/golden.h"
#include "network/images.h"
#include "network/npy.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace fs = std::filesystem;
using namespace sliver::network;

BOOST_AUTO_TEST_CASE(golden_logits_equal_the_reference) {
    const fs::path networks = fs::path(SLIVER_SOURCE_DIR) / "networks";
    const fs::path images = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
    const std::string prefix = "vgg11-fashion-", ending = ".onnx.gz";
    if (!fs::exists(images)) {
        std::cout << "SKIPPED: Fashion-MNIST is not installed (" << images.string() << ")\n";
        return;
    }
    int compared = 0;
    for (const auto& entry : fs::directory_iterator(networks)) {
        const std::string file = entry.path().filename().string();
        if (file.rfind(prefix, 0) != 0 || file.size() < ending.size() ||
            file.compare(file.size() - ending.size(), ending.size(), ending) != 0)
            continue;
        const std::string name = file.substr(0, file.size() - ending.size());
        const fs::path reference = networks / "reference" / (name + "-logits64.npy");
        if (!fs::exists(reference)) {
            std::cout << "SKIPPED: " << reference.string() << " is absent\n";
            continue;
        }
        BOOST_TEST_CONTEXT(name) {
            const FloatNetwork network = import_onnx(entry.path());
            BOOST_TEST(network.name == name);
            BOOST_TEST(!needs_calibration(network));
            const QuantisedNetwork quantised = quantise(network, QuantiseOptions{}, {});
            ImageOptions options{{0.2860}, {0.3530}, 2, Split::test, {}};
            if (const auto card = find_card(entry.path())) options = card->image_options();
            const ImageSet set(images, network.input_shape(), network.classes(), options);
            const NpyArray wanted = read_npy(reference);
            const std::size_t count = wanted.shape.at(0), classes = wanted.shape.at(1);
            std::size_t differing = 0;
            const auto start = std::chrono::steady_clock::now();
            for (std::size_t i = 0; i < count; ++i) {
                const std::vector<std::int32_t> logits =
                    run_golden(quantised, quantise_image(quantised.nodes[0], set.image(i).data()));
                BOOST_REQUIRE_EQUAL(logits.size(), classes);
                for (std::size_t c = 0; c < classes; ++c)
                    differing += logits[c] != wanted.integer(i * classes + c) ? 1U : 0U;
            }
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
            BOOST_TEST(differing == 0U, differing << " of " << count * classes << " logits differ");
            std::cout << name << ": " << seconds.count() / static_cast<double>(count) << " s an image\n";
            ++compared;
        }
    }
    if (compared == 0) std::cout << "SKIPPED: no vgg11-fashion network with a reference is there\n";
}
