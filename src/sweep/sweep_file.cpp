#include "sweep/sweep_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "config/chip_config_loader.h"
#include "config/nearest_name.h"
#include "config/quantity.h"
#include "config/yaml_document.h"

namespace sliver::sweep {
namespace {

using config::YamlEntry;
using config::YamlNode;
using Kind = config::YamlNode::Kind;

constexpr std::uint64_t kMostSteps = 100'000;  ///< of one range: more is a slip
/// Of all axes together, each counted once a key that it sets: what a file of a megabyte may make us hold.
constexpr std::size_t kMostAssignments = 1'000'000;
constexpr double kLargestWhole = 9007199254740992.0;  ///< 2^53: up to it every whole number is a double
constexpr std::size_t kMostObjectives = 4;

bool is_setting(std::string_view key) {
    return std::find(kSettings.begin(), kSettings.end(), key) != kSettings.end();
}

void require_key(const std::string& where, const std::string& key) {
    if (is_setting(key) || config::is_chip_key(key)) return;
    std::vector<std::string> names(kSettings.begin(), kSettings.end());
    for (const config::KeyDoc& doc : config::chip_key_docs()) names.push_back(doc.key);
    const std::string nearest = config::nearest_name(key, names);
    refuse("{}: {}: unknown key{}", where, shown_text(key),
           nearest.empty() ? "; sliver list keys has those of a chip, docs/sweeps.md the others"
                           : ": did you mean " + nearest + "?");
}

/// The node as text that reads as the same node, in one line.
std::string flow_text(const YamlNode& node) {
    switch (node.kind) {
        case Kind::nothing:
            refuse("{}: a value is missing", node.where);
        case Kind::scalar:
            return node.text;
        case Kind::list: {
            std::string text;
            for (const YamlNode& item : node.items) text += (text.empty() ? "" : ", ") + flow_text(item);
            return "[" + text + "]";
        }
        case Kind::map:
            break;
    }
    std::string text;
    for (const YamlEntry& entry : node.entries)
        text += (text.empty() ? "" : ", ") + entry.key + ": " + flow_text(entry.value);
    return "{" + text + "}";
}

const YamlNode& scalar(const YamlNode& node, std::string_view what) {
    if (node.kind != Kind::scalar)
        refuse("{}: {}: value {}: must be a word or a number", node.where, what, node.shown());
    return node;
}

void require_map(const YamlNode& node, std::string_view what) {
    if (node.kind != Kind::map) refuse("{}: {}: value {}: must be a mapping", node.where, what, node.shown());
}

void require_known(const YamlNode& map, std::string_view what, const std::vector<std::string>& known) {
    for (const YamlEntry& entry : map.entries) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
        const std::string nearest = config::nearest_name(entry.key, known);
        std::string all;
        for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
        refuse("{}: {}{}: unknown key{}", entry.where, what, shown_text(entry.key),
               nearest.empty() ? "; there are: " + all : ": did you mean " + nearest + "?");
    }
}

std::uint64_t whole(const YamlNode& node, std::string_view what, std::int64_t lowest, std::int64_t highest) {
    const auto number = config::parse_integer(scalar(node, what).text);
    if (!number || *number < lowest || *number > highest)
        refuse("{}: {}: value {}: must be a whole number from {} to {}", node.where, what, node.shown(),
               lowest, highest);
    return static_cast<std::uint64_t>(*number);
}

/// "50 ns" taken apart; whole: written without point and exponent.
struct Measure {
    double value = 0;
    bool whole = false;
    std::string unit;
};

Measure measure(const YamlNode& node, std::string_view what) {
    const std::string& text = scalar(node, what).text;
    const std::size_t end = std::min(text.find_first_not_of("0123456789.-+eE"), text.size());
    const std::string number = text.substr(0, end);
    const auto value = config::parse_number(number);
    if (!value)
        refuse("{}: {}: value {}: must be a number, with a unit where its key has one", node.where, what,
               node.shown());
    Measure made{*value, number.find_first_of(".eE") == std::string::npos, {}};
    if (made.whole && std::fabs(made.value) > kLargestWhole)
        refuse("{}: {}: value {}: must be at most 2^53 where it is a whole number", node.where, what,
               node.shown());
    const std::size_t unit = text.find_first_not_of(' ', end);
    if (unit != std::string::npos) made.unit = text.substr(unit);
    return made;
}

/// Twelve digits are more than anyone writes and fewer than rounding spoils: 0.1 * 3 is 0.3.
std::string number_text(double value, bool whole_number) {
    if (whole_number) return fmt::format("{}", std::llround(value));
    double rounded = value;
    if (const auto parsed = config::parse_number(fmt::format("{:.12g}", value))) rounded = *parsed;
    return config::format_number(rounded);
}

AxisValue plain_value(const std::vector<std::string>& keys, const std::string& text,
                      const std::string& where) {
    AxisValue value{text, {}, where};
    for (const std::string& key : keys) value.set.push_back({key, text, where});
    return value;
}

AxisValue mapped_value(const YamlNode& node) {
    AxisValue value;
    value.where = node.where;
    for (const YamlEntry& entry : node.entries) {
        if (entry.key == "label") {
            value.label = scalar(entry.value, "label").text;
            continue;
        }
        require_key(entry.where, entry.key);
        value.set.push_back({entry.key, flow_text(entry.value), entry.value.where});
    }
    if (value.set.empty()) refuse("{}: a mapping of an axis must set a key", node.where);
    if (value.label.empty())
        for (const Assignment& assignment : value.set)
            value.label += (value.label.empty() ? "" : ", ") + assignment.key + "=" + assignment.value;
    return value;
}

std::vector<double> stepped(const YamlNode& node, const Measure& from, const Measure& to) {
    const YamlEntry *step = node.find("step"), *times = node.find("times"), *count = node.find("count");
    std::vector<double> values;
    const auto take = [&](const std::function<double(std::uint64_t)>& at) {
        // A last step that misses the end by rounding alone still reaches it.
        const double last = to.value * (1 + (to.value > 0 ? 1e-9 : -1e-9));
        for (std::uint64_t i = 0; at(i) <= last; ++i) {
            if (i == kMostSteps) refuse("{}: more than {} steps", node.where, kMostSteps);
            values.push_back(at(i));
        }
    };
    if (step != nullptr) {
        const Measure by = measure(step->value, "step");
        if (by.unit != from.unit || by.value <= 0)
            refuse("{}: step: value {}: must be above 0, in the unit of from and to", step->where,
                   step->value.shown());
        take([&](std::uint64_t i) { return from.value + static_cast<double>(i) * by.value; });
    } else if (times != nullptr) {
        const Measure by = measure(times->value, "times");
        if (!by.unit.empty() || by.value <= 1 || from.value <= 0)
            refuse("{}: times: value {}: must be a factor above 1, and from above 0", times->where,
                   times->value.shown());
        take([&](std::uint64_t i) { return from.value * std::pow(by.value, static_cast<double>(i)); });
    } else {
        const std::uint64_t n = whole(count->value, "count", 2, kMostSteps);
        const YamlEntry* scale = node.find("scale");
        const bool logarithmic = scale != nullptr && scale->value.text == "log";
        for (std::uint64_t i = 0; i < n; ++i) {
            const double share = static_cast<double>(i) / static_cast<double>(n - 1);
            values.push_back(logarithmic ? from.value * std::pow(to.value / from.value, share)
                                         : from.value + share * (to.value - from.value));
        }
    }
    return values;
}

/// Adds a value to an axis; `room`: what all axes together may still set.
void add_value(Axis& axis, AxisValue value, std::size_t& room) {
    if (value.set.size() > room)
        refuse("{}: {}: the axes set more than {} values in all", axis.where, shown_text(axis.name),
               kMostAssignments);
    room -= value.set.size();
    axis.values.push_back(std::move(value));
}

void read_range(const YamlNode& node, Axis& axis, std::size_t& room) {
    require_known(node, axis.name + ".", {"from", "to", "step", "times", "count", "scale"});
    const YamlEntry *from = node.find("from"), *to = node.find("to");
    if (from == nullptr || to == nullptr)
        refuse("{}: {}: a range needs from and to", node.where, shown_text(axis.name));
    const Measure low = measure(from->value, "from"), high = measure(to->value, "to");
    if (low.unit != high.unit)
        refuse("{}: {}: from is in '{}', to in '{}': must be one unit", node.where, shown_text(axis.name),
               shown_text(low.unit), shown_text(high.unit));
    if (low.value >= high.value) refuse("{}: {}: from must be below to", node.where, shown_text(axis.name));
    int ways = 0;
    for (const char* way : {"step", "times", "count"}) ways += node.find(way) == nullptr ? 0 : 1;
    if (ways > 1)
        refuse("{}: {}: one of step, times and count, not several", node.where, shown_text(axis.name));
    const YamlEntry* scale = node.find("scale");
    if (scale != nullptr && scale->value.text != "linear" && scale->value.text != "log")
        refuse("{}: scale: value {}: must be linear or log", scale->where, scale->value.shown());
    if (scale != nullptr && (node.find("step") != nullptr || node.find("times") != nullptr))
        refuse("{}: scale: only with count, or where values are sampled", scale->where);
    const bool logarithmic = scale != nullptr && scale->value.text == "log";
    if (logarithmic && low.value <= 0) refuse("{}: scale: log: from must be above 0", scale->where);
    const YamlEntry* step = node.find("step");
    const bool whole_numbers =
        low.whole && high.whole && (step == nullptr || measure(step->value, "step").whole);
    if (ways == 0) {
        axis.range = ContinuousRange{low.value, high.value, whole_numbers, logarithmic, low.unit};
        return;
    }
    std::set<std::string> seen;
    for (const double value : stepped(node, low, high)) {
        if (!std::isfinite(value))
            refuse("{}: {}: its values become infinite", node.where, shown_text(axis.name));
        const std::string text = number_text(value, whole_numbers) + (low.unit.empty() ? "" : " " + low.unit);
        if (!seen.insert(text).second)
            refuse("{}: {}: gives {} twice: fewer values, or ends with a decimal point", node.where,
                   shown_text(axis.name), shown_text(text));
        add_value(axis, plain_value(axis.keys, text, node.where), room);
    }
}

std::vector<std::string> keys_of(const std::string& name) {
    std::vector<std::string> keys;
    for (std::size_t first = 0; first <= name.size();) {
        const std::size_t end = std::min(name.find(',', first), name.size());
        std::string key = name.substr(first, end - first);
        key.erase(0, key.find_first_not_of(' '));
        key.erase(key.find_last_not_of(' ') + 1);
        keys.push_back(std::move(key));
        first = end + 1;
    }
    return keys;
}

Axis read_axis(const YamlEntry& entry, std::size_t& room) {
    Axis axis;
    axis.name = entry.key;
    axis.where = entry.where;
    const YamlNode& node = entry.value;
    const bool mapped =
        node.kind == Kind::list && !node.items.empty() && node.items.front().kind == Kind::map;
    if (!mapped) {
        axis.keys = keys_of(entry.key);
        for (const std::string& key : axis.keys) require_key(entry.where, key);
    }
    if (node.kind == Kind::map) {
        read_range(node, axis, room);
    } else if (node.kind == Kind::list) {
        std::set<std::string> labels;
        for (const YamlNode& item : node.items) {
            if ((item.kind == Kind::map) != mapped)
                refuse("{}: {}: mappings and plain values in one axis", item.where, shown_text(axis.name));
            add_value(axis, mapped ? mapped_value(item) : plain_value(axis.keys, flow_text(item), item.where),
                      room);
            if (!labels.insert(axis.values.back().label).second)
                refuse("{}: {}: value {} is there twice", item.where, shown_text(axis.name),
                       shown_text(axis.values.back().label));
        }
    } else {
        refuse("{}: {}: value {}: must be a list of values or a range {{from: A, to: B, step: C}}",
               node.where, shown_text(axis.name), node.shown());
    }
    if (axis.values.empty() && !axis.range)
        refuse("{}: {}: no values: the space is empty", entry.where, shown_text(axis.name));
    return axis;
}

void read_sample(const YamlNode& node, SweepFile& file) {
    require_map(node, "sample");
    require_known(node, "sample.", {"kind", "points", "seed"});
    const YamlEntry *kind = node.find("kind"), *points = node.find("points"), *seed = node.find("seed");
    if (kind == nullptr) refuse("{}: sample: needs a kind: grid, random or latin-hypercube", node.where);
    if (kind->value.text == "grid") {
        if (points != nullptr || seed != nullptr)
            refuse("{}: sample: a grid takes every point: leave out points and seed", node.where);
        return;
    }
    if (kind->value.text != "random" && kind->value.text != "latin-hypercube")
        refuse("{}: sample.kind: value {}: must be grid, random or latin-hypercube", kind->value.where,
               kind->value.shown());
    file.sampling = kind->value.text == "random" ? Sampling::random : Sampling::latin_hypercube;
    if (points == nullptr) refuse("{}: sample: needs the number of points", node.where);
    file.samples = whole(points->value, "sample.points", 1, 100'000'000);
    if (seed != nullptr) file.sample_seed = whole(seed->value, "sample.seed", 0, INT64_MAX);
}

/// Keys that were assigned, and where; chip keys may also be in each other's way ("adc.layer_widths" and an
/// entry of it).
class AssignedKeys {
  public:
    void add(const std::string& key, const std::string& where) {
        // The setting `adc` is not the section of adc.law.
        if (is_setting(key)) return take(settings_, key, where);
        const auto inside = keys_.lower_bound(key + ".");
        if (inside != keys_.end() && inside->first.compare(0, key.size() + 1, key + ".") == 0)
            refuse_twice(key, where, inside->second);
        for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1))
            if (const auto outside = keys_.find(key.substr(0, dot)); outside != keys_.end())
                refuse_twice(key, where, outside->second);
        take(keys_, key, where);
    }

  private:
    using Places = std::map<std::string, std::string>;
    [[noreturn]] static void refuse_twice(const std::string& key, const std::string& where,
                                          const std::string& first) {
        refuse("{}: {}: given twice, first at {}", where, shown_text(key), first);
    }
    static void take(Places& places, const std::string& key, const std::string& where) {
        const auto [place, added] = places.emplace(key, where);
        if (!added) refuse_twice(key, where, place->second);
    }

    Places settings_, keys_;
};

