// Networks that PyTorch's exporter wrote (scripts/train/make_onnx_fixtures.py) against the logits PyTorch
// computed: batch norm kept and folded, opset 11 to 17, residual networks, MatMul and Gemm, view and reshape,
// fixed and open batches.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "network/float_executor.h"
#include "network/golden.h"
#include "network/npy.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

BOOST_AUTO_TEST_SUITE(network_onnx_fixtures)

namespace fs = std::filesystem;
using namespace sliver;
using namespace sliver::network;

namespace {

const fs::path kFolder = fs::path(SLIVER_SOURCE_DIR) / "tests/data/onnx";

std::vector<fs::path> fixtures() {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".onnx" && name.rfind("refuse-", 0) != 0)
            paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

fs::path with(const fs::path& onnx, const std::string& ending) {
    return onnx.parent_path() / (onnx.stem().string() + ending);
}

std::vector<float> reals(const NpyArray& array, std::size_t first, std::size_t count) {
    std::vector<float> values;
    for (std::size_t i = first; i < first + count; ++i) values.push_back(array.real(i));
    return values;
}

std::string refusal(const fs::path& path) {
    try {
        static_cast<void>(import_onnx(path));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(float_logits_match_pytorch) {
    const std::vector<fs::path> paths = fixtures();
    BOOST_TEST(paths.size() >= 25U);
    for (const fs::path& path : paths) {
        BOOST_TEST_CONTEXT(path.filename().string()) {
            const FloatNetwork network = import_onnx(path);
            if (!needs_calibration(network))
                continue;  // quantised in the file: its logits are those of integers
            const NpyArray input = read_npy(with(path, ".input.npy")),
                           logits = read_npy(with(path, ".logits.npy"));
            const FloatExecutor executor(network);
            const std::size_t pixels = network.input_shape().size(), classes = network.classes();
            BOOST_REQUIRE_EQUAL(input.size(), input.shape[0] * pixels);
            BOOST_REQUIRE_EQUAL(logits.size(), input.shape[0] * classes);
            for (std::size_t i = 0; i < input.shape[0]; ++i) {
                const std::vector<float> image = reals(input, i * pixels, pixels),
                                         wanted = reals(logits, i * classes, classes);
                const std::vector<float> got = executor.run(image.data());
                const float scale =
                    std::fabs(*std::max_element(wanted.begin(), wanted.end(), [](float a, float b) {
                        return std::fabs(a) < std::fabs(b);
                    }));
                for (std::size_t c = 0; c < classes; ++c)
                    BOOST_TEST(
                        std::fabs(got[c] - wanted[c]) <= 1e-4F * scale,
                        "image " << i << ", class " << c << ": " << got[c] << ", PyTorch " << wanted[c]);
            }
        }
    }
}

// The form of the shipped networks: every map's step in the file, so the integers are those of the training
// scripts.
BOOST_AUTO_TEST_CASE(fixed_point_logits_are_exact) {
    const fs::path path = kFolder / "fixed-point.onnx";
    const QuantisedNetwork network = quantise(import_onnx(path), QuantiseOptions{}, {});
    const NpyArray input = read_npy(with(path, ".input.npy")),
                   integers = read_npy(with(path, ".integers.npy"));
    const std::size_t pixels = network.nodes[0].shape.size(), classes = network.output().shape.size();
    BOOST_REQUIRE_EQUAL(integers.size(), input.shape[0] * classes);
    for (std::size_t i = 0; i < input.shape[0]; ++i) {
        const std::vector<float> image = reals(input, i * pixels, pixels);
        const std::vector<std::int32_t> got =
            run_golden(network, quantise_image(network.nodes[0], image.data()));
        for (std::size_t c = 0; c < classes; ++c) BOOST_TEST(got[c] == integers.integer(i * classes + c));
    }
}

// A thousand images through a residual network with column budgets (scripts/train/make_agreement_fixture.py).
BOOST_AUTO_TEST_CASE(integer_logits_of_1000_images_are_pytorchs) {
    const fs::path path = fs::path(SLIVER_SOURCE_DIR) / "tests/data/agreement/residual.onnx";
    const QuantisedNetwork network = quantise(import_onnx(path), QuantiseOptions{}, {});
    const NpyArray codes = read_npy(with(path, ".codes.npy")),
                   integers = read_npy(with(path, ".integers.npy"));
    const std::size_t pixels = network.nodes[0].shape.size(), classes = network.output().shape.size();
    BOOST_REQUIRE_EQUAL(codes.shape[0], 1000U);
    BOOST_REQUIRE_EQUAL(codes.size(), codes.shape[0] * pixels);
    BOOST_REQUIRE_EQUAL(integers.size(), codes.shape[0] * classes);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < codes.shape[0]; ++i) {
        std::vector<std::int32_t> image;
        for (std::size_t p = 0; p < pixels; ++p)
            image.push_back(static_cast<std::int32_t>(codes.integer(i * pixels + p)));
        const std::vector<std::int32_t> got = run_golden(network, image);
        for (std::size_t c = 0; c < classes; ++c)
            wrong += got[c] == integers.integer(i * classes + c) ? 0U : 1U;
    }
    BOOST_TEST(wrong == 0U);
}

// Eight bits cannot match float exactly, but a misread stride, padding or residual would be far off.
BOOST_AUTO_TEST_CASE(quantised_logits_come_close) {
    for (const fs::path& path : fixtures()) {
        BOOST_TEST_CONTEXT(path.filename().string()) {
            const FloatNetwork network = import_onnx(path);
            const NpyArray input = read_npy(with(path, ".input.npy"));
            const std::size_t pixels = network.input_shape().size();
            const auto image = [&](std::size_t i) { return reals(input, i * pixels, pixels); };
            const ActivationRanges ranges = calibrate(network, input.shape[0], image, 2);
            const QuantisedNetwork quantised = quantise(network, QuantiseOptions{}, ranges);
            const FloatExecutor executor(network);
            for (std::size_t i = 0; i < input.shape[0]; ++i) {
                const std::vector<float> wanted = executor.run(image(i).data());
                const std::vector<std::int32_t> got =
                    run_golden(quantised, quantise_image(quantised.nodes[0], image(i).data()));
                double error = 0, power = 0;
                for (std::size_t c = 0; c < wanted.size(); ++c) {
                    const double difference =
                        std::ldexp(got[c], quantised.output().format.exponent) - wanted[c];
                    error += difference * difference;
                    power += double{wanted[c]} * wanted[c];
                }
                BOOST_TEST(std::sqrt(error / power) < 0.06,
                           "image " << i << ": relative error " << std::sqrt(error / power));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(unsupported_networks_are_refused_in_words) {
    const std::string text = refusal(kFolder / "refuse-transposed-conv.onnx");
    BOOST_TEST(text.find((kFolder / "refuse-transposed-conv.onnx").string() + ": node '") == 0U, text);
    for (const char* word : {"ConvTranspose", "is not supported", "use Resize (nearest) and Conv"})
        BOOST_TEST(text.find(word) != std::string::npos, text);
    BOOST_TEST(text.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
