// sliver list: what there is, one line on each; with --json a list of objects.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "app/image_source.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "config/chip_config_loader.h"
#include "config/shipped.h"
#include "cost/accounting.h"
#include "cost/adc_laws.h"
#include "cost/unit_costs.h"
#include "model/register_map.h"
#include "network/card.h"
#include "network/onnx_operators.h"
#include "results/table.h"
#include "sweep/metrics.h"

namespace sliver::cli {
namespace {

using results::Align;
using results::Cell;
using results::Table;

/// A name and what it stands for, without titles.
Table names_and(const std::string& key) {
    Table table;
    table.add_column({"name", ""});
    table.add_column({key, ""});
    return table;
}

Table chips() {
    Table table = names_and("summary");
    for (const std::string& name : config::shipped_names(config::ShippedKind::chip))
        table.add_values(
            {name, config::load_chip(config::find_shipped(config::ShippedKind::chip, name)).summary});
    return table;
}

Table networks() {
    Table table = names_and("summary");
    for (const std::string& name : config::shipped_names(config::ShippedKind::network)) {
        const auto card = network::find_card(config::find_shipped(config::ShippedKind::network, name));
        table.add_values({name, card ? Cell(card->summary) : Cell(Cell(), "(no card)")});
    }
    return table;
}

Table image_sets() {
    Table table = names_and("folder");
    for (const auto& [name, folder] : app::known_image_sets()) table.add_values({name, folder});
    return table;
}

Table adc_laws() {
    Table table = names_and("summary");
    for (const cost::AdcLawEntry& law : cost::adc_laws()) table.add_values({law.name, law.line});
    return table;
}

Table policies() {
    Table table = names_and("summary");
    table.add_values(
        {"fixed",
         "ADC widths from the chip: adc.bits, adc.slice_widths, adc.layer_widths; clips are counted"});
    table.add_values(
        {"worst-case", "bits for the largest column sum possible, every input at its highest: lossless"});
    table.add_values(
        {"profiled", "bits for the largest column sum on calibration images (--calibrate), plus adc.margin"});
    table.add_values(
        {"percentile",
         "bits that hold adc.percentile % of the conversions on calibration images; the rest is cut"});
    table.add_values(
        {"accuracy",
         "the cheapest bits and steps that lose at most adc.accuracy_loss points of top-1 on held-out "
         "images"});
    return table;
}

Table accountings() {
    Table table = names_and("summary");
    for (const cost::Accounting accounting : cost::kAccountings)
        table.add_values({cost::accounting_name(accounting), cost::accounting_description(accounting)});
    return table;
}

Table keys() {
    Table table;
    for (const char* key : {"name", "default", "meaning", "accepts"}) table.add_column({key, key});
    for (const config::KeyDoc& key : config::chip_key_docs())
        table.add_values({key.key, key.fallback, key.meaning, key.value});
    return table;
}

/// Meanings are sentences: below the key, not beside it.
std::string keys_text() {
    std::string text;
    for (const config::KeyDoc& key : config::chip_key_docs())
        text += fmt::format("{}: {}\n    {}\n    {}\n", key.key, key.fallback, key.meaning, key.value);
    return text;
}

Table actions() {
    Table table;
    table.add_column({"name", "action"});
    table.add_column({"unit", "unit"});
    table.add_column({"summary", "what is counted"});
    for (const cost::ActionInfo& info : cost::kActions)
        table.add_values({info.name, info.unit, info.description});
    return table;
}

Table unit_costs() {
    Table table;
    table.add_column({"name", "unit cost"});
    table.add_column({"value_32nm", "32 nm value", Align::left});
    table.add_column({"unit", "unit"});
    table.add_column({"summary", "what it is"});
    for (const cost::UnitCostInfo& info : cost::unit_cost_table())
        table.add_values({info.name, Cell(info.library_value, fmt::format("{:.6g}", info.library_value)),
                          info.unit, info.description});
    return table;
}

Table metrics() {
    Table table;
    table.add_column({"name", "metric"});
    table.add_column({"unit", "unit"});
    table.add_column({"better", "better"});
    table.add_column({"summary", "what it is"});
    for (const sweep::Metric& metric : sweep::metrics())
        table.add_values({metric.name, metric.unit, metric.better == sweep::Better::less ? "less" : "more",
                          metric.description});
    return table;
}

Table operators() {
    Table table;
    table.add_column({"name", "operator"});
    table.add_column({"domain", "domain"});
    table.add_column({"what", "what is done with it"});
    for (const network::SupportedOperator& entry : network::supported_operators())
        table.add_values({entry.name, entry.domain, entry.what});
    return table;
}

Table registers() {
    namespace reg = model::reg;
    Table table;
    table.add_column({"offset", "offset"});
    table.add_column({"name", "register"});
    table.add_column({"access", "access"});
    table.add_column({"meaning", "meaning"});
    for (const reg::Register& place : reg::kRegisters)
        table.add_values({Cell(static_cast<unsigned>(place.offset),
                               fmt::format("0x{:02X}", static_cast<unsigned>(place.offset))),
                          place.name, reg::access_name(place.access),
                          place.meaning.empty() ? std::string_view("Its bits 63..32") : place.meaning});
    return table;
}

void show_listing(const Table& table, bool json, std::string (*text)() = nullptr) {
    if (json)
        fmt::print("{}", results::json_text(table.json()));
    else
        show([&] { return text == nullptr ? table.text() : text(); });
}

void show_registers(const std::string& format, bool json) {
    if (json && format != "table") refuse("--json: is a format of its own: leave out --format {}", format);
    if (format == "table")
        show_listing(registers(), json);
    else if (format == "c")
        fmt::print("{}", model::reg::c_header());
    else if (format == "systemrdl")
        fmt::print("{}", model::reg::system_rdl());
    else
        refuse("--format: value {}: must be table, c or systemrdl", format);
}

struct Listing {
    const char* name;
    const char* what;
    Table (*table)();
    std::string (*text)() = nullptr;  ///< where a table is not how people read it
};

constexpr std::array<Listing, 11> kListings = {{
    {"chips", "shipped chips", chips},
    {"networks", "shipped networks", networks},
    {"images", "image sets known by name", image_sets},
    {"adc-laws", "cost laws of the converters", adc_laws},
    {"policies", "where ADC widths come from", policies},
    {"accountings", "what a crossbar read is charged for", accountings},
    {"keys", "every key of a chip file, with default, range and meaning", keys, keys_text},
    {"actions", "what the hardware counts", actions},
    {"metrics", "objectives and constraints of sweeps", metrics},
    {"operators", "ONNX operators that are understood, and what becomes of them", operators},
    {"unit-costs", "what a count costs: names for cost.energy_overrides (those in J)", unit_costs},
}};

}  // namespace

void add_list_command(CLI::App& program, Action& chosen) {
    CLI::App& command = *program.add_subcommand(
        "list", "What there is: chips, networks, operators, laws, policies, keys, actions");
    command.require_subcommand(1);
    command.footer("Examples:\n  sliver list adc-laws\n  sliver list networks --json");
    for (const Listing& listing : kListings) {
        CLI::App& kind = *command.add_subcommand(listing.name, listing.what);
        const auto json = std::make_shared<bool>(false);
        add_json(kind, *json);
        kind.callback([&chosen, &listing, json] {
            chosen = [&listing, json] { show_listing(listing.table(), *json, listing.text); };
        });
    }
    auto format = std::make_shared<std::string>("table");
    CLI::App& registers_command = *command.add_subcommand(
        "registers", "registers of the accelerator in a virtual platform (docs/platform.md)");
    registers_command
        .add_option("--format", *format, "table, c (a header for drivers) or systemrdl; default: table")
        ->option_text("table|c|systemrdl");
    const auto json = std::make_shared<bool>(false);
    add_json(registers_command, *json);
    registers_command.footer("Example:\n  sliver list registers --format c > sliver_registers.h");
    registers_command.callback(
        [format, json, &chosen] { chosen = [format, json] { show_registers(*format, *json); }; });
}

}  // namespace sliver::cli
