#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/column_sums.h"
#include "report/html.h"
#include "report/reports.h"
#include "report/table.h"

namespace sliver::report {
namespace adc_sections {
namespace {

constexpr const char *kLossless = "worst-case", *kPreferred = "accuracy";
/// Before, lossless, and within the loss: what charts of few bars compare.
constexpr std::array<const char*, 3> kCompared = {"fixed-8", kLossless, kPreferred};

/// Names of the networks; those of the same name are told apart by their number.
std::vector<Row> networks(const Source& study) {
    std::vector<Row> rows = rows_of(study, Pointer("/networks"), "name");
    tell_apart(rows);
    return rows;
}

/// Networks that have `key`.
std::vector<Row> networks_with(const Source& study, const char* key) {
    std::vector<Row> rows = networks(study);
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&](const Row& network) { return !study.has(network.place / key); }),
               rows.end());
    return rows;
}

std::vector<Row> layers_of(const Source& study, const Pointer& network) {
    std::vector<Row> rows = rows_of(study, network / "layers", "");
    tell_apart(rows);
    return rows;
}

/// The network's allocations, named by network and title.
std::vector<Row> allocations_of(const Source& study, const Row& network) {
    std::vector<Row> rows = rows_of(study, network.place / "allocations", "title");
    for (Row& row : rows) row.names.insert(row.names.begin(), network.names.front());
    return rows;
}

std::vector<Row> allocations_of_all(const Source& study) {
    std::vector<Row> all;
    for (const Row& network : networks(study))
        for (Row& row : allocations_of(study, network)) all.push_back(std::move(row));
    return all;
}

/// The allocation of that key; none where the network has not got it.
std::optional<Row> allocation(const Source& study, const Row& network, const std::string& key) {
    for (const Row& candidate : allocations_of(study, network))
        if (study.text(candidate.place / "key") == key) return candidate;
    return std::nullopt;
}

/// Its title, or the key where there is none.
std::string title_of(const Source& study, const Row& network, const std::string& key) {
    const auto found = allocation(study, network, key);
    return found ? found->names.at(1) : key;
}

/// Those of kCompared that the network has.
std::vector<Row> compared_allocations(const Source& study, const Row& network) {
    std::vector<Row> rows;
    for (const char* key : kCompared)
        if (auto found = allocation(study, network, key)) rows.push_back(std::move(*found));
    return rows;
}

/// The entries of `list` (histograms or certificates), which stand in the order of layers, slices and signs:
/// that tells layers of the same name apart. InputError for an entry out of order.
std::vector<ColumnGroup> column_groups(const Source& study, const Pointer& network, const Pointer& list) {
    const Pointer layers = network / "layers";
    std::vector<ColumnGroup> groups;
    for (std::size_t i = 0; i < study.size(list); ++i) {
        ColumnGroup group = column_group(study, list / i, 0);
        if (!groups.empty()) {
            const ColumnGroup& last = groups.back();
            const bool next_of_layer =
                std::pair(group.slice, group.negative) > std::pair(last.slice, last.negative);
            group.layer = last.layer + (next_of_layer ? 0 : 1);
        }
        while (group.layer < study.size(layers) &&
               study.text(layers / group.layer) != study.text(group.place / "layer"))
            ++group.layer;
        if (group.layer >= study.size(layers))
            study.fail(group.place / "layer", "must name a layer of the network, in their order");
        groups.push_back(std::move(group));
    }
    return groups;
}

/// A choice `network` among `rows`.
Json network_choice(const std::vector<Row>& rows) {
    std::vector<Option> options;
    for (const Row& row : rows) options.push_back({row.names.front(), row.names.front()});
    return choice("network", options, options.empty() ? Json(nullptr) : options.front().value);
}

