#include "results/timeline_record.h"

#include <algorithm>

#include "base/error.h"
#include "config/nearest_name.h"

namespace sliver::results {

const EventKindText& text_of(EventKind kind) {
    static const std::array<EventKindText, 13> texts = {{
        {"window", true, true, {}},
        {"waits for input", true, true, {}},
        {"waits for output queue", true, true, {}},
        {"waits for bus", true, true, {}},
        {"waits for buffer", false, false, {"bytes"}},
        {"finish", true, true, {"block"}},
        {"read", true, true, {"plane", "reads"}},
        {"convert", true, true, {"plane", "part", "crossbar", "bits"}},
        {"packet", false, false, {"flits", "to_port", "waited_fs"}},
        {"image", true, false, {}},
        {"row", true, false, {"row", "bytes"}},
        {"logits", false, false, {"bytes"}},
        {"buffer", false, false, {"bytes"}},
    }};
    return texts.at(static_cast<std::size_t>(kind));
}

void check_layers(const TimelineRequest& request, const std::vector<std::string>& names, const char* option) {
    for (const std::string& layer : request.layers) {
        if (std::find(names.begin(), names.end(), layer) != names.end()) continue;
        const std::string nearest = config::nearest_name(layer, names);
        if (!nearest.empty()) refuse("{}: layer {} does not exist; did you mean {}?", option, layer, nearest);
        std::string known;
        for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
        refuse("{}: layer {} does not exist; there are {}", option, layer, known);
    }
}

}  // namespace sliver::results
