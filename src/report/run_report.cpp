#include <fmt/format.h>

#include <algorithm>

#include "report/column_sums.h"
#include "report/html.h"
#include "report/reports.h"
#include "report/table.h"

namespace sliver::report {
namespace run_sections {
namespace {

/// The matrix layers. Layers of the same name are told apart by their number.
std::vector<Row> layers_of(const Source& stats) {
    std::vector<Row> layers = rows_of(stats, Pointer("/layers"), "name");
    tell_apart(layers);
    return layers;
}

std::optional<Section> summary(const Source& stats) {
    std::vector<Entry> run = {{"chip", "/run/chip", Measure::word},
                              {"network", "/run/network", Measure::word},
                              {"images", "/run/images", Measure::word},
                              {"ADC widths", "/run/adc_policy", Measure::word},
                              {"ADC law", "/run/adc_law", Measure::word},
                              {"accounting", "/run/accounting", Measure::word},
                              {"technology", "/run/technology_nm", Measure::nanometre},
                              {"seed", "/run/seed", Measure::exact},
                              {"images on the chip", "/run/image_count"},
                              {"images by the functional engine", "/run/functional_images"}};
    const auto add = [&](const std::vector<Entry>& entries) {
        run.insert(run.end(), entries.begin(), entries.end());
    };
    if (stats.has(Pointer("/accuracy")))
        add({{"top-1 accuracy", "/accuracy/top1", Measure::share},
             {"images classified correctly", "/accuracy/correct"}});
    if (stats.has(Pointer("/run/calibration")))
        add({{"calibration images", "/run/calibration/images", Measure::word},
             {"first of them", "/run/calibration/first"},
             {"how many", "/run/calibration/count"}});
    add({{"configuration, SHA-256", "/run/config_hash", Measure::code},
         {"network, SHA-256", "/run/network_sha256", Measure::code},
         {"input codes, SHA-256", "/run/images_sha256", Measure::code}});
    const std::vector<Entry> totals = {
        {"latency of an image", "/totals/latency_s", Measure::seconds},
        {"in array cycles", "/totals/latency_cycles", Measure::cycles},
        {"interval between images", "/totals/interval_s", Measure::seconds},
        {"in array cycles", "/totals/interval_cycles", Measure::cycles},
        {"latency in a stream", "/totals/latency_streaming_s", Measure::seconds},
        {"at most", "/totals/latency_streaming_max_s", Measure::seconds},
        {"static energy of an image", "/totals/static_energy_per_image_j", Measure::joule},
        {"dynamic energy of an image", "/totals/energy_per_image_j", Measure::joule},
        {"dynamic energy of the run", "/totals/energy_j", Measure::joule},
        {"static energy of the run", "/totals/static_energy_j", Measure::joule},
        {"static power", "/totals/static_power_w", Measure::watt},
        {"mean power", "/totals/power_w", Measure::watt},
        {"elapsed", "/totals/elapsed_s", Measure::seconds},
        {"area of the chip", "/totals/area_mm2", Measure::square_mm}};
    const std::vector<Entry> work = {{"multiply-accumulates", "/totals/macs"},
                                     {"arrays in use", "/totals/crossbars"},
                                     {"tiles in use", "/totals/tiles"},
                                     {"array reads", "/totals/reads"},
                                     {"columns of the arrays read", "/totals/conversions"},
                                     {"conversions of used columns", "/totals/conversions_used"},
                                     {"conversions clipped", "/totals/clipped"},
                                     {"conversions of unit columns", "/totals/conversions_unit"},
                                     {"used columns skipped", "/totals/conversions_skipped"}};
    return Section{
        "summary", "Summary",
        fmt::format("<div class=\"columns\">\n{}<div>\n{}{}</div>\n</div>\n", entries_html(stats, "Run", run),
                    entries_html(stats, "Totals", totals), entries_html(stats, "Work", work))};
}

/// The layers' dynamic energies, and those that belong to no layer, by component. Columns and colours of
/// components that took none would only say zero.
std::string energies_by_layer(const Source& stats, const std::vector<Row>& components) {
    std::vector<std::string> active;
    std::vector<Column> columns = {name_column("layer"), {"all", "energy_total_j", Measure::joule}};
    for (const Row& component : components) {
        if (stats.number(component.place / "energy_j").get<double>() <= 0) continue;
        const std::string& name = active.emplace_back(component.names.front());
        std::string title = name;
        std::replace(title.begin(), title.end(), '_', ' ');  // so that it may take two lines
        columns.emplace_back(
            title, [name](const Row& row) { return row.place / "energy_j" / name; }, Measure::joule);
    }
    std::vector<Row> consumers = layers_of(stats), parts;
    consumers.push_back({{"(no layer)"}, Pointer("/shared")});
    for (const Row& consumer : consumers)
        for (const std::string& name : active)
            parts.push_back({{consumer.names.front(), name}, consumer.place / "energy_j" / name});
    const DataRows data = Table(stats,
                                {name_column("layer"), name_column("component", 1),
                                 Column("energy", "", Measure::joule).as("energy_j")},
                                parts)
                              .data();
    return figure_html("energy-by-layer", data) + figure_html("energy-shares", data) +
           Table(stats, columns, consumers).html("Dynamic energy by layer and component");
}

std::optional<Section> energy(const Source& stats) {
    const std::vector<Row> components = rows_of(stats, Pointer("/components"), "name");
    const std::vector<Column> columns = {name_column("component"),
                                         Column("instances", "instances").optional(),
                                         Column("actions", "actions").optional(),
                                         {"dynamic energy", "energy_j", Measure::joule},
                                         {"static energy", "static_energy_j", Measure::joule},
                                         Column("busy, one image", "busy_s", Measure::seconds).optional(),
                                         {"area", "area_mm2", Measure::square_mm}};
    std::vector<Row> with_chip = components;
    with_chip.push_back({{"chip"}, Pointer("/totals")});
    return Section{"energy", "Energy",
                   figure_html("energy-by-component", Table(stats, columns, components).data()) +
                       Table(stats, columns, with_chip).html("Energy, time and area by component") +
                       energies_by_layer(stats, components)};
}

std::optional<Section> layers(const Source& stats) {
    const Table table(stats,
                      {name_column("layer"),
                       {"kind", "kind", Measure::word},
                       {"rows", "rows"},
                       {"outputs", "outputs"},
                       {"windows of an image", "windows_per_image"},
                       {"copies", "copies"},
                       {"arrays", "crossbars"},
                       {"tiles", "tiles"},
                       {"array reads", "reads"},
                       {"conversions of used columns", "conversions_used"},
                       {"clipped", "clipped"},
                       {"interval, cycles", "interval_cycles", Measure::cycles},
                       {"dynamic energy", "energy_total_j", Measure::joule}},
                      layers_of(stats));
    return Section{"layers", "Layers", table.html("Matrix layers in the network's order")};
}

/// A column a slice, most significant first; layers with fewer slices leave the upper ones empty.
std::string widths_html(const Source& stats, const std::string& caption, const std::string& key) {
    const std::vector<Row> layers = layers_of(stats);
    std::size_t slices = 0;
    for (const Row& layer : layers) slices = std::max(slices, stats.size(layer.place / "adc_bits"));
    std::vector<Column> columns = {name_column("layer")};
    for (std::size_t slice = slices; slice-- > 0;)
        columns.push_back(
            Column(fmt::format("slice {}", slice), fmt::format("{}/{}", key, slice), Measure::bits)
                .optional());
    return Table(stats, columns, layers).html(caption);
}

std::optional<Section> adc_widths(const Source& stats) {
    std::vector<Row> slices;
    for (const Row& layer : layers_of(stats))
        for (std::size_t slice = stats.size(layer.place / "adc_bits"); slice-- > 0;)
            slices.push_back({{layer.names.front(), fmt::format("slice {}", slice), fmt::format("{}", slice)},
                              layer.place});
    const auto of_slice = [](const std::string& list) {
        return [list](const Row& row) { return row.place / Pointer(list) / row.names.at(2); };
    };
    std::vector<Column> columns = {name_column("layer"),
                                   name_column("slice", 1),
                                   {"bits", of_slice("/adc_bits"), Measure::bits},
                                   {"conversions", of_slice("/conversions_by_slice"), Measure::none},
                                   {"clipped", of_slice("/clipped_by_slice"), Measure::none}};
    std::string tables = widths_html(stats, "ADC bits in use", "adc_bits");
    // Widths that a layer's columns would need, beside those in use.
    for (const auto& [key, title] : {std::pair{"adc_worst_case", "largest sum possible"},
                                     {"adc_calibration", "largest sum in calibration"},
                                     {"adc_seen", "largest sum seen"}}) {
        const std::string needs = key;
        columns.push_back(
            Column("", of_slice("/" + needs + "/largest_sum"), Measure::none).as(needs).optional());
        columns.push_back(
            Column("", of_slice("/" + needs + "/bits"), Measure::bits).as(needs + "_bits").optional());
        if (std::any_of(slices.begin(), slices.end(),
                        [&](const Row& row) { return stats.has(row.place / needs / "bits"); }))
            tables += widths_html(stats, fmt::format("ADC bits for the {}", title), needs + "/bits");
    }
    return Section{"adc-widths", "ADC widths",
                   figure_html("adc-widths", Table(stats, columns, slices).data()) +
                       "<div class=\"columns\">\n" + tables + "</div>\n"};
}

std::optional<Section> column_sums(const Source& stats) {
    const std::vector<Row> layers = layers_of(stats);
    std::vector<ColumnGroup> groups;
    std::vector<Row> rows;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const Pointer list = layers[layer].place / "column_sums";
        if (!stats.has(list)) continue;
        for (std::size_t i = 0; i < stats.size(list); ++i) {
            groups.push_back(column_group(stats, list / i, layer));
            rows.push_back({layers[layer].names, list / i});
        }
    }
    if (groups.empty()) return std::nullopt;  // the run did not count
    return Section{
        "column-sums", "Column sums",
        histograms_html(stats, rows, {{"", "range", Measure::exact}}, choice("allocation", {}, "range"),
                        {{"hint", "Dashed: the largest sum that the converter holds."},
                         {"counted", "conversions of the run"}}) +
            sums_html(stats, "Largest column sum on the chip / largest that its converter holds", layers,
                      groups, " / ", "range")};
}

/// What limits the pace of a stream of images: the busiest resources.
std::optional<Section> limits(const Source& stats) {
    const Pointer list("/steady/resources");
    if (!stats.has(list) || stats.size(list) == 0) return std::nullopt;
    std::vector<Row> resources = rows_of(stats, list, "kind");
    for (Row& resource : resources) resource.names.front() += ": " + stats.text(resource.place / "name");
    tell_apart(resources);
    const Table table(stats,
                      {name_column("resource"),
                       {"an image", "need_fs", Measure::femtoseconds},
                       {"of the interval", "utilisation", Measure::share}},
                      resources);
    return Section{
        "limits", "What limits",
        figure_html("limits", table.data()) + table.html("What an image takes of the busiest resources")};
}

std::optional<Section> timeline(const Source& stats) {
    const Table table(stats,
                      {name_column("layer"),
                       {"first window starts, cycle", "first_start_cycle", Measure::cycles},
                       {"last window starts, cycle", "last_start_cycle", Measure::cycles},
                       {"done, cycle", "done_cycle", Measure::cycles},
                       Column("busy with an image, cycles", "interval_cycles", Measure::cycles).hidden(),
                       {"busy", "busy_fs", Measure::femtoseconds},
                       {"waited for inputs", "waited_input_fs", Measure::femtoseconds},
                       {"waited for room", "waited_output_fs", Measure::femtoseconds},
                       {"packets that waited", "room_waits"},
                       {"fullest buffer", "peak_buffer_bytes", Measure::bytes}},
                      layers_of(stats));
    return Section{
        "timeline", "Pipeline",
        figure_html("timeline", table.data()) +
            table.html("Times of the first image; busy and waiting times of the whole run, summed over a "
                       "layer's parts")};
}

/// One row a key of the object at `place`.
std::vector<Row> keys_of(const Source& stats, const Pointer& place) {
    std::vector<Row> rows;
    for (const std::string& key : stats.keys(place)) rows.push_back({{key}, place / key});
    return rows;
}

std::optional<Section> adc_laws(const Source& stats) {
    const Pointer band("/energy_band_j"), refusals("/energy_band_refusals"),
        accountings("/energy_by_accounting_j");
    if (!stats.has(band) || !stats.has(accountings)) return std::nullopt;
    std::vector<Row> laws = keys_of(stats, band);
    for (Row& row : laws) {
        const std::string law = row.names.front();
        const bool own = law == stats.text(Pointer("/run/adc_law"));
        const std::string refusal = stats.has(refusals / law) ? stats.text(refusals / law) : "";
        row.names.insert(row.names.end(), {own ? "this run's" : refusal, own ? "this run's" : "others"});
    }
    const Column energy = Column("energy", "", Measure::joule).as("energy_j");
    Column note = name_column("", 1), which = name_column("which", 2);
    const Table table(stats, {name_column("law"), energy, note.as("note"), which.hidden()}, laws);
    const Table by_accounting(stats, {name_column("what is charged"), energy}, keys_of(stats, accountings));
    return Section{"adc-laws", "ADC laws and accountings",
                   figure_html("adc-laws", table.data()) + "<div class=\"columns\">\n" +
                       table.html("Dynamic energy of the run under every ADC law") +
                       by_accounting.html("Dynamic energy of the run by accounting") + "</div>\n"};
}

}  // namespace
}  // namespace run_sections

Page run_page(const Source& stats) {
    using namespace run_sections;
    return page_of(
        stats, fmt::format("{} on {}", stats.text(Pointer("/run/network")), stats.text(Pointer("/run/chip"))),
        fmt::format("A run of Sliver {}. Counts and energies are for all images of the run, times "
                    "for one.",
                    stats.text(Pointer("/run/version"))),
        {summary, energy, layers, adc_widths, column_sums, limits, timeline, adc_laws, configuration});
}

}  // namespace sliver::report