/// A choice `allocation` among the keys of all networks, each behind `prefix`; `accuracy` where it is there.
Json allocation_choice(const Source& study, const std::string& prefix) {
    std::vector<Option> options;
    const auto known = [&](const std::string& key) {
        return std::any_of(options.begin(), options.end(),
                           [&](const Option& option) { return option.value == prefix + key; });
    };
    for (const Row& row : allocations_of_all(study)) {
        const std::string& key = study.text(row.place / "key");
        if (!known(key)) options.push_back({prefix + key, row.names.at(1)});
    }
    Json chosen = options.empty() ? Json(nullptr) : options.front().value;
    if (known(kPreferred)) chosen = prefix + kPreferred;
    return choice("allocation", options, chosen);
}

std::optional<Section> summary(const Source& study) {
    const Pointer sentences("/verdict");
    std::string verdict;
    if (study.has(sentences) && study.size(sentences) != 0)
        verdict = list_html(study, sentences, "<ul class=\"verdict\">");
    const std::string settings =
        entries_html(study, "Study",
                     {{"chip", "/chip", Measure::word},
                      {"ADC law", "/adc_law", Measure::word},
                      {"accounting", "/accounting", Measure::word},
                      {"columns that share a width", "/granularity", Measure::word},
                      {"test images", "/images/source", Measure::word},
                      {"how many", "/images/count"},
                      {"calibration images", "/calibration/source", Measure::word},
                      {"profiled: first of them", "/calibration/profile_first"},
                      {"profiled: how many", "/calibration/profile_count"},
                      {"held out: first of them", "/calibration/held_out_first"},
                      {"held out: how many", "/calibration/held_out_count"},
                      {"loss allowed, percentage points", "/loss_points"},
                      {"allocations whose accuracy the search may measure", "/budget"},
                      {"version", "/version", Measure::word}});
    const Table table(study,
                      {name_column("network"),
                       {"method", "method", Measure::word},
                       {"top-1 on its card", "card_top1", Measure::share},
                       {"SHA-256", "sha256", Measure::code}},
                      networks(study));
    return Section{
        "summary", "Summary",
        fmt::format("{}<div class=\"columns\">\n{}{}</div>\n", verdict, settings, table.html("Networks"))};
}

const std::vector<Column>& allocation_columns() {
    static const std::vector<Column> kColumns = {
        name_column("network").hidden(),
        name_column("allocation", 1),
        {"widest bits, top slice first", "widest_bits", Measure::list},
        Column("mean bits", "mean_bits").as("bits"),
        {"top-1", "top1", Measure::share},
        {"clipped", "clipped"},
        {"conversions", "conversions"},
        {"ADC energy", "cost/adc_j", Measure::joule},
        {"chip energy", "cost/total_j", Measure::joule},
        {"latency", "cost/latency_s", Measure::seconds},
        {"interval", "cost/interval_s", Measure::seconds},
        {"ADC area", "cost/adc_area_mm2", Measure::square_mm}};
    return kColumns;
}

/// The certificate with the smallest margin, the first of equals.
std::optional<ColumnGroup> tightest(const Source& study, const Pointer& network, const Pointer& list) {
    std::optional<ColumnGroup> tightest;
    double least = 0;
    for (const ColumnGroup& group : column_groups(study, network, list)) {
        const auto margin = study.number(group.place / "margin").get<double>();
        if (tightest && margin >= least) continue;
        tightest = group;
        least = margin;
    }
    return tightest;
}

std::string certificates_html(const Source& study, const Row& network) {
    const std::vector<Row> layers = layers_of(study, network.place);
    std::vector<Row> rows;
    for (const Row& allocation : allocations_of(study, network)) {
        const auto group = tightest(study, network.place, allocation.place / "certificates");
        if (!group) continue;
        const bool every_input = study.at(allocation.place / "certified_for_all_inputs") == true;
        rows.push_back({{allocation.names.at(1), layers.at(group->layer).names.front(),
                         every_input ? "every input" : "the profiled images"},
                        group->place});
    }
    const Table table(study,
                      {name_column("allocation"),
                       name_column("layer", 1),
                       {"sign", "sign", Measure::word},
                       {"slice", "slice", Measure::exact},
                       {"array", "array", Measure::exact},
                       {"column", "column", Measure::exact},
                       {"largest sum", "sum", Measure::exact},
                       {"range", "range", Measure::exact},
                       {"margin", "margin", Measure::exact},
                       name_column("holds for", 2)},
                      rows);
    return table.html(
        fmt::format("{}: the fullest column against the range of its converter, where that is tightest",
                    network.names.front()));
}

