#include "study/nonideal_text.h"

#include <fmt/format.h>

#include "config/chip_words.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"

namespace sliver::study {
namespace {

using results::Align;
using results::grouped;
using results::si;
using results::Table;
using results::wrapped;

constexpr std::size_t kNonidealIndent = 2;

std::string heading(const NonidealStudy& study) {
    const config::ChipConfig& chip = study.chip;
    return fmt::format(
        "Non-ideal crossbars: chip {}, cells of {} bits, {}, columns {} where sorted\n"
        "Devices {}:\n"
        "  {} on, {} off, variation {} {}, wires {} ({} driver, {} row, {} column, {} sense), reference {}\n"
        "Accuracy on {} test images of {}, seeds {}\n"
        "Error of the crossbars alone: converters neither round nor cut\n",
        chip.name, chip.array.cell_bits, config::word_of(chip.weights.encoding),
        config::word_of(chip.weights.column_order), study.devices, si(chip.cells.on_ohm, "ohm"),
        si(chip.cells.off_ohm, "ohm"), config::word_of(chip.cells.variation), chip.cells.sigma,
        config::word_of(chip.wires.kind), si(chip.wires.driver_ohm, "ohm"), si(chip.wires.row_ohm, "ohm"),
        si(chip.wires.column_ohm, "ohm"), si(chip.wires.sense_ohm, "ohm"),
        config::word_of(chip.cells.reference), grouped(study.count), study.images,
        study.seeds.size() == 1 ? std::to_string(study.seeds.front())
                                : fmt::format("{} to {}", study.seeds.front(), study.seeds.back()));
}

std::string accuracy(const NonidealPoint& point, std::size_t gain) {
    return fmt::format("{:.1f} +- {:.1f}", 100 * point.top1(gain), 100 * point.spread(gain));
}

std::string points_table(const NonidealStudy& study) {
    Table table;
    table.add_column("network", Align::left);
    table.add_column("array", Align::right);
    table.add_column("with", Align::left);
    for (const char* title : {"arrays", "fewer", "mean cell", "NF", "ideal %", "top-1 %", "gain by array",
                              "gain by column", "energy", "latency", "mm2"})
        table.add_column(title, Align::right);
    std::string last;
    for (const NonidealPoint& point : study.points) {
        if (!last.empty() && last != point.network) table.add_rule();
        last = point.network;
        table.add_row({point.network, std::to_string(point.array), mitigation_text(point),
                       grouped(point.crossbars), fmt::format("{:.2f}x", point.compression()),
                       si(point.mean_siemens, "S"), fmt::format("{:.3f}", point.nonideality()),
                       fmt::format("{:.1f}", 100 * point.ideal_top1()), accuracy(point, kNoGain),
                       accuracy(point, kArrayGain), accuracy(point, kColumnGain),
                       point.cost ? si(point.cost->energy_j, "J") : "-",
                       point.cost ? si(point.cost->latency_s, "s") : "-",
                       point.cost ? fmt::format("{:.2f}", point.cost->area_mm2) : "-"});
    }
    return "T: zeros packed away. R: columns sorted. WCT: weights constrained in training. NF: share of a "
           "column's "
           "current that is lost.\nEnergy and latency of one image on the chip, area of the tiles in use\n" +
           table.text(kNonidealIndent);
}

}  // namespace

std::string mitigation_text(const NonidealPoint& point) {
    return std::string("T") + (point.rearranged ? " + R" : "") + (point.constrained ? " + WCT" : "");
}

std::string nonideal_text(const NonidealStudy& study) {
    std::string text = heading(study) + "\n" + points_table(study);
    for (const NonidealAnswer& answer : answers(study)) {
        text += "\n" + wrapped("", answer.question);
        for (const std::string& sentence : answer.sentences) text += wrapped("  - ", sentence);
    }
    return text;
}

}  // namespace sliver::study
