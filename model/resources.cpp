// Chip::resources(): what an image needs of whatever works for images one after the other.
#include <algorithm>
#include <string>
#include <vector>

#include "model/chip.h"

namespace sliver::model {
namespace {

constexpr std::size_t kBusiest = 10;

/// The busiest resource of a kind and layer.
class Busiest {
  public:
    Busiest(const char* kind, const std::string& layer) : resource_{kind, layer, 0} {}

    /// `about`: what it is called behind the layer's name; asked only where it is the busiest so far.
    template <typename About>
    void see(const sc_core::sc_time& busy, const About& about) {
        if (busy.value() <= resource_.need_fs) return;
        resource_.need_fs = busy.value();
        about_ = about();
    }
    void add_to(std::vector<results::ResourceRecord>& resources) {
        if (resource_.need_fs == 0) return;
        resource_.name += ", " + about_;
        resources.push_back(resource_);
    }

  private:
    results::ResourceRecord resource_;
    std::string about_;
};

}  // namespace

std::vector<results::ResourceRecord> Chip::resources(std::uint64_t images) const {
    std::vector<results::ResourceRecord> resources;
    for (std::size_t layer = 0; layer < plan_.layers.size(); ++layer) {
        const std::string& name = plan_.mapping->layers[LayerIndex(layer)].name;
        Busiest stage("array stage", name), converter("converter", name), bus("tile bus", name);
        const mapping::LayerPlacement& placement = plan_.placement->layers[LayerIndex(layer)];
        for (std::size_t i = 0; i < placement.tiles; ++i) {
            const Tile& tile = *tiles_[placement.first_tile + i];
            std::string on_tile = "tile " + std::to_string(placement.first_tile + i);
            bus.see(tile.bus().busy(), [&] { return on_tile; });
            for (const Tile::Fragment& fragment : tile.fragments()) {
                const auto copy = [&] {
                    return "copy " + std::to_string(fragment.plan.copy.value()) + " on " + on_tile;
                };
                stage.see(fragment.counters.busy, copy);
                for (const auto& pe : fragment.pes) converter.see(pe->busiest_converter(), copy);
            }
        }
        for (Busiest* busiest : {&stage, &converter, &bus}) busiest->add_to(resources);
    }
    for (const Mesh::LinkUse& link : mesh_->busiest_links(kBusiest))
        resources.push_back({"mesh link", link.name, link.busy.value()});
    const Host::Counters& host = host_->counters();
    for (const auto& [direction, busy] : {std::pair{"rows in", host.in_busy}, {"logits out", host.out_busy}})
        if (busy.value() != 0) resources.push_back({"host link", direction, busy.value()});
    std::stable_sort(resources.begin(), resources.end(),
                     [](const auto& a, const auto& b) { return a.need_fs > b.need_fs; });
    resources.resize(std::min(resources.size(), kBusiest));
    for (results::ResourceRecord& resource : resources) resource.need_fs /= images;
    return resources;
}

}  // namespace sliver::model