std::optional<Section> allocations(const Source& study) {
    std::string html;
    for (const Row& network : networks(study)) {
        const std::string& name = network.names.front();
        html +=
            fmt::format("<h3>{}</h3>\n{}{}", escaped(name),
                        Table(study, allocation_columns(), allocations_of(study, network))
                            .html(fmt::format(
                                "{}: clipped and conversions over all test images, the rest for one", name)),
                        certificates_html(study, network));
    }
    return Section{"allocations", "Allocations", html};
}

/// One list of widths by layer and slice: both signs', or one sign's.
struct WidthList {
    const char* sign;
    const char* key;
};

std::vector<WidthList> width_lists(const Source& study, const Pointer& allocation) {
    if (study.size(allocation / "negative_bits") == 0) return {{"", "bits"}};
    return {{" +", "bits"}, {" −", "negative_bits"}};
}

/// One row a layer, named by it and by its number in the allocation's lists.
std::string widths_html(const Source& study, const Row& network, const Row& allocation) {
    std::vector<Row> layers = layers_of(study, network.place);
    std::size_t slices = 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        layers[layer].names.push_back(fmt::format("{}", layer));
        layers[layer].place = allocation.place;
        slices = std::max(slices, study.size(allocation.place / "bits" / layer));
    }
    std::vector<Column> columns = {name_column("layer")};
    for (std::size_t slice = slices; slice-- > 0;)
        for (const WidthList& list : width_lists(study, allocation.place)) {
            const auto width = [list, slice](const Row& layer) {
                return layer.place / list.key / layer.names.at(1) / slice;
            };
            const auto drop = [&study, slice](const Row& layer) -> std::optional<Pointer> {
                const Pointer place = layer.place / "drops" / layer.names.at(1) / slice;
                if (!study.has(place) || study.number(place) == 0) return std::nullopt;
                return place;
            };
            columns.push_back(Column(fmt::format("slice {}{}", slice, list.sign), width, Measure::bits)
                                  .optional()
                                  .then(", drops ", drop));
        }
    return Table(study, columns, layers)
        .html(fmt::format("{}: ADC bits, {}", network.names.front(), allocation.names.at(1)));
}

/// A row a layer, with lists by slice.
DataRows width_rows(const Source& study) {
    DataRows rows = Json::array();
    for (const Row& network : networks(study)) {
        const std::vector<Row> layers = layers_of(study, network.place);
        for (const Row& allocation : allocations_of(study, network))
            for (const WidthList& list : width_lists(study, allocation.place))
                for (std::size_t layer = 0; layer < layers.size(); ++layer) {
                    const auto of_layer = [layer](const char* key) {
                        return [key, layer](const Row& row) { return row.place / key / layer; };
                    };
                    const Row row = {{network.names.front(), layers[layer].names.front(), list.sign},
                                     allocation.place};
                    rows.push_back(Table(study,
                                         {name_column("network"),
                                          name_column("layer", 1),
                                          name_column("sign", 2),
                                          Column("", "key", Measure::word).as("allocation"),
                                          {"bits", of_layer(list.key), Measure::list},
                                          {"clipped", of_layer("clipped_by_slice"), Measure::list},
                                          Column("drops", of_layer("drops"), Measure::list).optional()},
                                         {row})
                                       .data()
                                       .front());
                }
    }
    return rows;
}

