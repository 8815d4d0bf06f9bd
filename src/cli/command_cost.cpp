// sliver cost: a finished run under other prices, without simulating.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/output_folder.h"
#include "base/own_folder.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "config/chip_config_loader.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results/stored_run.h"
#include "results/summary.h"

namespace sliver::cli {
namespace {

struct CostOptions {
    std::string folder;
    std::string adc_law, accounting, technology;
    std::vector<std::string> set;
    bool all_laws = false, json = false, force = false;
    std::string out;
};

constexpr const char* kCostFooter =
    "Examples:\n"
    "  sliver cost out/dense --all-laws\n"
    "  sliver cost out/dense --adc-law neurosim-sar --accounting whole\n"
    "  sliver cost out/dense --technology 22 --set 'cost.energy_overrides.bus_byte_j=0.5 pJ' --out "
    "out/dense-22nm\n"
    "\n"
    "The result is that of a fresh run with these settings, byte for byte.";

/// What a chip says about prices; everything else decided what happened and cannot be changed afterwards.
void require_price_key(const std::string& assignment) {
    const std::string key = assignment.substr(0, assignment.find('='));
    if (key == "adc.law" || key.rfind("cost.", 0) == 0) return;
    refuse("--set {}: changes what the run did, not what it costs: only adc.law and cost.* can be set here",
           assignment);
}

std::vector<std::string> overrides_of(const CostOptions& options) {
    std::vector<std::string> overrides;
    if (!options.adc_law.empty()) overrides.push_back("adc.law=" + options.adc_law);
    if (!options.accounting.empty()) overrides.push_back("cost.accounting=" + options.accounting);
    if (!options.technology.empty()) {
        const bool bare = options.technology.find_first_not_of("0123456789.") == std::string::npos;
        overrides.push_back("cost.technology=" + options.technology + (bare ? " nm" : ""));
    }
    for (const std::string& assignment : options.set) {
        require_price_key(assignment);
        overrides.push_back(assignment);
    }
    return overrides;
}

void cost(const CostOptions& options) {
    if (options.json && options.all_laws)
        refuse("--json: gives energy_band_j with every law already; leave out --all-laws");
    results::StoredRun run = results::load_run(options.folder);
    // A marked file is as sliver wrote it; of any other its numbers must at least follow from its counts.
    if (!mark_title(options.folder)) results::require_priced_as_shown(options.folder, run);
    results::RunResult& result = run.result;
    const std::string recorded_law = result.chip.adc.law;
    result.chip =
        config::parse_chip(result.chip_yaml, options.folder + "/stats.json: config", overrides_of(options));
    result.chip_yaml = config::to_yaml(result.chip);
    if (result.chip.adc.policy == config::AdcPolicy::accuracy && result.chip.adc.law != recorded_law)
        refuse(
            "--adc-law {}: the widths of this run were found for {}, a fresh run would find others; run "
            "{}/chip-fixed.yaml to price these widths under any law",
            result.chip.adc.law, recorded_law, options.folder);
    const results::PricedRun priced = results::price(result);
    if (!options.out.empty()) {
        OutputFolder folder(options.out, {"sliver cost", "--out", options.force, {options.folder}});
        results::write_results(folder, result, priced, results::load_outcomes(options.folder));
        folder.commit();
    }
    if (options.json)
        fmt::print("{}", results::stats_json(result, priced));
    else if (options.all_laws)
        show([&] { return results::band_table(result, priced); });
    else
        show([&] { return results::summary(result, priced); });
}

}  // namespace

void add_cost_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<CostOptions>();
    CLI::App& command = *program.add_subcommand("cost", "Price a finished run again, without simulating");
    command.footer(kCostFooter);
    command.add_option("DIR", options->folder, "Folder of a finished run")->required();
    CLI::Option* law =
        command.add_option("--adc-law", options->adc_law, "ADC cost law (sliver list adc-laws)");
    command.add_flag("--all-laws", options->all_laws, "Only the energy under every ADC law")->excludes(law);
    command.add_option("--accounting", options->accounting, "whole, used or driven");
    command.add_option("--technology", options->technology, "Node in nm");
    command
        .add_option("--set", options->set,
                    "adc.law or a cost key: --set cost.energy_overrides.add_j='0.1 pJ'")
        ->allow_extra_args(false);
    command.add_flag("--json", options->json, "Print stats.json instead of tables");
    command.add_option("--out", options->out, "Folder for the re-priced results");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { cost(*options); }; });
}

}  // namespace sliver::cli
