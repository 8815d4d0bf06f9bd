// sliver crossbar: one array of cells with its wires. `solve`: its currents and node voltages for given
// inputs.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/error.h"
#include "base/instruction_set.h"
#include "base/output_folder.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "config/quantity.h"
#include "device/effective_conductance.h"
#include "study/crossbar_files.h"
#include "study/crossbar_inputs.h"
#include "study/crossbar_solution.h"

namespace sliver::cli {
namespace {

struct CrossbarOptions {
    std::string conductances, resistances, voltages;
    std::string driver, row, column, sense;
    std::string idle = "grounded";
    std::string out;
    bool force = false;
};

constexpr const char* kCrossbarFooter =
    "Examples:\n"
    "  sliver crossbar solve --resistances docs/examples/crossbar-ohms.npy --voltages "
    "docs/examples/crossbar-volts.npy --r-driver 1 --r-row 1 --r-col 1 --r-sense 1\n"
    "  sliver crossbar solve --conductances G.npy --voltages V.npy --r-driver '1 kohm' --r-row 3.13 --r-col "
    "1.04 --r-sense 50 --idle floating --out out/array\n"
    "\n"
    "Every row is driven at its left end, every column ends below in a virtual ground: current flows from a "
    "driver through --r-driver,\n"
    "along its row (--r-row a cell pitch), through a cell, down its column (--r-col a cell pitch) and "
    "through "
    "--r-sense.\n"
    "--out leaves solve.json, currents.npy, nf.npy, row_volts.npy, column_volts.npy and, with grounded idle "
    "rows, g_eff.npy\n"
    "(docs/wires.md); sliver report DIR makes a page of it.";

/// Node voltages that --out may hold, of each kind: 128 MiB.
constexpr std::size_t kMostNodes = std::size_t{1} << 24;

double ohm(const char* option, const std::string& text) {
    std::optional<double> value = config::parse_number(text);
    if (!value) value = config::parse_quantity(text, config::Dimension::resistance);
    // Written so that NaN is refused too.
    if (!value || !(*value >= device::kLeastWireOhm && *value <= device::kMostWireOhm))
        refuse("{}: value {}: must be a resistance from {} to {} ohm, such as 2.5 or '1.5 kohm'", option,
               text, device::kLeastWireOhm, device::kMostWireOhm);
    return *value;
}

void solve(const CrossbarOptions& options) {
    if (options.conductances.empty() == options.resistances.empty())
        refuse("--conductances, --resistances: one of the two is wanted");
    study::CrossbarResult result;
    result.version = version();
    result.wires = {ohm("--r-driver", options.driver), ohm("--r-row", options.row),
                    ohm("--r-col", options.column), ohm("--r-sense", options.sense)};
    result.idle = study::idle_rows("--idle", options.idle);
    result.given_as_resistances = options.conductances.empty();
    study::CrossbarCells cells = result.given_as_resistances ? study::read_resistances(options.resistances)
                                                             : study::read_conductances(options.conductances);
    study::CrossbarVoltages voltages = study::read_voltages(options.voltages, cells.cells.rows);
    const bool keep = !options.out.empty();
    if (keep && cells.cells.values.size() * voltages.volts.size() > kMostNodes)
        refuse("--out: {} inputs on {} x {} cells: at most {} node voltages of each kind are kept",
               voltages.volts.size(), cells.cells.rows, cells.cells.columns, kMostNodes);
    std::optional<OutputFolder> folder;
    if (keep)
        folder.emplace(options.out,
                       OutputRules{"sliver crossbar solve",
                                   "--out",
                                   options.force,
                                   {options.conductances, options.resistances, options.voltages}});
    result.cells_file = std::move(cells.file);
    result.cells = std::move(cells.cells);
    result.voltages_file = std::move(voltages.file);
    result.one_input_list = voltages.one_list;
    result.solution = study::solve_crossbar(result.cells, result.wires, result.idle, voltages.volts, keep);
    if (folder) {
        if (result.idle == device::IdleRows::grounded)
            result.effective =
                device::effective_conductances(result.cells, result.wires, best_instruction_set());
        study::write_crossbar(*folder, result);
        folder->commit();
    }
    show([&] { return study::crossbar_text(result); });
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

void add_solve(CLI::App& crossbar, Action& chosen) {
    auto options = std::make_shared<CrossbarOptions>();
    CLI::App& command =
        *crossbar.add_subcommand("solve", "Currents and node voltages of an array with its wires, exactly");
    command.footer(kCrossbarFooter);
    command.add_option("--conductances", options->conductances,
                       "Cells as a .npy file (rows, columns), siemens; 0: no cell");
    command.add_option("--resistances", options->resistances, "The same in ohm; inf: no cell");
    command
        .add_option("--voltages", options->voltages,
                    "Row voltages as a .npy file (rows) or (inputs, rows), volt; a row at exactly 0 is idle")
        ->required();
    const auto resistance = [&](const char* name, std::string& text, const char* description) {
        command
            .add_option(name, text,
                        fmt::format("{}, ohm, or with a unit ({})", description,
                                    config::accepted_units(config::Dimension::resistance)))
            ->required();
    };
    resistance("--r-driver", options->driver, "Between a driver and the first cell of its row");
    resistance("--r-row", options->row, "Of a row's wire from cell to cell");
    resistance("--r-col", options->column, "Of a column's wire from cell to cell");
    resistance("--r-sense", options->sense, "Between the last cell of a column and the virtual ground");
    command
        .add_option("--idle", options->idle,
                    "Rows at exactly 0 V: grounded (driven at 0 V), floating (no driver) or gated (their "
                    "cells are off)")
        ->capture_default_str();
    command.add_option("--out", options->out, "Folder for the results");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { solve(*options); }; });
}

}  // namespace

void add_crossbar_command(CLI::App& program, Action& chosen) {
    CLI::App& command = *program.add_subcommand("crossbar", "One array of cells with its wires: solve");
    command.require_subcommand(1);
    command.footer("Example:\n  sliver crossbar solve --help");
    add_solve(command, chosen);
}

}  // namespace sliver::cli