std::optional<Section> widths(const Source& study) {
    std::string tables;
    for (const Row& network : networks(study))
        for (const char* key : {kLossless, kPreferred})
            if (const auto chosen = allocation(study, network, key))
                tables += widths_html(study, network, *chosen);
    return Section{"adc-widths", "ADC widths",
                   figure_html("study-adc-widths", width_rows(study),
                               {{"network choice", network_choice(networks(study))},
                                {"allocation choice", allocation_choice(study, "")}},
                               "adc-widths") +
                       "<div class=\"columns\">\n" + tables + "</div>\n"};
}

std::optional<Section> trade_off(const Source& study) {
    const std::string one_width = "the same width everywhere";
    std::vector<Row> allocations = allocations_of_all(study), uniform;
    for (Row& row : allocations) row.names.emplace_back("allocations");
    for (const Row& network : networks(study))
        for (std::size_t i = 0; i < study.size(network.place / "uniform_widths"); ++i)
            uniform.push_back(
                {{network.names.front(), one_width, one_width}, network.place / "uniform_widths" / i});
    const Column what = name_column("what", 2).hidden(), top1 = {"top-1", "top1", Measure::share};
    const Table widths(study,
                       {name_column("network"),
                        name_column("allocation", 1).hidden(),
                        what,
                        {"bits", "bits", Measure::exact},
                        top1,
                        {"right", "correct"},
                        {"of images", "images"}},
                       uniform);
    std::vector<Column> columns = allocation_columns();
    columns.insert(columns.end(), {what, {"images", "images"}, {"method", "../../method", Measure::word}});
    const DataRows data = Table(study, columns, allocations).data();
    DataRows over_bits = data;
    for (const Json& row : widths.data()) over_bits.push_back(row);
    return Section{"trade-off", "Accuracy against bits and energy",
                   figure_html("accuracy-over-bits", over_bits) + figure_html("accuracy-over-energy", data) +
                       (widths.empty() ? "" : widths.html("Accuracy with the same width everywhere"))};
}

std::string laws_html(const Source& study, const Row& network, const std::vector<Row>& allocations) {
    const Pointer laws = allocations.front().place / "cost" / "laws";
    std::vector<Row> rows;
    for (const std::string& law : study.keys(laws)) rows.push_back({{law}, laws / law});
    std::vector<Column> columns = {name_column("law")};
    for (const Row& allocation : allocations)
        for (const auto& [title, key] : {std::pair{"ADCs", "adc_j"}, {"chip", "total_j"}}) {
            const auto energy = [place = allocation.place, key = key](const Row& row) {
                return place / "cost" / "laws" / row.names.front() / key;
            };
            columns.emplace_back(fmt::format("{}, {}", title, allocation.names.at(1)), energy,
                                 Measure::joule);
        }
    return Table(study, columns, rows)
        .html(fmt::format("{}: dynamic energy of one image under every ADC law", network.names.front()));
}

std::optional<Section> energy(const Source& study) {
    std::vector<Row> compared, laws;
    Json titles = Json::array();
    std::string tables;
    for (const Row& network : networks(study)) {
        const std::vector<Row> allocations = compared_allocations(study, network);
        compared.insert(compared.end(), allocations.begin(), allocations.end());
        if (!allocations.empty()) tables += laws_html(study, network, allocations);
        for (const Row& allocation : allocations) {
            if (std::find(titles.begin(), titles.end(), allocation.names.at(1)) == titles.end())
                titles.push_back(allocation.names.at(1));
            const Pointer list = allocation.place / "cost" / "laws";
            for (const std::string& law : study.keys(list))
                if (study.has(list / law / "adc_j") && study.has(list / law / "total_j"))
                    laws.push_back({{allocation.names.at(0), allocation.names.at(1), law}, list / law});
        }
    }
    if (tables.empty()) return std::nullopt;
    const Table by_law(study,
                       {name_column("network"),
                        name_column("allocation", 1),
                        name_column("law", 2),
                        {"ADCs", "adc_j", Measure::joule},
                        {"chip", "total_j", Measure::joule}},
                       laws);
    const Json part = choice("energy", {{"adc_j", "ADCs"}, {"total_j", "chip"}}, "adc_j");
    return Section{"energy", "Energy",
                   figure_html("adc-share", Table(study, allocation_columns(), compared).data()) +
                       figure_html("study-adc-laws", by_law.data(),
                                   {{"network choice", network_choice(networks(study))},
                                    {"energy choice", part},
                                    {"allocations", titles}},
                                   "adc-laws") +
                       tables};
}

