#include "study/slices_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "config/chip_words.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"
#include "study/names.h"
#include "study/scatter.h"

namespace sliver::study {
namespace {

using results::Align;
using results::Table;
using results::wrapped;

constexpr std::size_t kLeastForPicture = 3;

std::string item(const std::string& text) {
    return wrapped("  - ", text);
}

std::string two_digits(double value) {
    return fmt::format("{:.2f}", value);
}

std::string top1_text(const std::optional<double>& share) {
    return share ? two_digits(100 * *share) : "-";
}

std::string spread_text(double mean, double std) {
    return fmt::format("{:.2f} ± {:.2f}", mean, std);
}

template <typename Percent>
void add_slices(std::vector<std::string>& cells, const Percent& percent) {
    for (auto slice = percent.rbegin(); slice != percent.rend(); ++slice) cells.push_back(two_digits(*slice));
}

void add_slice_columns(Table& table, std::size_t slices) {
    for (std::size_t slice = slices; slice-- > 0;) table.add_column(fmt::format("B{}", slice), Align::right);
}

std::string method_text(const StudiedNetwork& network) {
    return network.card.method.empty() ? "-" : method_title(network.card.method);
}

std::string heading(const SliceStudy& study) {
    const config::ChipConfig& chip = study.chip;
    std::string text = wrapped(
        "", fmt::format("Non-zero slice elements in percent of all weights, counted in the networks' files: "
                        "{}-bit slices of 8-bit codes, B0 least significant, biases not counted; mean and "
                        "population deviation over the slices.",
                        study.slice_bits));
    text += wrapped(
        "", fmt::format("ADC bits: narrowest converters that can never clip, mean over all conversions of an "
                        "image; chip {}: {}-row {} arrays, {}-bit DACs.",
                        chip.name, chip.array.rows, config::word_of(chip.weights.encoding),
                        chip.inputs.dac_bits));
    const bool paper = study.slice_bits == kPaperSliceBits;
    return text + wrapped("", paper ? fmt::format("paper: {}, as printed.", kPaperCitation)
                                    : "The paper and the trade-off curves count 2-bit slices: they are left "
                                      "out here.");
}

std::string main_table(const SliceStudy& study, const std::vector<Group>& groups) {
    Table table;
    table.add_column("method", Align::left);
    table.add_column("network", Align::left);
    table.add_column("top-1 %", Align::right);
    add_slice_columns(table, static_cast<std::size_t>(kCodeBits / study.slice_bits));
    table.add_column("mean ± std", Align::right);
    table.add_column("ADC bits", Align::right);
    for (const Group& group : groups) {
        if (&group != &groups.front()) table.add_heading("");
        table.add_heading(group_title(group.model, group.data));
        for (const PaperRow* row : group.paper) {
            std::vector<std::string> cells = {method_title(std::string(row->method)), "paper",
                                              two_digits(row->top1_percent)};
            add_slices(cells, row->percent);
            cells.insert(cells.end(), {spread_text(row->mean, row->std), "-"});
            table.add_row(cells);
        }
        for (const StudiedNetwork* network : group.networks) {
            std::vector<std::string> cells = {method_text(*network), network->name,
                                              top1_text(network->card.top1())};
            add_slices(cells, network->shares.percent);
            cells.insert(cells.end(), {spread_text(network->shares.mean, network->shares.std),
                                       two_digits(mean_bits(network->columns))});
            table.add_row(cells);
        }
        if (group.networks.empty()) table.add_row({"(no network of ours)"});
    }
    return table.text();
}

std::string accuracy_words(const std::optional<double>& points) {
    if (!points) return "accuracy unknown";
    const std::string size = fmt::format("{:.2f}", std::abs(*points));
    if (size == "0.00") return "as accurate";
    return fmt::format("{} points {} accurate", size, *points > 0 ? "more" : "less");
}

/// How many times sparser something with mean `ours` is than something with mean `theirs`.
std::string sparsity_words(double ours, double theirs) {
    if (ours <= 0 || theirs <= 0) return "without a ratio of non-zero elements";
    const bool sparser = ours <= theirs;
    return fmt::format("{:.2f} times {}", sparser ? theirs / ours : ours / theirs,
                       sparser ? "sparser" : "denser");
}

std::string against_paper(const Group& group) {
    std::string text;
    for (const StudiedNetwork* network : group.networks)
        for (const PaperRow* row : group.paper) {
            if (row->method != network->card.method) continue;
            std::optional<double> points;
            if (const auto top1 = network->card.top1()) points = 100 * *top1 - row->top1_percent;
            text += item(fmt::format(
                "{} against the paper's {}: {}, {} ({:.2f} % against {:.2f} % non-zero).", network->name,
                method_title(std::string(row->method)), accuracy_words(points),
                sparsity_words(network->shares.mean, row->mean), network->shares.mean, row->mean));
        }
    return text;
}

std::string against_dense(const Group& group) {
    const auto dense =
        std::find_if(group.networks.begin(), group.networks.end(),
                     [](const StudiedNetwork* network) { return network->card.method == "dense"; });
    if (dense == group.networks.end()) return "";
    std::string text;
    for (const StudiedNetwork* network : group.networks) {
        if (network->card.method == "dense") continue;
        std::optional<double> points;
        if (network->card.top1() && (*dense)->card.top1())
            points = 100 * (*network->card.top1() - *(*dense)->card.top1());
        text += item(fmt::format("{} against {}: {}, {}, {:.2f} ADC bits for {:.2f}.", network->name,
                                 (*dense)->name, accuracy_words(points),
                                 sparsity_words(network->shares.mean, (*dense)->shares.mean),
                                 mean_bits(network->columns), mean_bits((*dense)->columns)));
    }
    return text;
}

std::string l1_ratios(const Group& group) {
    const std::optional<Ratio> paper = paper_ratio(group);
    const std::vector<Ratio> ours = our_ratios(group);
    const std::string printed =
        paper ? fmt::format("the paper's {:.2f}x, {}", paper->sparsity, accuracy_words(paper->top1_points))
              : "the paper has none on these data";
    std::string text;
    for (const Ratio& ratio : ours)
        text += item(fmt::format("l1 over bit-slice l1, mean non-zero shares of {} and {}: {:.2f}x, {}; {}.",
                                 ratio.l1->name, ratio.bitslice->name, ratio.sparsity,
                                 accuracy_words(ratio.top1_points), printed));
    if (ours.empty()) {
        const bool some = std::any_of(group.networks.begin(), group.networks.end(), [](const auto* network) {
            return network->card.method == "bitslice-l1";
        });
        if (paper || some)
            text +=
                item(fmt::format("l1 over bit-slice l1, mean non-zero shares: ours unknown, {} missing; {}.",
                                 some ? "an l1 network is" : "networks are", printed));
    }
    return text;
}

std::string construction(const Group& group) {
    const std::string_view paper = paper_network(group.model);
    std::set<std::string> ours;
    for (const StudiedNetwork* network : group.networks)
        if (!network->architecture.empty()) ours.insert(network->architecture);
    if (group.paper.empty() || ours.empty()) return "";
    return item(fmt::format("The paper's {}: {}. Ours: {}.", model_title(group.model), paper,
                            fmt::join(ours, "; or ")));
}

std::string missing_text(const SliceStudy& study) {
    std::vector<std::string> missing;
    for (const Wanted& wanted : missing_networks(study)) {
        std::vector<std::string> methods;
        for (const std::string& method : wanted.methods) methods.push_back(method_title(method));
        missing.push_back(
            fmt::format("{}: {}", group_title(wanted.model, wanted.data), fmt::join(methods, ", ")));
    }
    if (missing.empty()) return "";
    return wrapped("", fmt::format("Not shipped: {}. networks/README.md has the commands that make them.",
                                   fmt::join(missing, "; ")));
}

std::string differences(const SliceStudy& study, const std::vector<Group>& groups) {
    std::string text;
    for (const Group& group : groups) {
        std::string items;
        if (group.paper.empty() && study.slice_bits == kPaperSliceBits)
            items += item("Not in the paper: nothing to compare with row by row.");
        items += against_paper(group) + against_dense(group) + l1_ratios(group) + construction(group);
        if (!items.empty()) text += group_title(group.model, group.data) + "\n" + items;
    }
    if (study.whole) text += missing_text(study);
    return text.empty() ? "" : "\nWhere we differ\n" + text;
}

/// A point of the trade-off: a row of a curve, or a shipped network.
struct Point {
    std::string method;
    Balance balance;
    const SliceShares* shares = nullptr;
    double adc_bits = 0;
    const TradeOffPoint* curve = nullptr;  ///< null: shipped
    std::string note;
};

/// By method, then by mean.
std::vector<Point> points_of(const Group& group) {
    std::vector<Point> points;
    for (const TradeOffPoint* point : group.points)
        points.push_back({point->method,
                          {point->top1, point->shares.mean},
                          &point->shares,
                          point->adc_bits,
                          point,
                          point->note});
    for (const StudiedNetwork* network : group.networks)
        if (const auto top1 = network->card.top1())
            points.push_back({network->card.method,
                              {*top1, network->shares.mean},
                              &network->shares,
                              mean_bits(network->columns),
                              nullptr,
                              "shipped: " + network->name});
    std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
        const int left = method_rank(a.method), right = method_rank(b.method);
        if (left != right) return left < right;
        return a.method != b.method ? a.method < b.method : a.balance.mean < b.balance.mean;
    });
    return points;
}