void check_assigned_once(const SweepFile& file) {
    AssignedKeys seen;
    for (const Assignment& assignment : file.fixed) seen.add(assignment.key, assignment.where);
    for (const Axis& axis : file.axes) {
        std::set<std::string> keys(axis.keys.begin(), axis.keys.end());
        for (const AxisValue& value : axis.values)
            for (const Assignment& assignment : value.set) keys.insert(assignment.key);
        for (const std::string& key : keys) seen.add(key, axis.where);
    }
}

void read_baseline(const YamlNode& node, SweepFile& file) {
    require_map(node, "baseline");
    for (const Axis& axis : file.axes) {
        const YamlEntry* entry = node.find(axis.name);
        if (entry == nullptr) refuse("{}: baseline: has no value for {}", node.where, shown_text(axis.name));
        const std::string label = flow_text(entry->value);
        const bool known = std::any_of(axis.values.begin(), axis.values.end(),
                                       [&](const AxisValue& value) { return value.label == label; });
        if (axis.range)
            refuse("{}: baseline: {} is a range: give it a list or steps to name one of its values",
                   entry->value.where, shown_text(axis.name));
        if (!known)
            refuse("{}: baseline: {}: value {}: is none of the axis", entry->value.where,
                   shown_text(axis.name), shown_text(label));
        file.baseline.push_back(label);
    }
    std::set<std::string_view> names;
    for (const Axis& axis : file.axes) names.insert(axis.name);
    for (const YamlEntry& entry : node.entries)
        if (names.count(entry.key) == 0)
            refuse("{}: baseline: {}: no such axis", entry.where, shown_text(entry.key));
}