std::optional<Section> table3(const Source& study) {
    const Pointer from_law("/table3_from_law");
    if (!study.has(from_law)) return std::nullopt;
    std::vector<Row> rows;
    std::map<std::string, Pointer> accuracies;  // by place of the row; the law alone says nothing about it
    for (std::size_t i = 0; i < study.size(from_law); ++i) rows.push_back({{"law alone"}, from_law / i});
    for (const Row& network : networks(study)) {
        const Pointer executed = network.place / "table3_executed";
        for (const std::string& key : study.keys(executed)) {
            const auto found = allocation(study, network, key);
            if (!found) continue;
            for (std::size_t i = 0; i < study.size(executed / key); ++i) {
                rows.push_back(
                    {{fmt::format("{}: {}", network.names.front(), found->names.at(1))}, executed / key / i});
                accuracies.emplace(rows.back().place.to_string(), found->place / "top1");
            }
        }
    }
    const Table table(study,
                      {name_column("reading"),
                       {"slices", "group", Measure::word},
                       {"bits before", "bits_before"},
                       {"mean bits after", "bits_after"},
                       {"ADC energy, times less", "energy_saving"},
                       {"conversion time, times less", "speed_up"},
                       {"ADC area, times less", "area_saving"},
                       {"top-1", by_place(accuracies), Measure::share}},
                      rows);
    return Section{
        "table3", "Table 3 of the bit-slice paper in two readings",
        table.html(
            "How many times less by group of slices: from the law alone, and over the conversions made")};
}

std::optional<Section> effects(const Source& study) {
    const std::vector<Row> ablated = networks_with(study, "ablation");
    if (ablated.empty()) return std::nullopt;
    const std::string whole = "nothing left out", left = "what is left";
    std::vector<Row> steps;  // of all networks, for the chart
    std::string tables;
    for (const Row& network : ablated) {
        const std::string& name = network.names.front();
        const Pointer ablation = network.place / "ablation", list = ablation / "effects";
        std::vector<Row> rows = {{{whole, name, "energy"}, ablation / "baseline"}};
        for (Row& row : rows_of(study, list, "effect")) {
            row.names.insert(row.names.end(), {name, "saved"});
            rows.push_back(std::move(row));
        }
        const Table table(study,
                          {name_column(""),
                           {"energy", "energy_j", Measure::joule},
                           Column("saved behind those above", "saved_j", Measure::joule).optional(),
                           Column("saved alone", "alone_j", Measure::joule).optional(),
                           {"skip logic", "skip_logic_j", Measure::joule},
                           {"area of skip logic", "skip_area_mm2", Measure::square_mm},
                           {"latency", "latency_s", Measure::seconds},
                           {"interval", "interval_s", Measure::seconds},
                           {"interval, shared converters", "shared_interval_s", Measure::seconds}},
                          rows);
        const Table planes(study, {{"made", "reads"}, {"left out: no row driven", "planes_skipped"}},
                           {{{}, ablation}});
        tables +=
            "<div class=\"columns\">\n" +
            table.html(fmt::format("{}: arrays and what hangs on their columns, one image; widths: {}", name,
                                   title_of(study, network, study.text(ablation / "allocation")))) +
            planes.html("Reads, with all effects") + "</div>\n";
        const bool any = rows.size() > 1;
        const Pointer last = rows.back().place;
        for (Row& row : rows) steps.push_back(std::move(row));
        if (any) steps.push_back({{left, name, "energy"}, last});
    }
    const auto joule = [](const Row& row) {
        return row.place / (row.names.at(2) == "saved" ? "saved_j" : "energy_j");
    };
    const auto alone = [](const Row& row) -> std::optional<Pointer> {
        if (row.names.at(2) != "saved") return std::nullopt;
        return row.place / "alone_j";
    };
    const Table waterfall(study,
                          {name_column("step"),
                           name_column("network", 1),
                           name_column("kind", 2),
                           {"joule", joule, Measure::joule},
                           {"alone_j", alone, Measure::joule}},
                          steps);
    return Section{
        "effects", "Effects of sparsity",
        figure_html("effects", waterfall.data(), {{"network choice", network_choice(ablated)}}) + tables};
}