std::string trade_off_table(const std::vector<Point>& points) {
    Table table;
    table.add_column("", Align::left);
    table.add_column("method", Align::left);
    for (const char* title : {"alpha", "pruned", "columns", "epochs", "seed", "top-1 %"})
        table.add_column(title, Align::right);
    add_slice_columns(table, points.front().shares->percent.size());
    table.add_column("mean ± std", Align::right);
    table.add_column("ADC bits", Align::right);
    table.add_column("note", Align::left);
    std::vector<Balance> balances;
    for (const Point& point : points) balances.push_back(point.balance);
    const std::vector<bool> best = unbeaten(balances);
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Point& point = points[i];
        std::vector<std::string> cells = {best[i] ? "*" : "", method_title(point.method)};
        if (const TradeOffPoint* curve = point.curve)
            cells.insert(cells.end(),
                         {fmt::format("{:g}", curve->alpha), fmt::format("{:g} %", 100 * curve->prune),
                          curve->column_bits.empty() ? "-" : curve->column_bits,
                          fmt::format("{:g}", curve->epochs), std::to_string(curve->seed)});
        else
            cells.insert(cells.end(), 5, "-");
        cells.push_back(two_digits(100 * point.balance.top1));
        add_slices(cells, point.shares->percent);
        cells.insert(cells.end(), {spread_text(point.shares->mean, point.shares->std),
                                   two_digits(point.adc_bits), point.note});
        table.add_row(cells);
    }
    return table.text() +
           "* no other point is more accurate without being denser, or sparser without being less accurate\n";
}

