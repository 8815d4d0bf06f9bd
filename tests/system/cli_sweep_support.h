// A sandbox for sweeps over a small network: how the program is called, and what it says when it refuses.
#pragma once

#include "cli_support.h"

namespace cli_support {

inline const std::string kNetwork = (kFixtures / "vgg-opset13.onnx").string();
inline const std::string kImages = (kFixtures / "vgg-opset13.input.npy").string();

struct SweepSandbox : Sandbox {
    [[nodiscard]] std::vector<std::string> sweep(const std::string& out,
                                                 const std::vector<std::string>& more = {},
                                                 const std::string& name = "sweep.yaml") const {
        std::vector<std::string> arguments = {"sweep", path(name), "--out", path(out)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    [[nodiscard]] std::string refusal(const std::vector<std::string>& arguments) const {
        const Outcome outcome = run(arguments);
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
        return outcome.err;
    }
};

}  // namespace cli_support