std::optional<Section> column_sums(const Source& study) {
    constexpr const char* kRange = "range of ";
    std::string tables;
    std::vector<Row> rows;
    std::map<std::string, std::map<std::string, Pointer>> ranges;  // by key of allocation, by place of row
    for (const Row& network : networks(study)) {
        const std::string& name = network.names.front();
        const std::vector<Row> layers = layers_of(study, network.place);
        const std::vector<ColumnGroup> groups =
            column_groups(study, network.place, network.place / "histograms");
        tables += sums_html(
            study, fmt::format("{}: largest column sum seen in the profile, of the largest possible", name),
            layers, groups, " of ", "largest_possible");
        std::map<std::tuple<std::size_t, std::uint64_t, bool>, std::string> places;
        for (const ColumnGroup& group : groups) {
            const std::string& layer = layers.at(group.layer).names.front();
            rows.push_back({{fmt::format("{}, {}", name, layer), name, layer}, group.place});
            places[{group.layer, group.slice, group.negative}] = group.place.to_string();
        }
        for (const Row& allocation : allocations_of(study, network))
            for (const ColumnGroup& group :
                 column_groups(study, network.place, allocation.place / "certificates"))
                ranges[study.text(allocation.place / "key")].emplace(
                    places[{group.layer, group.slice, group.negative}], group.place / "range");
    }
    if (tables.empty()) return std::nullopt;
    std::vector<Column> columns = {
        name_column("network", 1), name_column("layer", 2), {"", "largest_possible", Measure::exact}};
    for (const auto& [key, places] : ranges)
        columns.emplace_back(kRange + key, by_place(places), Measure::exact);
    return Section{
        "column-sums", "Column sums",
        histograms_html(study, rows, columns, allocation_choice(study, kRange),
                        {{"hint", "Dashed: the largest sum that the chosen allocation's converter holds."},
                         {"counted", "conversions in the profile"}}) +
            tables};
}

std::optional<Section> shared_converters(const Source& study) {
    std::vector<Row> rows;
    for (const Row& network : networks(study))
        for (const Row& row : rows_of(study, network.place / "shared_converters", "allocation"))
            rows.push_back({{network.names.front(), title_of(study, network, row.names.front())}, row.place});
    if (rows.empty()) return std::nullopt;
    const Table table(study,
                      {name_column("network"),
                       name_column("allocation", 1),
                       {"arrays a converter", "arrays_per_adc", Measure::exact},
                       {"bank", "bank", Measure::word},
                       {"converters", "cost/converters"},
                       {"ADC area", "cost/adc_area_mm2", Measure::square_mm},
                       {"latency", "cost/latency_s", Measure::seconds},
                       {"interval", "cost/interval_s", Measure::seconds},
                       {"converters busy", "cost/adc_busy_s", Measure::seconds},
                       {"samples wait", "cost/adc_wait_s", Measure::seconds}},
                      rows);
    return Section{"shared-converters", "Shared converters",
                   table.html("Converters for several arrays, whose time follows their width "
                              "(adc.conversion_time: per-bit)")};
}