void read_scenarios(const YamlNode& node, SweepFile& file) {
    if (node.kind != Kind::list)
        refuse("{}: scenarios: value {}: must be a list of axes", node.where, node.shown());
    std::map<std::string_view, Axis*> axes;
    for (Axis& axis : file.axes) axes.emplace(axis.name, &axis);
    std::size_t named = 0;
    for (const YamlNode& item : node.items) {
        const auto found = axes.find(item.text);
        Axis* const axis = found == axes.end() ? nullptr : found->second;
        if (axis == nullptr) refuse("{}: scenarios: {}: no such axis", item.where, item.shown());
        if (axis->range)
            refuse(
                "{}: scenarios: {} is a range: points compete only at equal values, give it steps or a list",
                item.where, shown_text(axis->name));
        if (std::exchange(axis->scenario, true))
            refuse("{}: scenarios: {} is there twice", item.where, shown_text(axis->name));
        ++named;
    }
    if (named == file.axes.size()) refuse("{}: scenarios: an axis must be left to choose from", node.where);
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

}  // namespace

AxisValue Axis::at(double share) const {
    if (!range) {
        const auto count = static_cast<double>(values.size());
        return values[std::min(values.size() - 1, static_cast<std::size_t>(share * count))];
    }
    // Whole numbers have equal shares each, the last one too.
    const double high = range->to + (range->whole ? 1 : 0);
    double value = range->logarithmic ? range->from * std::pow(high / range->from, share)
                                      : range->from + share * (high - range->from);
    if (range->whole) value = std::min(std::floor(value), range->to);
    // Four digits: labels stay readable, and nobody builds a fifth.
    else if (const auto rounded = config::parse_number(fmt::format("{:.4g}", value)))
        value = *rounded;
    return plain_value(
        keys, number_text(value, range->whole) + (range->unit.empty() ? "" : " " + range->unit), where);
}

