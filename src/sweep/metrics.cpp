#include "sweep/metrics.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "config/nearest_name.h"
#include "config/quantity.h"

namespace sliver::sweep {
namespace {

using Json = nlohmann::json;
using Value = std::optional<double>;

double total(const Json& stats, const char* key) {
    return stats.at("totals").at(key).get<double>();
}

double images(const Json& stats) {
    return stats.at("run").at("image_count").get<double>();
}

double energy_j(const Json& stats) {
    return total(stats, "energy_per_image_j");
}

/// None where it is not known: the interval between images did not settle.
Value total_or_none(const Json& stats, const char* key) {
    const Json& value = stats.at("totals").at(key);
    return value.is_null() ? Value() : Value(value.get<double>());
}

Value static_j(const Json& stats) {
    return total_or_none(stats, "static_energy_per_image_j");
}

double component(const Json& stats, const char* name, const char* key) {
    for (const Json& entry : stats.at("components"))
        if (entry.at("name") == name) return entry.at(key).get<double>();
    return 0;
}

double layers_seconds(const Json& stats, const char* key) {
    double femtoseconds = 0;
    for (const Json& layer : stats.at("layers")) femtoseconds += layer.at(key).get<double>();
    return femtoseconds * 1e-15 / images(stats);
}

/// Tiles that hold nothing have an area, too: what is left when they are not built.
double area_in_use(const Json& stats) {
    const double tables = component(stats, "index_table", "area_mm2");
    const double tiles = total(stats, "area_mm2") - component(stats, "host_link", "area_mm2") - tables;
    const double used = total(stats, "tiles") / stats.at("inventory").at("tiles").get<double>();
    return tiles * used + tables;
}

/// Mean over conversions of the used columns: what the chip's converters had to be on average.
double mean_bits(const Json& stats) {
    double bits = 0, conversions = 0;
    for (const Json& layer : stats.at("layers")) {
        const Json& by_width = layer.at("actions").at("conversions_used");
        for (std::size_t width = 0; width < by_width.size(); ++width) {
            bits += static_cast<double>(width) * by_width[width].get<double>();
            conversions += by_width[width].get<double>();
        }
    }
    return conversions > 0 ? bits / conversions : 0;
}

const std::vector<Metric> kMetrics = {
    {"energy_per_image_j", "J", "dynamic energy of one image", Better::less,
     [](const Json& s) -> Value { return energy_j(s); }},
    {"adc_energy_per_image_j", "J", "of it, the converters'", Better::less,
     [](const Json& s) -> Value { return component(s, "adc", "energy_j") / images(s); }},
    {"array_energy_per_image_j", "J", "of it, the crossbars' and their drivers'", Better::less,
     [](const Json& s) -> Value {
         return (component(s, "crossbar", "energy_j") + component(s, "dac", "energy_j")) / images(s);
     }},
    {"static_energy_per_image_j", "J", "static power over the interval between images", Better::less,
     [](const Json& s) -> Value { return static_j(s); }},
    {"all_energy_per_image_j", "J", "dynamic and static energy", Better::less,
     [](const Json& s) -> Value {
         const Value still = static_j(s);
         return still ? Value(energy_j(s) + *still) : Value();
     }},
    {"latency_s", "s", "an image in an empty chip, from its first row to its last logit", Better::less,
     [](const Json& s) -> Value { return total(s, "latency_s"); }},
    {"interval_s", "s", "between images of a stream; none where it did not settle", Better::less,
     [](const Json& s) -> Value { return total_or_none(s, "interval_s"); }},
    {"latency_streaming_s", "s", "mean latency of an image in a stream", Better::less,
     [](const Json& s) -> Value { return total_or_none(s, "latency_streaming_s"); }},
    {"energy_delay_js", "J s", "energy_per_image_j times latency_s", Better::less,
     [](const Json& s) -> Value { return energy_j(s) * total(s, "latency_s"); }},
    {"stalled_input_s", "s", "crossbar stages free but without inputs, summed over the parts of layers",
     Better::less, [](const Json& s) -> Value { return layers_seconds(s, "waited_input_fs"); }},
    {"stalled_output_s", "s", "crossbar stages held back by full queues and buffers, likewise", Better::less,
     [](const Json& s) -> Value { return layers_seconds(s, "waited_output_fs"); }},
    {"adc_wait_s", "s", "samples held until their converter is free, summed over bursts", Better::less,
     [](const Json& s) -> Value { return layers_seconds(s, "adc_wait_fs"); }},
    {"area_mm2", "mm2", "whole chip, dark tiles too", Better::less,
     [](const Json& s) -> Value { return total(s, "area_mm2"); }},
    {"area_in_use_mm2", "mm2", "tiles in use, without host links", Better::less,
     [](const Json& s) -> Value { return area_in_use(s); }},
    {"power_w", "W", "dynamic and static, in a stream of images", Better::less,
     [](const Json& s) -> Value { return total(s, "power_w"); }},
    {"top1", "", "share of the classified images that were right; none without labels", Better::more,
     [](const Json& s) -> Value {
         const Json& accuracy = s.at("accuracy");
         return accuracy.is_null() ? Value() : Value(accuracy.at("top1").get<double>());
     }},
    {"adc_bits_mean", "bit", "width of the converters, mean over conversions", Better::less,
     [](const Json& s) -> Value { return mean_bits(s); }},
    {"clipped_share", "", "conversions that were cut", Better::less,
     [](const Json& s) -> Value {
         const double used = total(s, "conversions_used");
         return used > 0 ? total(s, "clipped") / used : 0;
     }},
    {"crossbars", "", "arrays in use", Better::less,
     [](const Json& s) -> Value { return total(s, "crossbars"); }},
    {"tiles", "", "tiles in use", Better::less, [](const Json& s) -> Value { return total(s, "tiles"); }},
    {"reads", "", "array reads of one image", Better::less,
     [](const Json& s) -> Value { return total(s, "reads") / images(s); }},
    {"conversions_used", "", "conversions of one image", Better::less,
     [](const Json& s) -> Value { return total(s, "conversions_used") / images(s); }},
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// `text` in the metric's unit: a plain number, or a quantity where the unit has a dimension.
std::optional<double> bound_of(std::string_view text, const Metric& metric) {
    if (const auto plain = config::parse_number(text)) return plain;
    if (metric.unit == "s") return config::parse_quantity(text, config::Dimension::time);
    if (metric.unit == "J") return config::parse_quantity(text, config::Dimension::energy);
    // "90 mm2": the unit itself.
    const std::size_t blank = text.rfind(' ');
    if (blank != std::string_view::npos && !metric.unit.empty() && text.substr(blank + 1) == metric.unit)
        return config::parse_number(trimmed(text.substr(0, blank)));
    return std::nullopt;
}

}  // namespace

const std::vector<Metric>& metrics() {
    return kMetrics;
}

std::size_t place_of(const Metric& metric) {
    return static_cast<std::size_t>(&metric - kMetrics.data());
}

const Metric* find_metric(std::string_view name) {
    for (const Metric& metric : kMetrics)
        if (metric.name == name) return &metric;
    return nullptr;
}

const Metric& require_metric(const std::string& where, std::string_view name) {
    if (const Metric* metric = find_metric(name)) return *metric;
    std::vector<std::string> names;
    for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
    const std::string nearest = config::nearest_name(name, names);
    refuse("{}: {}: no such metric{}", where, shown_text(name),
           nearest.empty() ? "; sliver list metrics has them" : ": did you mean " + nearest + "?");
}

bool Constraint::holds(double value) const {
    switch (comparison) {
        case Comparison::below:
            return value < bound;
        case Comparison::at_most:
            return value <= bound;
        case Comparison::above:
            return value > bound;
        case Comparison::at_least:
            break;
    }
    return value >= bound;
}

Objective parse_objective(std::string_view text, const std::string& where) {
    const std::string_view all = trimmed(text);
    const std::size_t blank = all.find(' ');
    const std::string_view word = blank == std::string_view::npos ? "" : all.substr(0, blank);
    if (blank != std::string_view::npos && word != "min" && word != "max")
        refuse("{}: objective '{}': must be METRIC, min METRIC or max METRIC", where, shown_text(all));
    const Metric& metric =
        require_metric(where, blank == std::string_view::npos ? all : trimmed(all.substr(blank)));
    Objective objective{&metric, metric.better};
    if (!word.empty()) objective.better = word == "min" ? Better::less : Better::more;
    return objective;
}

Constraint parse_constraint(std::string_view text, const std::string& where) {
    const std::string_view all = trimmed(text);
    const std::size_t sign = all.find_first_of("<>");
    if (sign == std::string_view::npos || sign == 0)
        refuse("{}: constraint '{}': must be METRIC < NUMBER, or with <=, > or >=", where, shown_text(all));
    const bool equal = sign + 1 < all.size() && all[sign + 1] == '=';
    Constraint constraint;
    constraint.metric = &require_metric(where, trimmed(all.substr(0, sign)));
    constraint.comparison = all[sign] == '<' ? (equal ? Comparison::at_most : Comparison::below)
                                             : (equal ? Comparison::at_least : Comparison::above);
    const std::string_view number = trimmed(all.substr(sign + (equal ? 2 : 1)));
    const std::optional<double> bound = bound_of(number, *constraint.metric);
    if (!bound)
        refuse(
            "{}: constraint '{}': value '{}': must be a number{}", where, shown_text(all), shown_text(number),
            constraint.metric->unit.empty() ? std::string()
                                            : fmt::format(", in {} or with a unit", constraint.metric->unit));
    constraint.bound = *bound;
    constraint.text = std::string(all);
    return constraint;
}

}  // namespace sliver::sweep
