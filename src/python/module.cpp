// The Python module sliver._sliver: the library's steps as objects, numpy arrays in and out.
// python/sliver/*.py makes of it what a user sees; documentation stands there.
//
// Long work runs without the interpreter's lock. Chips are simulated in processes of their own
// (run/simulation.h), so that any number of runs fit one interpreter.
#include <fmt/format.h>
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/adc_search_json.h"
#include "app/engine_pass.h"
#include "app/network_archive.h"
#include "base/error.h"
#include "base/output_folder.h"
#include "base/sha256.h"
#include "base/version.h"
#include "base/worker_team.h"
#include "cli/program.h"
#include "config/chip_config_loader.h"
#include "config/shipped.h"
#include "device/effective_conductance.h"
#include "network/float_executor.h"
#include "network/golden.h"
#include "network/onnx_import.h"
#include "python/arrays.h"
#include "python/handles.h"
#include "python/layer_on_crossbars.h"
#include "python/python_progress.h"
#include "results/stats_json.h"
#include "results/stored_run.h"
#include "results/summary.h"
#include "study/crossbar_files.h"

namespace py = pybind11;

namespace sliver::python {
namespace {

using Texts = std::vector<std::string>;
using Released = py::gil_scoped_release;

// ---- chips

std::shared_ptr<Chip> make_chip(const std::string& name, const std::string& adc, const std::string& adc_law,
                                const std::string& accounting, const Texts& set) {
    app::ChipRequest request;
    request.chip = name;
    request.adc = adc;
    request.adc_law = adc_law;
    request.accounting = accounting;
    request.set = set;
    auto chip = std::make_shared<Chip>(Chip{app::load_chip(request)});
    static_cast<void>(results::prices_of(chip->config));
    return chip;
}

std::shared_ptr<Chip> chip_from_text(const std::string& text, const std::string& adc,
                                     const std::string& adc_law, const std::string& accounting,
                                     const Texts& set) {
    app::ChipRequest request;
    request.adc = adc;
    request.adc_law = adc_law;
    request.accounting = accounting;
    request.set = set;
    auto chip = std::make_shared<Chip>(Chip{config::parse_chip(text, "chip", app::chip_overrides(request))});
    static_cast<void>(results::prices_of(chip->config));
    return chip;
}

// ---- networks

std::shared_ptr<Network> network_from_bytes(const py::bytes& bytes, const std::string& name,
                                            const std::string& output) {
    auto network = std::make_shared<Network>();
    std::string content = bytes;
    const Released released;
    network->loaded.path = name + ".onnx";
    network->loaded.sha256 = sha256(content);
    network->loaded.network =
        network::import_onnx_bytes(std::move(content), network->loaded.path, {output, {}});
    return network;
}

py::list layers_of(const Network& network) {
    py::list layers;
    for (const network::FloatNode& node : network.loaded.network.nodes) {
        if (node.kind != network::NodeKind::matrix) continue;
        py::dict layer;
        layer["layer"] = node.name;
        layer["operator"] = node.op;
        layer["rows"] = node.rows;
        layer["outputs"] = node.outputs;
        layer["weights"] = node.weights.size();
        layer["zero_weights"] = static_cast<std::size_t>(std::count_if(
            node.weights.begin(), node.weights.end(), [](float w) { return !(w < 0 || w > 0); }));
        layer["output_shape"] = py::make_tuple(node.shape.channels, node.shape.height, node.shape.width);
        layers.append(std::move(layer));
    }
    return layers;
}

network::ImageOptions preparation_of(const Network& network, const std::vector<double>& mean,
                                     const std::vector<double>& deviation, int pad) {
    network::ImageOptions preparation;
    if (network.loaded.card) preparation = network.loaded.card->image_options();
    if (!mean.empty()) preparation.mean = mean;
    if (!deviation.empty()) preparation.std = deviation;
    if (pad >= 0) preparation.pad = pad;
    preparation.layout = network.loaded.network.layout;
    return preparation;
}

/// Images and calibration images as a call gives them.
struct ImageArguments {
    py::object images, labels, calibrate;
    std::size_t calibrate_count = 64;
    std::vector<double> mean, deviation;
    int pad = -1;
};

std::string text_of(const py::handle& value) {
    return py::isinstance<py::str>(value) ? value.cast<std::string>()
                                          : py::str(value.attr("__fspath__")()).cast<std::string>();
}

bool is_place(const py::handle& value) {
    return py::isinstance<py::str>(value) || py::hasattr(value, "__fspath__");
}

app::ImageRequest request_of(const Network& network, const ImageArguments& given) {
    app::ImageRequest request;
    request.mean = given.mean;
    request.std = given.deviation;
    request.pad = given.pad;
    request.calibrate_count = given.calibrate_count;
    if (is_place(given.images)) {
        request.images = text_of(given.images);
        if (is_place(given.labels))
            request.labels = text_of(given.labels);
        else if (!given.labels.is_none())
            refuse("labels: beside images of a file must be a file, too");
    }
    if (is_place(given.calibrate)) {
        request.calibrate = text_of(given.calibrate);
    } else if (!given.calibrate.is_none()) {
        const bool pair = py::isinstance<py::tuple>(given.calibrate) && py::len(given.calibrate) == 2;
        const py::object images = pair ? py::object(given.calibrate[py::int_(0)]) : given.calibrate;
        const py::object labels = pair ? py::object(given.calibrate[py::int_(1)]) : py::object(py::none());
        request.calibration = image_set("calibrate", images, labels, network.loaded,
                                        preparation_of(network, given.mean, given.deviation, given.pad));
    }
    return request;
}

/// The images under test. None: those that the network's card names, where `needed` or they are there.
app::TestImages test_images(const Network& network, const ImageArguments& given,
                            const app::ImageRequest& request, std::size_t count, bool needed) {
    if (!given.images.is_none() && !is_place(given.images)) {
        app::TestImages test;
        test.preparation = preparation_of(network, given.mean, given.deviation, given.pad);
        test.set = image_set("images", given.images, given.labels, network.loaded, test.preparation);
        if (count > test.set->count()) refuse("count: value {}: images holds {}", count, test.set->count());
        return test;
    }
    if (given.images.is_none() && !given.labels.is_none()) refuse("labels: of no images");
    try {
        return app::open_images(network.loaded, request, count, "count");
    } catch (const InputError&) {
        if (needed || is_place(given.images)) throw;
        return {};
    }
}

// ---- mappings

std::shared_ptr<Mapping> make_mapping(const std::shared_ptr<const Network>& network, const Chip& chip,
                                      const ImageArguments& given, std::optional<std::size_t> under_test,
                                      unsigned threads, std::uint64_t seed,
                                      const std::string& conductance_cache,
                                      const std::shared_ptr<const Ranges>& ranges,
                                      const py::object& listener) {
    PythonProgress progress(listener);
    auto mapping = std::make_shared<Mapping>();
    mapping->network = network;
    mapping->chip = chip.config;
    mapping->threads = thread_count(threads);
    mapping->seed = seed;
    const app::ImageRequest request = request_of(*network, given);
    const config::AdcPolicy policy = chip.config.adc.policy;
    const bool calibrates = (ranges == nullptr && network::needs_calibration(network->loaded.network)) ||
                            (policy != config::AdcPolicy::fixed && policy != config::AdcPolicy::worst_case);
    mapping->test = test_images(*network, given, request, std::max<std::size_t>(under_test.value_or(1), 1),
                                calibrates && request.calibration == nullptr);
    const std::size_t tested =
        under_test.value_or(mapping->test.set != nullptr ? mapping->test.set->count() : 0);
    const Released released;
    app::DesignRequest asked{network->loaded, chip.config,      request, mapping->test,
                             tested,          mapping->threads, seed,    conductance_cache};
    if (ranges != nullptr) asked.ranges = &ranges->by_map;
    mapping->design = app::make_design(asked, progress);
    return mapping;
}

const app::TestImages& images_under_test(const Mapping& mapping, const app::TestImages& own) {
    const app::TestImages& test = own.set != nullptr ? own : mapping.test;
    if (test.set == nullptr)
        refuse("images: are missing, and {} has no card that names its images",
               mapping.network->loaded.network.name);
    return test;
}

app::TestImages own_images(const Mapping& mapping, const ImageArguments& given, std::size_t count) {
    if (given.images.is_none()) return {};
    return test_images(*mapping.network, given, request_of(*mapping.network, given),
                       std::max<std::size_t>(count, 1), true);
}

py::list mapped_layers(const Mapping& mapping) {
    const app::Design& design = *mapping.design;
    const mapping::Placement placement = run::place(design, mapping.chip);
    const auto reversed = [](std::vector<int> list) {
        std::reverse(list.begin(), list.end());
        return list;
    };
    py::list layers;
    for (std::size_t i = 0; i < design.mapping.layers.size(); ++i) {
        const mapping::LayerMapping& mapped = design.mapping.layers[LayerIndex(i)];
        const mapping::LayerPlacement& placed = placement.layers[LayerIndex(i)];
        py::dict layer;
        layer["layer"] = mapped.name;
        layer["rows"] = mapped.rows;
        layer["outputs"] = mapped.outputs;
        layer["windows_per_image"] = mapping::windows_per_image(design.network.nodes[mapped.node]);
        layer["planes"] = mapped.planes.size();
        layer["copies"] = placed.copies.size();
        layer["arrays"] = placed.copies.size() * mapped.crossbars.size();
        layer["first_tile"] = placed.first_tile;
        layer["tiles"] = placed.tiles;
        layer["adc_bits"] = reversed(design.widths.bits[i]);
        layer["adc_bits_worst_case"] = reversed(app::column_sums(design.worst_case_sums[i]).bits);
        layers.append(std::move(layer));
    }
    return layers;
}

py::dict evaluate(const Mapping& mapping, const ImageArguments& given, std::size_t count, bool golden,
                  const py::object& listener) {
    PythonProgress progress(listener);
    const app::TestImages own = own_images(mapping, given, count);
    const app::TestImages& test = images_under_test(mapping, own);
    const std::size_t images = count == 0 ? test.set->count() : count;
    if (images > test.set->count())
        refuse("count: value {}: {} holds {} images", images, test.set->source(), test.set->count());
    app::EnginePass pass;
    {
        const Released released;
        if (golden) {
            if (mapping.chip.cells.kind != config::CellKind::ideal)
                refuse("golden: exact integers have no devices; chip {} has cells.kind: resistive",
                       mapping.chip.name);
            pass = app::run_golden(mapping.design->network, *test.set, images, mapping.threads, progress);
        } else {
            engine::EngineOptions options;
            options.instruction_set = bitline::best_instruction_set();
            options.threads = mapping.threads;
            options.record_sums = true;
            const engine::FunctionalEngine engine = app::engine_of(*mapping.design, mapping.chip, options);
            pass = app::run_engine(engine, mapping.design->network, *test.set, 0, images,
                                   mapping.design->widths, "functional engine", progress);
        }
    }
    py::dict result;
    const std::vector<int> predicted = network::predicted_classes(pass.logits, images);
    if (test.set->labels()) {
        const std::vector<int>& labels = *test.set->labels();
        std::size_t correct = 0;
        for (std::size_t i = 0; i < images; ++i) correct += labels[i] == predicted[i] ? 1 : 0;
        result["correct"] = correct;
        result["labels"] =
            array_of(std::vector<int>(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(images)),
                     {static_cast<py::ssize_t>(images)});
    } else {
        result["correct"] = py::none();
        result["labels"] = py::none();
    }
    result["count"] = images;
    result["images"] = test.set->source();
    const auto classes = static_cast<py::ssize_t>(pass.logits.size() / images);
    result["predicted"] = array_of(std::vector<int>(predicted), {static_cast<py::ssize_t>(images)});
    result["logits"] = array_of(std::move(pass.logits), {static_cast<py::ssize_t>(images), classes});
    py::list layers;
    for (std::size_t i = 0; i < pass.clipped.size(); ++i) {
        py::dict layer;
        const mapping::LayerMapping& mapped = mapping.design->mapping.layers[LayerIndex(i)];
        layer["layer"] = mapped.name;
        auto clipped = pass.clipped[i];
        auto largest = pass.largest[i];
        std::reverse(clipped.begin(), clipped.end());
        std::reverse(largest.begin(), largest.end());
        layer["clipped"] = clipped;
        layer["largest_sums"] = largest;
        layer["conversions"] = app::conversions_of(mapping.design->network, mapped) * images;
        layers.append(std::move(layer));
    }
    result["layers"] = std::move(layers);
    return result;
}

std::shared_ptr<Run> run_mapping(const Mapping& mapping, const ImageArguments& given, std::size_t count,
                                 std::size_t functional_count, std::uint64_t settle, bool histograms,
                                 const std::string& style, bool timeline, const py::object& listener) {
    PythonProgress progress(listener);
    if (count == 0) refuse("count: value 0: must be 1 or more");
    run::RunRequest counts;
    counts.count = count;
    counts.functional_count = functional_count;
    counts.count_name = "count";
    counts.functional_name = "functional_count";
    const std::size_t functional = run::functional_images(counts);
    if (style != "lt" && style != "at") refuse("style: value {}: must be lt or at", style);
    const app::TestImages own = own_images(mapping, given, functional);
    const app::TestImages& test = images_under_test(mapping, own);
    if (functional > test.set->count())
        refuse("count: value {}: {} holds {} images", functional, test.set->source(), test.set->count());
    run::DesignRun asked{mapping.network->loaded, mapping.chip, *mapping.design, test};
    asked.count = count;
    asked.functional_count = functional;
    asked.settle = settle;
    asked.threads = mapping.threads;
    asked.seed = mapping.seed;
    asked.histograms = histograms;
    if (timeline) asked.timeline.emplace();
    asked.style = style == "at" ? model::Style::approximately_timed : model::Style::loosely_timed;
    asked.apart = true;
    asked.wait = [&](int end_signal) { progress.wait(end_signal); };
    const Released released;
    asked.float_classes = run::classes_to_compare(mapping.network->loaded, mapping.design->network, test,
                                                  count, mapping.threads, progress);
    run::RunOutcome outcome = run::run_design(asked, progress);
    auto run = std::make_shared<Run>();
    run->result = std::move(outcome.result);
    run->priced = std::move(outcome.priced);
    run->files = std::move(outcome.files);
    run->trace = std::move(outcome.trace);
    run->vcd = std::move(outcome.vcd);
    return run;
}

// ---- results

std::shared_ptr<Run> priced_again(const Run& run, const Chip& chip) {
    auto priced = std::make_shared<Run>(Run{run.result, {}, run.files, {}, {}});
    priced->result.chip = chip.config;
    priced->result.chip_yaml = config::to_yaml(chip.config);
    priced->priced = results::price(priced->result);
    return priced;
}

std::shared_ptr<Run> loaded_run(const std::string& folder) {
    const Released released;
    auto run = std::make_shared<Run>();
    run->result = results::load_result(folder);
    run->priced = results::price(run->result);
    run->files = results::load_outcomes(folder);
    return run;
}

void save(const Run& run, const std::string& folder, bool force) {
    const Released released;
    OutputFolder files(folder, OutputRules{"sliver run", "folder", force, {}});
    results::write_results(files, run.result, run.priced, run.files);
    files.commit();
}

// ---- crossbars

py::dict solve(const std::string& conductances, const std::string& volts, double driver, double row,
               double column, double sense, const std::string& idle_word) {
    study::CrossbarCells cells = study::parse_conductances(conductances, "conductances");
    const study::CrossbarVoltages given = study::parse_voltages(volts, "volts", cells.cells.rows);
    const device::CellConductances& array = cells.cells;
    const device::WireResistances wires{driver, row, column, sense};
    const device::IdleRows idle = study::idle_rows("idle", idle_word);
    const auto lists = static_cast<py::ssize_t>(given.volts.size());
    study::CrossbarSolution solution;
    std::optional<device::CellConductances> effective;
    {
        const Released released;
        solution = study::solve_crossbar(array, wires, idle, given.volts, true);
        if (idle == device::IdleRows::grounded)
            effective = device::effective_conductances(array, wires, best_instruction_set());
    }
    std::vector<double> currents, ideal, drivers;
    for (const study::CrossbarInputSolution& input : solution.inputs) {
        currents.insert(currents.end(), input.current_a.begin(), input.current_a.end());
        ideal.insert(ideal.end(), input.ideal_a.begin(), input.ideal_a.end());
        drivers.insert(drivers.end(), input.driver_a.begin(), input.driver_a.end());
    }
    const auto by = [&](std::vector<double> values, int width) {
        if (given.one_list) return array_of(std::move(values), {width});
        return array_of(std::move(values), {lists, width});
    };
    const auto nodes = [&](auto& values) {
        if (given.one_list) return array_of(std::move(values), {array.rows, array.columns});
        return array_of(std::move(values), {lists, array.rows, array.columns});
    };
    py::dict result;
    result["current_a"] = by(std::move(currents), array.columns);
    result["ideal_a"] = by(std::move(ideal), array.columns);
    result["driver_a"] = by(std::move(drivers), array.rows);
    result["row_volts"] = nodes(solution.row_volts);
    result["column_volts"] = nodes(solution.column_volts);
    if (effective)
        result["effective_s"] = array_of(std::move(effective->values), {array.rows, array.columns});
    else
        result["effective_s"] = py::none();
    return result;
}

/// Images as a file or a folder holds them, or a set that Sliver knows by name: (images, labels or None).
py::tuple read_images(const std::string& source, const std::string& split) {
    if (split != "train" && split != "test") refuse("split: value {}: must be train or test", split);
    network::RawImages raw;
    {
        const Released released;
        std::filesystem::path place = source;
        for (const auto& [name, folder] : app::known_image_sets())
            if (source == name) place = folder;
        std::error_code error;
        if (!std::filesystem::exists(place, error))
            refuse("{}: no such file, folder or known set of images", source);
        raw = network::read_images(place, split == "train" ? network::Split::train : network::Split::test, 0);
    }
    const std::vector<py::ssize_t> shape = {static_cast<py::ssize_t>(raw.count), raw.shape.channels,
                                            raw.shape.height, raw.shape.width};
    py::object labels = py::none();
    if (raw.labels) labels = array_of(std::move(*raw.labels), {static_cast<py::ssize_t>(raw.count)});
    if (raw.reals.empty()) return py::make_tuple(array_of(std::move(raw.bytes), shape), labels);
    return py::make_tuple(array_of(std::move(raw.reals), shape), labels);
}

/// The command line in this process: for `python3 -m sliver`.
int command_line(const Texts& arguments) {
    std::vector<const char*> words;
    for (const std::string& argument : arguments) words.push_back(argument.c_str());
    const Released released;
    return cli::run_program(static_cast<int>(words.size()), words.data());
}

const std::map<std::string, config::ShippedKind>& kinds() {
    using config::ShippedKind;
    static const std::map<std::string, ShippedKind> kKinds = {
        {"chips", ShippedKind::chip}, {"networks", ShippedKind::network}, {"studies", ShippedKind::study}};
    return kKinds;
}

}  // namespace

void bind(py::module_& module) {
    py::register_exception<InputError>(module, "InputError", PyExc_ValueError);
    py::register_exception<MachineError>(module, "MachineError", PyExc_RuntimeError);

    module.def("version", [] { return std::string(version()); });
    module.def("add_home", [](const std::string& folder) { config::add_shipped_root(folder); });
    module.def("shipped", [](const std::string& kind) { return config::shipped_names(kinds().at(kind)); });
    module.def("keys", [] {
        py::list keys;
        for (const config::KeyDoc& doc : config::chip_key_docs())
            keys.append(py::dict(py::arg("key") = doc.key, py::arg("value") = doc.value,
                                 py::arg("default") = doc.fallback, py::arg("meaning") = doc.meaning));
        return keys;
    });
    module.def("command_line", &command_line);
    module.def("solve", &solve);
    module.def("read_images", &read_images);

    py::class_<ImageArguments>(module, "Images")
        .def(py::init([](py::object images, py::object labels, py::object calibrate,
                         std::size_t calibrate_count, std::vector<double> mean, std::vector<double> deviation,
                         int pad) {
            return ImageArguments{std::move(images),
                                  std::move(labels),
                                  std::move(calibrate),
                                  calibrate_count,
                                  std::move(mean),
                                  std::move(deviation),
                                  pad};
        }));

    py::class_<Chip, std::shared_ptr<Chip>>(module, "Chip")
        .def(py::init(&make_chip))
        .def_static("from_text", &chip_from_text)
        .def_property_readonly("name", [](const Chip& chip) { return chip.config.name; })
        .def_property_readonly("summary", [](const Chip& chip) { return chip.config.summary; })
        .def_property_readonly("yaml", [](const Chip& chip) { return config::to_yaml(chip.config); })
        .def_property_readonly("mesh", [](const Chip& chip) {
            return py::make_tuple(chip.config.mesh.rows, chip.config.mesh.columns);
        });

    py::class_<Ranges, std::shared_ptr<Ranges>>(module, "Ranges")
        .def_property_readonly("maps", [](const Ranges& ranges) {
            py::dict maps;
            for (const auto& [name, range] : ranges.by_map)
                maps[py::str(name)] = py::make_tuple(range.lowest, range.highest);
            return maps;
        });

    py::class_<Network, std::shared_ptr<Network>>(module, "Network")
        .def(py::init([](const std::string& name, const std::string& output) {
                 const Released released;
                 auto network = std::make_shared<Network>(Network{app::load_network(name, output)});
                 app::check_card(network->loaded);
                 return network;
             }),
             py::arg("name"), py::arg("output") = "")
        .def_static("from_bytes", &network_from_bytes, py::arg("bytes"), py::arg("name"),
                    py::arg("output") = "")
        .def_property_readonly("name", [](const Network& network) { return network.loaded.network.name; })
        .def_property_readonly("sha256", [](const Network& network) { return network.loaded.sha256; })
        .def_property_readonly("path", [](const Network& network) { return network.loaded.path.string(); })
        .def_property_readonly("classes",
                               [](const Network& network) { return network.loaded.network.classes(); })
        .def_property_readonly("class_names",
                               [](const Network& network) {
                                   return network.loaded.card ? network.loaded.card->classes : Texts();
                               })
        .def_property_readonly("data_set",
                               [](const Network& network) {
                                   return network.loaded.card ? network.loaded.card->data_set : std::string();
                               })
        .def_property_readonly("summary",
                               [](const Network& network) {
                                   return network.loaded.card ? network.loaded.card->summary : std::string();
                               })
        .def_property_readonly("input_shape",
                               [](const Network& network) {
                                   const network::Shape& shape = network.loaded.network.input_shape();
                                   return py::make_tuple(shape.channels, shape.height, shape.width);
                               })
        .def_property_readonly(
            "needs_calibration",
            [](const Network& network) { return network::needs_calibration(network.loaded.network); })
        .def_property_readonly("layers", &layers_of)
        .def("calibrate",
             [](const Network& network, const ImageArguments& given, unsigned threads) {
                 const app::ImageRequest request = request_of(network, given);
                 const app::TestImages test = test_images(network, given, request, 1, true);
                 // As a run's: training images where the source has them.
                 const app::CalibrationImages images =
                     app::calibration_images(network.loaded, request, test, 0, app::Purpose::ranges);
                 const Released released;
                 return std::make_shared<Ranges>(Ranges{network::calibrate(
                     network.loaded.network, images.count, [&](std::size_t i) { return images.image(i); },
                     threads)});
             })
        .def("float_logits",
             [](const Network& network, const ImageArguments& given, std::size_t wanted, unsigned threads) {
                 const app::TestImages test = test_images(network, given, request_of(network, given),
                                                          std::max<std::size_t>(wanted, 1), true);
                 const std::size_t count = wanted == 0 ? test.set->count() : wanted;
                 const std::size_t classes = network.loaded.network.classes();
                 std::vector<float> logits(count * classes);
                 {
                     const Released released;
                     const network::FloatExecutor executor(network.loaded.network);
                     in_parallel(count, thread_count(threads), [&](std::size_t i, int) {
                         const std::vector<float> one = executor.run(test.set->image(i).data());
                         std::copy(one.begin(), one.end(),
                                   logits.begin() + static_cast<std::ptrdiff_t>(i * classes));
                     });
                 }
                 return array_of(std::move(logits),
                                 {static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(classes)});
             })
        .def("quantise", [](const std::shared_ptr<const Network>& network, const Chip& chip,
                            const std::shared_ptr<const Ranges>& ranges) {
            const Released released;
            return std::make_shared<Quantised>(Quantised{
                network,
                app::quantise_for(network->loaded, chip.config,
                                  ranges != nullptr ? ranges->by_map : network::ActivationRanges())});
        });

    py::class_<Quantised, std::shared_ptr<Quantised>>(module, "Quantised")
        .def_property_readonly(
            "archive",
            [](const Quantised& quantised) { return py::bytes(app::network_archive(quantised.integers)); })
        .def_property_readonly(
            "logit_step",
            [](const Quantised& quantised) { return quantised.integers.output().format.step(); })
        .def_property_readonly(
            "logit_zero", [](const Quantised& quantised) { return quantised.integers.output().format.zero; })
        .def("codes",
             [](const Quantised& quantised, const ImageArguments& given, std::size_t wanted) {
                 const Network& network = *quantised.network;
                 const app::TestImages test = test_images(network, given, request_of(network, given),
                                                          std::max<std::size_t>(wanted, 1), true);
                 const std::size_t count = wanted == 0 ? test.set->count() : wanted;
                 const network::Shape& shape = quantised.integers.nodes.front().shape;
                 std::vector<std::int32_t> codes;
                 {
                     const Released released;
                     codes = app::image_codes(quantised.integers, *test.set, 0, count);
                 }
                 return array_of(std::move(codes), {static_cast<py::ssize_t>(count), shape.channels,
                                                    shape.height, shape.width});
             })
        .def("logits", [](const Quantised& quantised, const ImageArguments& given, std::size_t wanted,
                          unsigned threads) {
            const Network& network = *quantised.network;
            const app::TestImages test = test_images(network, given, request_of(network, given),
                                                     std::max<std::size_t>(wanted, 1), true);
            const std::size_t count = wanted == 0 ? test.set->count() : wanted;
            app::EnginePass pass;
            {
                app::Progress quiet;
                const Released released;
                pass = app::run_golden(quantised.integers, *test.set, count, thread_count(threads), quiet);
            }
            const auto classes = static_cast<py::ssize_t>(pass.logits.size() / count);
            return array_of(std::move(pass.logits), {static_cast<py::ssize_t>(count), classes});
        });

    py::class_<Mapping, std::shared_ptr<Mapping>>(module, "Mapping")
        .def(py::init(&make_mapping))
        .def_property_readonly(
            "chip", [](const Mapping& mapping) { return std::make_shared<Chip>(Chip{mapping.chip}); })
        .def_property_readonly(
            "network",
            [](const Mapping& mapping) { return std::const_pointer_cast<Network>(mapping.network); })
        .def_property_readonly(
            "quantised",
            [](const Mapping& mapping) {
                return std::make_shared<Quantised>(Quantised{mapping.network, mapping.design->network});
            })
        .def_property_readonly("layers", &mapped_layers)
        .def_property_readonly("fixed_chip",
                               [](const Mapping& mapping) {
                                   return std::make_shared<Chip>(Chip{mapping::with_fixed_widths(
                                       mapping.chip, mapping.design->mapping, mapping.design->widths)});
                               })
        .def_property_readonly(
            "lossless", [](const Mapping& mapping) { return mapping.design->certified_for_all_inputs(); })
        .def_property_readonly("tiles",
                               [](const Mapping& mapping) {
                                   const mapping::Placement placement =
                                       run::place(*mapping.design, mapping.chip);
                                   return py::make_tuple(placement.tiles, mapping.chip.tiles());
                               })
        .def_property_readonly(
            "arrays",
            [](const Mapping& mapping) { return run::place(*mapping.design, mapping.chip).crossbars; })
        .def_property_readonly("least_buffer_bytes",
                               [](const Mapping& mapping) {
                                   return run::least_buffer(*mapping.design,
                                                            run::place(*mapping.design, mapping.chip),
                                                            mapping.chip);
                               })
        .def_property_readonly("calibration",
                               [](const Mapping& mapping) -> py::object {
                                   const app::Design& design = *mapping.design;
                                   if (design.calibration.empty()) return py::none();
                                   return py::dict(py::arg("images") = design.calibration,
                                                   py::arg("first") = design.calibration_first,
                                                   py::arg("count") = design.calibration_count);
                               })
        .def_property_readonly("search_json",
                               [](const Mapping& mapping) -> py::object {
                                   if (!mapping.design->search) return py::none();
                                   return py::str(app::search_json_text(*mapping.design->search));
                               })
        .def("evaluate", &evaluate)
        .def("run", &run_mapping);

    py::class_<Run, std::shared_ptr<Run>>(module, "Run")
        .def_static("load", &loaded_run)
        .def_property_readonly("stats",
                               [](const Run& run) { return results::stats_json(run.result, run.priced); })
        .def_property_readonly("summary",
                               [](const Run& run) { return results::summary(run.result, run.priced); })
        .def_property_readonly("layers_csv",
                               [](const Run& run) { return results::layers_csv(run.result, run.priced); })
        .def_property_readonly("chip",
                               [](const Run& run) { return std::make_shared<Chip>(Chip{run.result.chip}); })
        .def_property_readonly("files",
                               [](const Run& run) {
                                   py::dict files;
                                   for (const results::ResultFile& file : run.files)
                                       files[py::str(file.name)] = py::bytes(file.content);
                                   return files;
                               })
        .def_property_readonly("trace", [](const Run& run) { return py::bytes(run.trace); })
        .def_property_readonly("vcd", [](const Run& run) { return py::bytes(run.vcd); })
        .def("price", &priced_again)
        .def("save", &save);

    bind_layer_on_crossbars(module);
}

}  // namespace sliver::python

PYBIND11_MODULE(_sliver, module) {
    sliver::python::bind(module);
}