SweepFile parse_sweep(std::string_view text, const std::string& filename) {
    const YamlNode root = config::parse_yaml(text, filename);
    if (root.kind != Kind::map)
        refuse("{}: value {}: a sweep file is a mapping of keys, such as `name: adc-sharing`", root.where,
               root.shown());
    require_known(
        root, "",
        {"name", "summary", "fixed", "axes", "scenarios", "sample", "constraints", "objectives", "baseline"});
    const auto need = [&](const char* key) -> const YamlNode& {
        const YamlEntry* entry = root.find(key);
        if (entry == nullptr) refuse("{}: {}: missing", root.where, key);
        return entry->value;
    };
    SweepFile file;
    file.name = scalar(need("name"), "name").text;
    if (!is_name(file.name))
        refuse(
            "{}: name: value {}: must be a name: lower-case letters, digits, '.', '_' and '-', a letter "
            "first",
            need("name").where, need("name").shown());
    if (const YamlEntry* summary = root.find("summary"))
        file.summary = scalar(summary->value, "summary").text;
    if (const YamlEntry* fixed = root.find("fixed")) {
        require_map(fixed->value, "fixed");
        for (const YamlEntry& entry : fixed->value.entries) {
            require_key(entry.where, entry.key);
            file.fixed.push_back({entry.key, flow_text(entry.value), entry.value.where});
        }
    }
    require_map(need("axes"), "axes");
    std::size_t room = kMostAssignments;
    for (const YamlEntry& entry : need("axes").entries) file.axes.push_back(read_axis(entry, room));
    if (file.axes.empty()) refuse("{}: axes: nothing varies: the space is empty", need("axes").where);
    check_assigned_once(file);
    for (const char* key : {"chip", "network"}) {
        const auto sets = [&](const Assignment& assignment) { return assignment.key == key; };
        bool given = std::any_of(file.fixed.begin(), file.fixed.end(), sets);
        for (const Axis& axis : file.axes)
            given = given || std::find(axis.keys.begin(), axis.keys.end(), key) != axis.keys.end() ||
                    (!axis.values.empty() &&
                     std::all_of(axis.values.begin(), axis.values.end(), [&](const AxisValue& value) {
                         return std::any_of(value.set.begin(), value.set.end(), sets);
                     }));
        if (!given) refuse("{}: {}: missing: give it under fixed or as an axis", root.where, key);
    }
    if (const YamlEntry* scenarios = root.find("scenarios")) read_scenarios(scenarios->value, file);
    if (const YamlEntry* sample = root.find("sample")) read_sample(sample->value, file);
    if (file.sampling == Sampling::grid)
        for (const Axis& axis : file.axes)
            if (axis.range)
                refuse("{}: {}: a grid needs steps: add step, times or count, or sample the space",
                       axis.where, shown_text(axis.name));
    const YamlNode& wanted = need("objectives");
    if (wanted.kind != Kind::list || wanted.items.empty() || wanted.items.size() > kMostObjectives)
        refuse("{}: objectives: value {}: must be a list of 1 to {} metrics", wanted.where, wanted.shown(),
               kMostObjectives);
    for (const YamlNode& item : wanted.items) {
        file.objectives.push_back(parse_objective(scalar(item, "objectives").text, item.where));
        for (std::size_t i = 0; i + 1 < file.objectives.size(); ++i)
            if (file.objectives[i].metric == file.objectives.back().metric)
                refuse("{}: objectives: {} is there twice", item.where, file.objectives.back().metric->name);
    }
    if (const YamlEntry* constraints = root.find("constraints")) {
        if (constraints->value.kind != Kind::list)
            refuse("{}: constraints: value {}: must be a list", constraints->value.where,
                   constraints->value.shown());
        for (const YamlNode& item : constraints->value.items)
            file.constraints.push_back(parse_constraint(scalar(item, "constraints").text, item.where));
    }
    if (const YamlEntry* baseline = root.find("baseline")) read_baseline(baseline->value, file);
    return file;
}

}  // namespace sliver::sweep
