#include "report/adc_study/rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace sliver::report::adc_study {
namespace {

constexpr const char* kPreferred = "accuracy";

}  // namespace

std::vector<NamedPlace> networks(const Source& study) {
    const Pointer list("/networks");
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < study.size(list); ++i)
        places.push_back({study.text(list / i / "name"), list / i});
    sections::tell_apart(places);
    return places;
}

std::vector<NamedPlace> allocations_of(const Source& study, const Pointer& network) {
    const Pointer list = network / "allocations";
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < study.size(list); ++i)
        places.push_back({study.text(list / i / "title"), list / i});
    return places;
}

std::vector<NamedPlace> compared_allocations(const Source& study, const Pointer& network) {
    std::vector<NamedPlace> places;
    for (const char* key : kCompared)
        if (const auto found = allocation(study, network, key)) places.push_back(*found);
    return places;
}

std::optional<NamedPlace> allocation(const Source& study, const Pointer& network, const std::string& key) {
    for (const NamedPlace& candidate : allocations_of(study, network))
        if (study.text(candidate.place / "key") == key) return candidate;
    return std::nullopt;
}

std::vector<NamedPlace> layers_of(const Source& study, const Pointer& network) {
    const Pointer list = network / "layers";
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < study.size(list); ++i) places.push_back({study.text(list / i), list / i});
    sections::tell_apart(places);
    return places;
}

std::size_t most_layers(const Source& study) {
    std::size_t most = 0;
    for (const NamedPlace& network : networks(study))
        most = std::max(most, study.size(network.place / "layers"));
    return most;
}

std::vector<ColumnGroup> column_groups(const Source& study, const Pointer& network, const Pointer& list) {
    const Pointer layers = network / "layers";
    std::vector<ColumnGroup> groups;
    for (std::size_t i = 0; i < study.size(list); ++i) {
        ColumnGroup group = sections::column_group(study, list / i, 0);
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

Json network_choice(const std::vector<NamedPlace>& places) {
    std::vector<Option> options;
    for (const NamedPlace& place : places) options.push_back({place.name, place.name});
    return choice("network", options, options.empty() ? Json(nullptr) : options.front().value);
}

Json allocation_choice(const Source& study) {
    std::vector<Option> options;
    const auto known = [&](const std::string& key) {
        return std::any_of(options.begin(), options.end(),
                           [&](const Option& option) { return option.value == key; });
    };
    for (const NamedPlace& network : networks(study))
        for (const NamedPlace& place : allocations_of(study, network.place)) {
            const std::string& key = study.text(place.place / "key");
            if (!known(key)) options.push_back({key, place.name});
        }
    Json chosen = options.empty() ? Json(nullptr) : options.front().value;
    if (known(kPreferred)) chosen = kPreferred;
    return choice("allocation", options, chosen);
}

Json image_joule_axis() {
    Json axis = sections::joule_axis();
    axis["title"] = "dynamic energy of one image";
    return axis;
}

Json log_joule_axis() {
    Json axis = image_joule_axis();
    axis["labelExpr"] = "test(/^[125]/, format(datum.value, '.0e')) ? format(datum.value, '~s') + 'J' : ''";
    return axis;
}

Json accuracy_axis() {
    return {{"format", "~%"}, {"title", "top-1 accuracy"}};
}

}  // namespace sliver::report::adc_study
