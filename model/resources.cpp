// Chip::resources(): what works for images one after the other, and what it did with its time.
#include <algorithm>
#include <string>
#include <vector>

#include "model/chip.h"
#include "model/kernel_time.h"

namespace sliver::model {
namespace {

constexpr std::size_t kBusiest = 10;

struct TimeUse {
    sc_core::sc_time busy, stalled, idle;
};

TimeUse use_of(const Server& server) {
    return {server.busy(), sc_core::SC_ZERO_TIME, server.idle(sc_core::sc_time_stamp())};
}

results::ResourceRecord record_of(const char* kind, const std::string& name, const TimeUse& use) {
    return {kind, name, 0, femtoseconds(use.busy), femtoseconds(use.stalled), femtoseconds(use.idle)};
}

/// The busiest resource of a kind and layer.
class Busiest {
  public:
    Busiest(const char* kind, const std::string& layer) : resource_{kind, layer, 0, 0, 0, 0} {}

    /// `about`: what it is called behind the layer's name. Both are asked only where it is the busiest so
    /// far.
    template <typename Use, typename About>
    void see(const sc_core::sc_time& busy, const Use& use, const About& about) {
        if (femtoseconds(busy) <= resource_.busy_fs) return;
        resource_ = record_of(resource_.kind.c_str(), resource_.name, use());
        about_ = about();
    }
    void add_to(std::vector<results::ResourceRecord>& resources) {
        if (resource_.busy_fs == 0) return;
        resource_.name += ", " + about_;
        resources.push_back(resource_);
    }

  private:
    results::ResourceRecord resource_;
    std::string about_;
};

/// A part's arrays: idle until its inputs are there, and when it has no window left; stalled while a window
/// waits for the bus or for a place. They are seen one cycle early, as their windows are (Tile::drive).
TimeUse use_of(const Tile::Fragment& fragment, const sc_core::sc_time& cycle) {
    const Tile::FragmentCounters& counters = fragment.counters;
    const sc_core::sc_time left = sc_core::sc_time_stamp() - (fragment.stage_free_at - cycle);
    return {counters.busy, later(counters.waited_bus, counters.waited_output),
            later(counters.waited_input, left)};
}

/// A converter never stalls: what it has made has a place in the adders.
TimeUse use_of_converter(const sc_core::sc_time& busy) {
    return {busy, sc_core::SC_ZERO_TIME, sc_core::sc_time_stamp() - busy};
}

}  // namespace

std::vector<results::ResourceRecord> Chip::resources(std::uint64_t images) const {
    std::vector<results::ResourceRecord> resources;
    const sc_core::sc_time cycle = chip_timing(chip_).cycle;
    for (std::size_t layer = 0; layer < plan_.layers.size(); ++layer) {
        const std::string& name = plan_.mapping->layers[LayerIndex(layer)].name;
        Busiest stage("array stage", name), converter("converter", name), bus("tile bus", name),
            port("eDRAM port", name), finisher("post-processor", name);
        const mapping::LayerPlacement& placement = plan_.placement->layers[LayerIndex(layer)];
        for (std::size_t i = 0; i < placement.tiles; ++i) {
            const Tile& tile = *tiles_[placement.first_tile + i];
            std::string on_tile = "tile " + std::to_string(placement.first_tile + i);
            const auto see = [&](Busiest& busiest, const Server& server) {
                busiest.see(
                    server.busy(), [&] { return use_of(server); }, [&] { return on_tile; });
            };
            see(bus, tile.bus().server());
            see(port, tile.buffer_port());
            see(finisher, tile.finisher());
            for (const Tile::Fragment& fragment : tile.fragments()) {
                const auto copy = [&] {
                    return "copy " + std::to_string(fragment.plan.copy.value()) + " on " + on_tile;
                };
                stage.see(
                    fragment.counters.busy, [&] { return use_of(fragment, cycle); }, copy);
                for (const auto& pe : fragment.pes) {
                    const sc_core::sc_time busy = pe->busiest_converter();
                    converter.see(
                        busy, [&] { return use_of_converter(busy); }, copy);
                }
            }
        }
        for (Busiest* busiest : {&stage, &converter, &bus, &port, &finisher}) busiest->add_to(resources);
    }
    for (const Interconnect::LinkUse& link : interconnect_->busiest_links(kBusiest))
        resources.push_back(record_of("mesh link", link.name, {link.busy, sc_core::SC_ZERO_TIME, link.idle}));
    TimeUse rows_in = use_of(host_->link().in.server);
    rows_in.stalled = host_->stalled();
    rows_in.idle -= rows_in.stalled;
    for (const auto& [direction, use] :
         {std::pair{"rows in", rows_in}, {"logits out", use_of(host_->link().out.server)}})
        if (use.busy != sc_core::SC_ZERO_TIME) resources.push_back(record_of("host link", direction, use));
    std::stable_sort(resources.begin(), resources.end(),
                     [](const auto& a, const auto& b) { return a.busy_fs > b.busy_fs; });
    resources.resize(std::min(resources.size(), kBusiest));
    for (results::ResourceRecord& resource : resources) resource.need_fs = resource.busy_fs / images;
    return resources;
}

}  // namespace sliver::model
