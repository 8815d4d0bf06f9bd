// The shipped networks against their reference: integer logits of the first 64 test images of their data set,
// computed by the training scripts in double precision (networks/reference/NAME-logits64.npy). Equal to the
// last bit. Images that are not on this machine leave their networks out, with a line that says so: only
// Fashion-MNIST comes with a Debian package. SLIVER_DATA=FOLDER names a folder with cifar10/ and mnist/.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <vector>

#include "../support/sanitized.h"
#include "network/card.h"
#include "network/golden.h"
#include "network/images.h"
#include "network/npy.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

BOOST_AUTO_TEST_SUITE(network_shipped)

namespace fs = std::filesystem;
using namespace sliver::network;

namespace {

#ifdef SLIVER_SANITIZED
constexpr std::size_t kImages = 8;  // each takes ten times as long
#else
constexpr std::size_t kImages = 64;
#endif

const fs::path kNetworks = fs::path(SLIVER_SOURCE_DIR) / "networks";
const std::string kEnding = ".onnx.gz";

/// Names of all shipped networks, sorted.
std::vector<std::string> shipped() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kNetworks)) {
        const std::string file = entry.path().filename().string();
        if (file.size() > kEnding.size() && file.substr(file.size() - kEnding.size()) == kEnding)
            names.push_back(file.substr(0, file.size() - kEnding.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// The folder of a data set, or an empty path where it is not on this machine.
fs::path images_of(const std::string& set) {
    if (set == "fashion-mnist") {
        const fs::path folder = "/usr/share/datasets/fashion-mnist";
        return fs::exists(folder) ? folder : fs::path();
    }
    std::vector<fs::path> homes{fs::path(SLIVER_SOURCE_DIR) / "../shared/data"};
    if (const char* given = std::getenv("SLIVER_DATA")) homes.insert(homes.begin(), given);
    for (const fs::path& home : homes)
        if (fs::is_directory(home / set)) return home / set;
    return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(golden_logits_equal_the_reference) {
    const std::vector<std::string> names = shipped();
    BOOST_TEST(names.size() >= 2U);
    for (const std::string& name : names) {
        BOOST_TEST_CONTEXT(name) {
            const fs::path file = kNetworks / (name + kEnding);
            const fs::path reference = kNetworks / "reference" / (name + "-logits64.npy");
            BOOST_REQUIRE(fs::exists(reference));
            const auto card = find_card(file);
            BOOST_REQUIRE(card.has_value());
            const FloatNetwork network = import_onnx(file);
            BOOST_TEST(network.name == name);
            BOOST_TEST(card->name == name);
            BOOST_TEST(!needs_calibration(network));
            const fs::path images = images_of(card->data_set);
            if (images.empty()) {
                std::cout << "SKIPPED: " << name << ": " << card->data_set << " is not on this machine\n";
                continue;
            }
            const QuantisedNetwork quantised = quantise(network, QuantiseOptions{}, {});
            const ImageSet set(images, network.input_shape(), network.classes(), card->image_options());
            const NpyArray wanted = read_npy(reference);
            const std::size_t count = std::min(kImages, wanted.shape.at(0)), classes = wanted.shape.at(1);
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
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