/// The converter that a refinement tries; none for a bisection.
std::optional<Pointer> tried_converter(const Source& study, const Pointer& question) {
    if (!study.has(question / "group")) return std::nullopt;
    const Pointer groups = question.parent_pointer().parent_pointer() / "groups";
    const Json& candidate = study.number(question / "candidate");
    for (std::size_t i = 0; i < study.size(groups); ++i)
        if (study.text(groups / i / "name") == study.text(question / "group") &&
            candidate.is_number_unsigned())
            return groups / i / "candidates" / candidate.get<std::size_t>();
    return std::nullopt;
}

/// Questions to the accuracy (bisection and refinement), named by network, answer and the group made
/// narrower.
std::vector<Row> questions_of(const Source& study, const Row& network) {
    std::vector<Row> rows;
    for (const Row& question : rows_of(study, network.place / "search" / "trail", "stage")) {
        if (!study.has(question.place / "correct")) continue;
        const bool tried = tried_converter(study, question.place).has_value();
        rows.push_back(
            {{network.names.front(), study.at(question.place / "kept") == true ? "kept" : "not kept",
              tried ? study.text(question.place / "group") : ""},
             question.place});
    }
    return rows;
}

std::optional<Section> search(const Source& study) {
    const std::vector<Row> searched = networks_with(study, "search");
    if (searched.empty()) return std::nullopt;
    const auto of_tried = [&study](const char* key) {
        return [&study, key](const Row& row) -> std::optional<Pointer> {
            const auto tried = tried_converter(study, row.place);
            if (!tried) return std::nullopt;
            return *tried / key;
        };
    };
    // A file without the images of a question asked about all of them.
    const auto images = [&study](const Row& row) {
        const Pointer own = row.place / "images";
        return study.has(own) ? own : row.place.parent_pointer().parent_pointer() / "images";
    };
    const std::vector<Column> columns = {
        {"stage", "stage", Measure::word},
        name_column("group made narrower", 2).as("group"),
        {"bits", of_tried("bits"), Measure::exact},
        Column("low bits dropped", of_tried("drop"), Measure::exact).as("drop"),
        {"ADC energy", "energy_j", Measure::joule},
        {"right", "correct"},
        Column("of images", images, Measure::none).as("images"),
        name_column("", 1).as("answer"),
        name_column("network").hidden(),
        Column("", "../../required_correct").hidden(),
        Column("", "../../images").as("all_images").hidden()};
    std::vector<Row> all;
    std::string trails;
    for (const Row& network : searched) {
        const std::vector<Row> questions = questions_of(study, network);
        all.insert(all.end(), questions.begin(), questions.end());
        trails += fmt::format("<details><summary>{}: every question and its answer</summary>\n{}</details>\n",
                              escaped(network.names.front()), Table(study, columns, questions).html(""));
    }
    const Table outcome(study,
                        {name_column("network"),
                         {"images", "search/images"},
                         {"right without loss", "search/lossless_correct"},
                         {"right required", "search/required_correct"},
                         {"right with those found", "search/correct"},
                         {"ADC energy of one image", "search/energy_j", Measure::joule}},
                        searched);
    return Section{"search", "Search of the accuracy policy",
                   figure_html("search", Table(study, columns, all).data(),
                               {{"network choice", network_choice(searched)}}) +
                       outcome.html("Held-out images and the allocation found") + trails};
}

}  // namespace
}  // namespace adc_sections

Page adc_study_page(const Source& study) {
    using namespace adc_sections;
    study.require_kind(Pointer("/study"), "adc", 2);
    return page_of(
        study, fmt::format("ADC study on {}", study.text(Pointer("/chip"))),
        fmt::format("A study of Sliver {}. Energies, times and areas are for one image, accuracies "
                    "for the test images.",
                    study.text(Pointer("/version"))),
        {summary, allocations, widths, trade_off, energy, table3, effects, column_sums, shared_converters,
         search, configuration});
}

}  // namespace sliver::report
