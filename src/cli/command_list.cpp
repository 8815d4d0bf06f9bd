// sliver list: what there is, one line on each.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "app/image_source.h"
#include "base/error.h"
#include "cli/commands.h"
#include "config/chip_config_loader.h"
#include "config/shipped.h"
#include "cost/accounting.h"
#include "cost/adc_laws.h"
#include "cost/unit_costs.h"
#include "model/register_map.h"
#include "network/card.h"
#include "results/table.h"
#include "sweep/metrics.h"

namespace sliver::cli {
namespace {

using results::Align;
using results::Table;

Table two_columns() {
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::left);
    return table;
}

std::string chips() {
    Table table = two_columns();
    for (const std::string& name : config::shipped_names(config::ShippedKind::chip))
        table.add_row(
            {name, config::load_chip(config::find_shipped(config::ShippedKind::chip, name)).summary});
    return table.text();
}

std::string networks() {
    Table table = two_columns();
    for (const std::string& name : config::shipped_names(config::ShippedKind::network)) {
        const auto card = network::find_card(config::find_shipped(config::ShippedKind::network, name));
        table.add_row({name, card ? card->summary : "(no card)"});
    }
    return table.text();
}

std::string image_sets() {
    Table table = two_columns();
    for (const auto& [name, folder] : app::known_image_sets()) table.add_row({name, folder});
    return table.text();
}

std::string adc_laws() {
    Table table = two_columns();
    for (const cost::AdcLawEntry& law : cost::adc_laws())
        table.add_row({std::string(law.name), std::string(law.line)});
    return table.text();
}

std::string policies() {
    Table table = two_columns();
    table.add_row(
        {"fixed",
         "ADC widths from the chip: adc.bits, adc.slice_widths, adc.layer_widths; clips are counted"});
    table.add_row(
        {"worst-case", "bits for the largest column sum possible, every input at its highest: lossless"});
    table.add_row(
        {"profiled", "bits for the largest column sum on calibration images (--calibrate), plus adc.margin"});
    table.add_row(
        {"percentile",
         "bits that hold adc.percentile % of the conversions on calibration images; the rest is cut"});
    table.add_row(
        {"accuracy",
         "the cheapest bits and steps that lose at most adc.accuracy_loss points of top-1 on held-out "
         "images"});
    return table.text();
}

std::string accountings() {
    Table table = two_columns();
    for (const cost::Accounting accounting : cost::kAccountings)
        table.add_row({std::string(cost::accounting_name(accounting)),
                       std::string(cost::accounting_description(accounting))});
    return table.text();
}

std::string keys() {
    std::string text;
    for (const config::KeyDoc& key : config::chip_key_docs())
        text += fmt::format("{}: {}\n    {}\n    {}\n", key.key, key.fallback, key.meaning, key.value);
    return text;
}

std::string actions() {
    Table table;
    for (const char* title : {"action", "unit", "what is counted"}) table.add_column(title, Align::left);
    for (const cost::ActionInfo& info : cost::kActions)
        table.add_row({std::string(info.name), std::string(info.unit), std::string(info.description)});
    return table.text();
}

std::string unit_costs() {
    Table table;
    for (const char* title : {"unit cost", "32 nm value", "unit", "what it is"})
        table.add_column(title, Align::left);
    for (const cost::UnitCostInfo& info : cost::unit_cost_table())
        table.add_row({std::string(info.name), fmt::format("{:.6g}", info.library_value),
                       std::string(info.unit), std::string(info.description)});
    return table.text();
}

std::string metrics() {
    Table table;
    for (const char* title : {"metric", "unit", "better", "what it is"}) table.add_column(title, Align::left);
    for (const sweep::Metric& metric : sweep::metrics())
        table.add_row({std::string(metric.name), std::string(metric.unit),
                       metric.better == sweep::Better::less ? "less" : "more",
                       std::string(metric.description)});
    return table.text();
}

std::string registers() {
    namespace reg = model::reg;
    Table table;
    for (const char* title : {"offset", "register", "access", "meaning"})
        table.add_column(title, Align::left);
    for (const reg::Register& place : reg::kRegisters)
        table.add_row({fmt::format("0x{:02X}", static_cast<unsigned>(place.offset)), std::string(place.name),
                       std::string(reg::access_name(place.access)),
                       place.meaning.empty() ? "Its bits 63..32" : std::string(place.meaning)});
    return table.text();
}

std::string registers_as(const std::string& format) {
    if (format == "table") return registers();
    if (format == "c") return model::reg::c_header();
    if (format == "systemrdl") return model::reg::system_rdl();
    refuse("--format: value {}: must be table, c or systemrdl", format);
}

struct Listing {
    const char* name;
    const char* what;
    std::string (*text)();
};

constexpr std::array<Listing, 10> kListings = {{
    {"chips", "shipped chips", chips},
    {"networks", "shipped networks", networks},
    {"images", "image sets known by name", image_sets},
    {"adc-laws", "cost laws of the converters", adc_laws},
    {"policies", "where ADC widths come from", policies},
    {"accountings", "what a crossbar read is charged for", accountings},
    {"keys", "every key of a chip file, with default, range and meaning", keys},
    {"actions", "what the hardware counts", actions},
    {"metrics", "objectives and constraints of sweeps", metrics},
    {"unit-costs", "what a count costs: names for cost.energy_overrides (those in J)", unit_costs},
}};

}  // namespace

void add_list_command(CLI::App& program, Action& chosen) {
    CLI::App& command =
        *program.add_subcommand("list", "What there is: chips, networks, laws, policies, keys, actions");
    command.require_subcommand(1);
    command.footer("Example:\n  sliver list adc-laws");
    for (const Listing& listing : kListings)
        command.add_subcommand(listing.name, listing.what)->callback([&chosen, text = listing.text] {
            chosen = [text] { fmt::print("{}", text()); };
        });
    auto format = std::make_shared<std::string>("table");
    CLI::App& registers_command = *command.add_subcommand(
        "registers", "registers of the accelerator in a virtual platform (docs/platform.md)");
    registers_command.add_option("--format", *format,
                                 "table, c (a header for drivers) or systemrdl; default: table");
    registers_command.footer("Example:\n  sliver list registers --format c > sliver_registers.h");
    registers_command.callback(
        [format, &chosen] { chosen = [format] { fmt::print("{}", registers_as(*format)); }; });
}

}  // namespace sliver::cli