std::string picture(const Group& group, const std::vector<Point>& points) {
    std::vector<Mark> marks;
    for (const Point& point : points)
        marks.push_back({100 * point.balance.top1, point.balance.mean, method_letter(point.method)});
    for (const PaperRow* row : group.paper) {
        const char letter = method_letter(std::string(row->method));
        marks.push_back({row->top1_percent, row->mean,
                         static_cast<char>(std::tolower(static_cast<unsigned char>(letter)))});
    }
    return scatter(marks, 2) +
           "  D dense, P pruned, L l1, B bit-slice l1, C with column budgets, O other, & several; small "
           "letters: the paper\n";
}

std::string trade_offs(const std::vector<Group>& groups) {
    std::string text;
    for (const Group& group : groups) {
        const std::vector<Point> points = points_of(group);
        const std::string title = group_title(group.model, group.data);
        if (!group.points.empty()) text += fmt::format("\nTrade-off, {}\n{}", title, trade_off_table(points));
        if (points.size() >= kLeastForPicture)
            text += fmt::format("\nAccuracy against sparsity, {}\n{}", title, picture(group, points));
    }
    return text;
}

}  // namespace

std::string slices_text(const SliceStudy& study) {
    const std::vector<Group> groups = groups_of(study);
    return heading(study) + "\n" + main_table(study, groups) + differences(study, groups) +
           trade_offs(groups);
}

std::string layers_text(const StudiedNetwork& network) {
    Table table;
    table.add_column("layer", Align::left);
    for (const char* title : {"weights", "zero %", "largest code"}) table.add_column(title, Align::right);
    add_slice_columns(table, network.shares.percent.size());
    table.add_column("largest sums, msb..lsb", Align::right);
    table.add_column("ADC bits", Align::right);
    const int slice_bits = kCodeBits / static_cast<int>(network.shares.percent.size());
    const auto add = [&](const std::string& name, const CodeCounts& counts, const std::string& sums,
                         const std::vector<int>& bits) {
        const std::uint64_t weights = counts.weights();
        std::vector<std::string> cells = {
            name, results::grouped(weights),
            weights == 0
                ? "-"
                : two_digits(100 * static_cast<double>(counts.zeros()) / static_cast<double>(weights)),
            std::to_string(counts.largest())};
        add_slices(cells, nonzero_shares(counts, slice_bits).percent);
        cells.insert(cells.end(), {sums, results::slices_text(bits)});
        table.add_row(cells);
    };
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const LayerColumns& columns = network.columns.at(i);
        add(network.layers[i].name, network.layers[i],
            results::slices_text({columns.largest_sums.begin(), columns.largest_sums.end()}), columns.bits);
    }
    table.add_rule();
    add("all, or widest", network.all, "", widest_bits(network.columns));
    return fmt::format("{}, by layer\n{}", network.name, table.text(2));
}

}  // namespace sliver::study
