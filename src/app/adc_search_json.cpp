#include "app/adc_search_json.h"

#include <nlohmann/json.hpp>

namespace sliver::app {

nlohmann::ordered_json search_json(const AccuracyAllocation& allocation) {
    using Json = nlohmann::ordered_json;
    Json trail = Json::array();
    for (const TrailStep& step : allocation.search.trail) {
        Json entry = {{"stage", step.stage}, {"energy_j", step.energy_j}};
        if (step.stage == "sensitivity") {
            entry["group"] = step.group;
            entry["candidate"] = step.candidate;
            entry["distortion"] = step.distortion;
        } else {
            if (!step.group.empty()) {
                entry["group"] = step.group;
                entry["candidate"] = step.candidate;
            }
            entry["correct"] = step.answer.correct;
            entry["images"] = step.answer.images;
            entry["kept"] = step.kept;
        }
        trail.push_back(std::move(entry));
    }
    Json groups = Json::array();
    for (std::size_t i = 0; i < allocation.groups.size(); ++i) {
        const SearchGroup& group = allocation.groups[i];
        Json candidates = Json::array();
        for (const SearchCandidate& candidate : group.candidates)
            candidates.push_back({{"bits", candidate.converters.front().bits},
                                  {"drop", candidate.converters.front().drop},
                                  {"energy_j", candidate.energy_j}});
        groups.push_back({{"name", group.name},
                          {"chosen", allocation.search.choice[i]},
                          {"candidates", std::move(candidates)}});
    }
    return {{"images", allocation.images},
            {"lossless_correct", allocation.lossless_correct},
            {"required_correct", allocation.required},
            {"correct", allocation.search.correct},
            {"energy_j", allocation.search.energy_j},
            {"groups", std::move(groups)},
            {"trail", std::move(trail)}};
}

std::string search_json_text(const AccuracyAllocation& allocation) {
    return search_json(allocation).dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
}

}  // namespace sliver::app
