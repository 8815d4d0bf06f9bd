#include "python/layer_on_crossbars.h"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>

#include "app/design.h"
#include "base/error.h"
#include "base/worker_team.h"
#include "engine/device_arrays.h"
#include "python/arrays.h"
#include "python/handles.h"

namespace py = pybind11;

namespace sliver::python {
namespace {

/// Weights (outputs, rows) as a network of one linear layer: an input of unsigned codes, 32-bit sums out.
network::QuantisedNetwork one_layer(const std::vector<std::int32_t>& weights, int outputs, int rows,
                                    const config::ChipConfig& chip) {
    network::QuantisedNetwork network;
    network.name = "layer";
    network::Node input;
    input.kind = network::NodeKind::input;
    input.name = "input";
    input.shape = {rows, 1, 1};
    input.format = {false, chip.inputs.bits, 0};
    network::Node matrix;
    matrix.kind = network::NodeKind::matrix;
    matrix.name = "layer";
    matrix.inputs = {0};
    matrix.shape = {outputs, 1, 1};
    matrix.format = {true, 32, 0};
    matrix.weights.outputs = outputs;
    matrix.weights.rows = rows;
    matrix.weights.bits = chip.weights.bits;
    matrix.weights.codes.assign(weights.begin(), weights.end());
    matrix.weights.bias.assign(static_cast<std::size_t>(outputs), 0);
    matrix.is_output = true;
    network.nodes = {std::move(input), std::move(matrix)};
    return network;
}

class LayerOnCrossbars {
  public:
    LayerOnCrossbars(const py::handle& weights, const Chip& chip, std::uint64_t seed, unsigned threads)
        : chip_(chip.config) {
        const int largest = (1 << chip_.weights.bits) - 1;
        std::size_t outputs = 0;
        const std::vector<std::int32_t> codes = integers("weights", weights, outputs, 0, -largest, largest);
        if (codes.empty()) refuse("weights: no weight");
        const auto rows = static_cast<int>(codes.size() / outputs);
        const py::gil_scoped_release released;
        design_.network = one_layer(codes, static_cast<int>(outputs), rows, chip_);
        design_.mapping = mapping::map_network(design_.network, chip_);
        design_.widths = mapping::allocate_adcs(design_.network, design_.mapping, chip_);
        if (chip_.cells.kind == config::CellKind::resistive || !design_.mapping.rows_in_runs())
            design_.arrays = engine::program_arrays({design_.network,
                                                     design_.mapping,
                                                     chip_,
                                                     seed,
                                                     thread_count(threads),
                                                     best_instruction_set(),
                                                     nullptr,
                                                     {}});
        engine::EngineOptions options;
        options.instruction_set = best_instruction_set();
        options.threads = thread_count(threads);
        engine_ = std::make_unique<engine::FunctionalEngine>(design_.network, design_.mapping,
                                                             chip_.inputs.dac_bits, options, design_.arrays);
    }

    py::array_t<std::int32_t> multiply(const py::handle& inputs) const {
        const network::Node& input = design_.network.nodes.front();
        const network::Node& matrix = design_.network.nodes.back();
        std::size_t count = 0;
        const std::vector<std::int32_t> codes = integers("inputs", inputs, count, input.shape.size(),
                                                         input.format.lowest(), input.format.highest());
        std::vector<std::int32_t> sums;
        if (count > 0) {
            const py::gil_scoped_release released;
            const std::lock_guard<std::mutex> alone(engine_lock_);  // its threads do one call at a time
            sums = engine_->run(codes.data(), count, design_.widths).logits;
        }
        return array_of(std::move(sums), {static_cast<py::ssize_t>(count), matrix.shape.channels});
    }

    [[nodiscard]] std::vector<int> adc_bits() const {
        return {design_.widths.bits[0].rbegin(), design_.widths.bits[0].rend()};
    }
    [[nodiscard]] std::size_t arrays() const { return design_.mapping.crossbars(); }

  private:
    config::ChipConfig chip_;
    app::Design design_;
    std::unique_ptr<engine::FunctionalEngine> engine_;
    mutable std::mutex engine_lock_;
};

}  // namespace

void bind_layer_on_crossbars(py::module_& module) {
    py::class_<LayerOnCrossbars>(module, "LayerOnCrossbars")
        .def(py::init<const py::handle&, const Chip&, std::uint64_t, unsigned>(), py::arg("weights"),
             py::arg("chip"), py::arg("seed") = 1, py::arg("threads") = 0)
        .def("multiply", &LayerOnCrossbars::multiply)
        .def_property_readonly("adc_bits", &LayerOnCrossbars::adc_bits)
        .def_property_readonly("arrays", &LayerOnCrossbars::arrays);
}

}  // namespace sliver::python
