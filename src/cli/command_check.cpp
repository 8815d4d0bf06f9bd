// sliver check: is a chip file, a network or a sweep file sound, and do chip and network go together?
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/design.h"
#include "base/error.h"
#include "base/input_file.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "config/chip_config_loader.h"
#include "config/chip_words.h"
#include "config/shipped.h"
#include "config/yaml_document.h"
#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "results/pricing.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"
#include "run/simulation.h"
#include "sweep/space.h"
#include "sweep/sweep_plan.h"

namespace sliver::cli {
namespace {

using config::ShippedKind;
using results::Align;
using results::grouped;
using results::Table;
using Json = nlohmann::ordered_json;

struct CheckOptions {
    std::vector<std::string> files;
    std::vector<std::string> set;
    std::string logits;
    bool json = false;
};

constexpr const char* kCheckFooter =
    "Examples:\n"
    "  sliver check my-chip.yaml\n"
    "  sliver check my-network.onnx\n"
    "  sliver check isaac vgg11-fashion-dense     does the network fit the chip?\n"
    "  sliver check my-sweep.yaml                 how many points, and can all of them be?";

bool ends_with(const std::string& text, const std::string& ending) {
    return text.size() > ending.size() &&
           text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// Files are told by their ending, shipped things by their name; a chip's name comes first.
bool is_chip(const std::string& file) {
    if (ends_with(file, ".yaml") || ends_with(file, ".yml")) return true;
    if (ends_with(file, ".onnx") || ends_with(file, ".onnx.gz")) return false;
    const auto has = [&](ShippedKind kind) {
        const std::vector<std::string> names = config::shipped_names(kind);
        return std::find(names.begin(), names.end(), file) != names.end();
    };
    if (has(ShippedKind::chip)) return true;
    if (has(ShippedKind::network)) return false;
    refuse("{}: neither a chip file (.yaml), a network (.onnx, .onnx.gz), nor the name of a shipped one",
           file);
}

/// A YAML file with `axes`, or a shipped study's name. A file that cannot be read is not one: whoever reads
/// it next says so.
bool is_sweep(const std::string& file) {
    const std::vector<std::string> names = config::shipped_names(ShippedKind::study);
    if (std::find(names.begin(), names.end(), file) != names.end()) return true;
    if (!ends_with(file, ".yaml") && !ends_with(file, ".yml")) return false;
    try {
        return config::parse_yaml(read_file(file, kTextFile), file).find("axes") != nullptr;
    } catch (const InputError&) {
        return false;
    }
}

/// What was found: for programs, and for people.
struct Finding {
    Json json;
    std::string text;
};

Finding sweep_finding(const std::string& file) {
    const sweep::SweepPlan read = sweep::read_plan(file);
    // A slip makes a space of a billion points in two lines: what a sweep would refuse is only counted.
    if (const std::uint64_t count = sweep::count_points(read.file); count > sweep::kManyPoints)
        return {
            {{"name", read.file.name}, {"points", count}, {"simulations", nullptr}, {"refused", nullptr}},
            fmt::format("sweep {}: {}{} points\n  more than {}: they were counted, not resolved (sample the "
                        "space, or take fewer values)\n",
                        read.file.name, count == sweep::kMostCounted ? "at least " : "", grouped(count),
                        grouped(sweep::kManyPoints))};
    app::Progress progress;
    const sweep::SweepPlan plan = sweep::plan_sweep(file, false, progress);
    const auto is_refused = [](const sweep::PlannedPoint& point) { return !point.refusal.empty(); };
    const auto refused =
        static_cast<std::size_t>(std::count_if(plan.points.begin(), plan.points.end(), is_refused));
    const auto first = std::find_if(plan.points.begin(), plan.points.end(), is_refused);
    Finding finding = {{{"name", plan.file.name},
                        {"points", plan.points.size()},
                        {"simulations", plan.tasks.size()},
                        {"refused", refused}},
                       fmt::format("sweep {}: {} points by {} simulations\n", plan.file.name,
                                   grouped(plan.points.size()), grouped(plan.tasks.size()))};
    if (refused == 0) return finding;
    finding.json["first_refusal"] = first->refusal;
    finding.text += fmt::format("  {} of them cannot be; the first: {}\n", grouped(refused), first->refusal);
    return finding;
}

/// What columns hold.
std::string digits_text(const config::ChipConfig& chip) {
    if (chip.weights.digits == config::DigitColumns::slices)
        return fmt::format("{} slices a weight", chip.slices());
    return fmt::format("{} digits at {} shifts", config::word_of(chip.weights.digits), chip.slices());
}

Finding chip_finding(const config::ChipConfig& chip) {
    static_cast<void>(results::prices_of(chip));  // refuses what has no price
    const std::uint64_t arrays = static_cast<std::uint64_t>(chip.tiles()) *
                                 static_cast<std::uint64_t>(chip.tile.processing_elements) *
                                 static_cast<std::uint64_t>(chip.tile.arrays_per_pe);
    return {
        {{"name", chip.name},
         {"summary", chip.summary},
         {"tiles", chip.tiles()},
         {"processing_elements_per_tile", chip.tile.processing_elements},
         {"arrays_per_processing_element", chip.tile.arrays_per_pe},
         {"arrays", arrays},
         {"rows", chip.array.rows},
         {"columns", chip.array.columns},
         {"cell_bits", chip.array.cell_bits},
         {"encoding", config::word_of(chip.weights.encoding)},
         {"slices", chip.slices()},
         {"planes", chip.planes()},
         {"adc_policy", config::word_of(chip.adc.policy)},
         {"adc_law", chip.adc.law}},
        fmt::format("chip {}: good\n  {}\n  {} tiles of {} units of {} arrays: {} arrays of {} x {} cells "
                    "of {} bits\n  {} encoding, {}, {} input planes; ADC policy {}, law "
                    "{}\n",
                    chip.name, chip.summary.empty() ? "(no summary)" : chip.summary, chip.tiles(),
                    chip.tile.processing_elements, chip.tile.arrays_per_pe, grouped(arrays), chip.array.rows,
                    chip.array.columns, chip.array.cell_bits, config::word_of(chip.weights.encoding),
                    digits_text(chip), chip.planes(), config::word_of(chip.adc.policy), chip.adc.law)};
}

Json shape_json(const network::Shape& shape) {
    return {{"channels", shape.channels}, {"height", shape.height}, {"width", shape.width}};
}

std::string shape_text(const network::Shape& shape) {
    return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

Finding network_finding(const app::LoadedNetwork& loaded) {
    const network::FloatNetwork& net = loaded.network;
    std::size_t weights = 0;
    Table table;
    table.add_column({"name", "layer"});
    table.add_column("rows x outputs", Align::right);
    table.add_column("output", Align::right);
    for (const char* key : {"rows", "outputs", "channels", "height", "width"})
        table.add_column(results::for_programs(key));
    for (const network::FloatNode& node : net.nodes) {
        if (node.kind != network::NodeKind::matrix) continue;
        weights += node.weights.size();
        table.add_values({node.name, fmt::format("{} x {}", node.rows, node.outputs), shape_text(node.shape),
                          node.rows, node.outputs, node.shape.channels, node.shape.height, node.shape.width});
    }
    const bool measured = network::needs_calibration(net);
    std::string notes;
    for (const std::string& note : net.notes) notes += fmt::format("  {}\n", note);
    return {
        {{"name", net.name},
         {"network_sha256", loaded.sha256},
         {"input", shape_json(net.input_shape())},
         {"classes", net.classes()},
         {"weights", weights},
         {"ranges_in_file", !measured},
         {"notes", net.notes},
         {"layers", table.json()}},
        fmt::format("network {}: good\n  input {}, {} outputs, {} weights, sha256 {}\n  activation ranges: "
                    "{}\n{}{}",
                    net.name, shape_text(net.input_shape()), net.classes(), grouped(weights), loaded.sha256,
                    measured ? "not in the file; a run measures them (--calibrate)" : "in the file", notes,
                    table.text(2))};
}

/// Which bits the columns hold: of all groups of weights (a row block, an output and a sign) of a layer, the
/// share that has a column at that shift, the highest first.
Table columns_by_shift(const app::Design& design, int bits) {
    Table table;
    table.add_column({"name", "layer"});
    table.add_column({"columns", "columns", Align::right, results::as_count()});
    for (int shift = bits - 1; shift >= 0; --shift)
        table.add_column({fmt::format("shift_{}", shift), fmt::format("2^{}", shift), Align::right});
    for (const mapping::LayerMapping& layer : design.mapping.layers) {
        const auto groups = static_cast<std::uint64_t>(layer.row_blocks) *
                            static_cast<std::uint64_t>(layer.outputs * layer.format.signs());
        std::vector<results::Cell> row = {layer.name, layer.columns()};
        for (int shift = bits - 1; shift >= 0; --shift) {
            std::uint64_t columns = 0;
            for (int slice = 0; slice < layer.slices(); ++slice)
                if (layer.shift(slice) == shift)
                    for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative})
                        columns += layer.columns(SliceIndex(static_cast<std::size_t>(slice)), sign);
            row.emplace_back(columns, columns == 0 ? "." : results::percent(columns, groups));
        }
        table.add_values(std::move(row));
    }
    return table;
}

Finding fit_finding(const app::LoadedNetwork& loaded, config::ChipConfig chip) {
    std::vector<mapping::MatrixShape> shapes;
    for (const network::FloatNode& node : loaded.network.nodes)
        if (node.kind == network::NodeKind::matrix)
            shapes.push_back({node.rows, node.outputs, node.groups,
                              node.weight_grid ? node.weight_grid->bits : chip.weights.bits});
    mapping::refuse_too_large(loaded.network.name, shapes, chip);
    app::Design design;
    if (network::needs_calibration(loaded.network)) design.ranges = network::stand_in_ranges(loaded.network);
    design.network = app::quantise_for(loaded, chip, design.ranges);
    design.mapping = mapping::map_network(design.network, chip);
    design.worst_case_sums = mapping::worst_case_sums(design.network, design.mapping, chip.inputs.dac_bits);
    // Measured widths need images; for the question of room the worst case stands in.
    if (chip.adc.policy != config::AdcPolicy::fixed) {
        chip.adc.policy = config::AdcPolicy::worst_case;
        chip.adc.margin = 0;
        chip.adc.percentile = chip.adc.accuracy_loss = 0;
    }
    design.widths = mapping::allocate_adcs(design.network, design.mapping, chip);
    const mapping::Placement placement = run::place(design, chip);
    const std::uint64_t least = run::least_buffer(design, placement, chip);
    Table table;
    table.add_column({"name", "layer"});
    table.add_column({"copies", "copies", Align::right, results::as_count()});
    table.add_column({"crossbars", "arrays", Align::right, results::as_count()});
    table.add_column({"tiles", "tiles", Align::right, results::as_count()});
    table.add_column({"utilisation", "cells in use", Align::right, results::as_percent(1)});
    table.add_column({"adc_bits_worst_case", "worst-case ADC bits (msb..lsb)", Align::right});
    std::size_t unpacked = 0;
    for (std::size_t i = 0; i < design.mapping.layers.size(); ++i) {
        const mapping::LayerPlacement& layer = placement.layers[LayerIndex(i)];
        const mapping::LayerMapping& mapped = design.mapping.layers[LayerIndex(i)];
        unpacked += layer.copies.size() * mapped.unpacked_crossbars;
        table.add_values({mapped.name, layer.copies.size(), layer.copies.size() * mapped.crossbars.size(),
                          layer.tiles, design.mapping.utilisation(mapped),
                          app::column_sums(design.worst_case_sums[i]).bits});
    }
    std::string text = fmt::format("together: fits, {} arrays on {} of {} tiles\n",
                                   grouped(placement.crossbars), placement.tiles, chip.tiles());
    const std::vector<std::string> arithmetic = results::arithmetic_lines(app::arithmetic_of(design.network));
    for (std::size_t i = 0; i < arithmetic.size(); ++i)
        text += fmt::format("  {}{}\n", i == 0 ? "arithmetic: " : "            ", arithmetic[i]);
    if (unpacked != placement.crossbars)
        text += fmt::format("  {}\n", results::packing_text(placement.crossbars, unpacked));
    text +=
        fmt::format("  a tile needs at most {} bytes of eDRAM{}\n", grouped(least),
                    chip.tile.buffer_bytes
                        ? fmt::format(", of {}", grouped(static_cast<std::uint64_t>(*chip.tile.buffer_bytes)))
                        : std::string());
    text += table.text(2);
    Json digits;
    if (chip.weights.digits != config::DigitColumns::slices) {
        const Table shifts = columns_by_shift(design, chip.weights.bits);
        text += "  groups of weights (row block, output, sign) with a column at a shift:\n" + shifts.text(2);
        digits = shifts.json();
    }
    return {{{"crossbars", placement.crossbars},
             {"crossbars_unpacked", unpacked},
             {"arithmetic", arithmetic},
             {"tiles", placement.tiles},
             {"least_buffer_bytes", least},
             {"buffer_bytes", chip.tile.buffer_bytes ? Json(*chip.tile.buffer_bytes) : Json()},
             {"layers", table.json()},
             {"digits", digits}},
            text};
}

void check(const CheckOptions& options) {
    Json document = Json::object();
    const auto found = [&](const char* what, const std::function<Finding()>& find) {
        const results::LineWidth width(output_width());
        const Finding finding = find();
        document[what] = finding.json;
        if (!options.json) show([&] { return finding.text; });
    };
    std::optional<config::ChipConfig> chip;
    std::optional<app::LoadedNetwork> loaded;
    for (const std::string& file : options.files) {
        if (is_sweep(file)) {
            if (options.files.size() > 1 || !options.set.empty())
                refuse("{}: a sweep is checked alone: it names its chips and networks itself", file);
            found("sweep", [&] { return sweep_finding(file); });
        } else if (is_chip(file)) {
            if (chip) refuse("{}: one chip at a time", file);
            chip = config::load_chip(config::shipped_or_path(ShippedKind::chip, file), options.set);
            found("chip", [&] { return chip_finding(*chip); });
        } else {
            if (loaded) refuse("{}: one network at a time", file);
            loaded = app::load_network(file, options.logits);
            app::check_card(*loaded);
            found("network", [&] { return network_finding(*loaded); });
        }
    }
    if (!chip && !options.set.empty()) refuse("--set: is for a chip, and none is given");
    if (chip && loaded) found("fit", [&] { return fit_finding(*loaded, *chip); });
    if (options.json) fmt::print("{}", results::json_text(document));
}

}  // namespace

void add_check_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App& command = *program.add_subcommand(
        "check", "Validate a chip file, a network, whether they fit, or a sweep file");
    command.footer(kCheckFooter);
    command
        .add_option("FILE", options->files,
                    "Chip (.yaml), network (.onnx, .onnx.gz), or shipped names; one of each. Or one sweep "
                    "(.yaml with axes)")
        ->required()
        ->expected(1, 2);
    add_logits(command, options->logits);
    command.add_option("--set", options->set, "Chip key over the file's: --set array.rows=64")
        ->allow_extra_args(false);
    add_json(command, options->json);
    command.callback([options, &chosen] { chosen = [options] { check(*options); }; });
}

}  // namespace sliver::cli
