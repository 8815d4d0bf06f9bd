#include "estimate/window_times.h"

#include <algorithm>

namespace sliver::estimate {
namespace {

using network::NodeId;
using network::NodeKind;
using Map = std::vector<std::uint64_t>;  ///< by pixel: when all its channels are there

/// Of the pixels that `reads` visits; 0: none.
template <typename Reads>
std::uint64_t latest(const Map& map, const Reads& reads) {
    std::uint64_t time = 0;
    reads([&](std::size_t pixel) { time = std::max(time, map[pixel]); });
    return time;
}

class Recurrence {
  public:
    Recurrence(const MappedNetwork& mapped, const config::ChipConfig& chip,
               const std::vector<LayerPace>& paces, const Delays& delays, std::uint64_t row_fs)
        : mapped_(mapped),
          network_(mapped.network()),
          pipelined_(chip.pipeline.pipelined),
          paces_(paces),
          delays_(delays),
          row_fs_(row_fs),
          maps_(network_.nodes.size()) {
        for (const LayerPace& pace : paces) free_at_.emplace_back(static_cast<std::size_t>(pace.copies), 0);
    }

    /// Times of the next image; the first one's go to `layers`.
    std::uint64_t take_image(std::size_t image, std::vector<LayerTimes>* layers) {
        std::size_t layer = 0;
        image_ = image;
        for (NodeId id = 0; id < network_.nodes.size(); ++id) {
            switch (network_.nodes[id].kind) {
                case NodeKind::input:
                    take_rows();
                    break;
                case NodeKind::flatten:
                    break;
                case NodeKind::matrix: {
                    LayerTimes unused;
                    take_layer(layer, layers == nullptr ? unused : (*layers)[layer]);
                    ++layer;
                    break;
                }
                default:
                    take_pixels(id);
            }
        }
        const Map& logits = maps_[mapping::look_through_flatten(network_, network_.nodes.size() - 1)];
        return *std::max_element(logits.begin(), logits.end());
    }

  private:
    [[nodiscard]] NodeId source(NodeId id, std::size_t input) const {
        return mapping::look_through_flatten(network_, network_.nodes[id].inputs[input]);
    }

    void take_rows() {
        const network::Shape& shape = network_.nodes.front().shape;
        maps_.front().clear();
        for (int y = 0; y < shape.height; ++y) {
            host_fs_ += row_fs_;
            maps_.front().insert(maps_.front().end(), static_cast<std::size_t>(shape.width), host_fs_);
        }
    }

    void take_layer(std::size_t number, LayerTimes& times) {
        const MappedLayer& layer = mapped_.layers()[number];
        const LayerPace& pace = paces_[number];
        const Map& input = maps_[layer.source];
        const network::Shape& map = network_.nodes[layer.source].shape;
        const std::uint64_t delay = delays_[layer.node].front();
        const std::uint64_t whole = pipelined_ ? 0 : *std::max_element(input.begin(), input.end());
        Map& output = maps_[layer.node];
        output.resize(layer.footprints.size());
        times.first_start_fs = ~std::uint64_t{0};
        for (std::size_t window = 0; window < output.size(); ++window) {
            const std::uint64_t there =
                pipelined_
                    ? latest(input,
                             [&](const auto& visit) { layer.footprints[window].for_pixels(map, visit); })
                    : whole;
            std::uint64_t& free = free_at_[number][window % static_cast<std::size_t>(pace.copies)];
            const std::uint64_t start = std::max(there + delay, free);
            const auto& varying = pace.occupied_by_window_fs;
            free = start + (varying.empty() ? pace.occupied_fs : varying[image_ % varying.size()][window]);
            output[window] = free + pace.rest_fs;
            times.first_start_fs = std::min(times.first_start_fs, start);
            times.last_start_fs = std::max(times.last_start_fs, start);
            times.done_fs = std::max(times.done_fs, output[window]);
        }
    }

    /// A digital node passes a pixel on with the last of its operands, and none before the one in front of
    /// it. One that needs no operand begins with its image.
    void take_pixels(NodeId id) {
        Map& output = maps_[id];
        output.assign(network_.nodes[id].shape.pixels(), 0);
        for (std::size_t input = 0; input < network_.nodes[id].inputs.size(); ++input) {
            const Map& map = maps_[source(id, input)];
            const timing::MapReads& reads = mapped_.reads(id)[input];
            const std::uint64_t begin = *std::min_element(map.begin(), map.end());
            for (std::size_t pixel = 0; pixel < output.size(); ++pixel) {
                const std::uint64_t there =
                    latest(map, [&](const auto& visit) { reads.for_pixels(pixel, visit); });
                output[pixel] = std::max(output[pixel], std::max(begin, there) + delays_[id][input]);
            }
        }
        for (std::size_t pixel = 1; pixel < output.size(); ++pixel)
            output[pixel] = std::max(output[pixel], output[pixel - 1]);
    }

    const MappedNetwork& mapped_;
    const network::QuantisedNetwork& network_;
    bool pipelined_;
    const std::vector<LayerPace>& paces_;
    const Delays& delays_;
    std::uint64_t row_fs_, host_fs_ = 0;
    std::size_t image_ = 0;
    std::vector<Map> maps_;
    std::vector<std::vector<std::uint64_t>> free_at_;  ///< by layer and copy
};

}  // namespace

WindowTimes window_times(const MappedNetwork& mapped, const config::ChipConfig& chip,
                         const std::vector<LayerPace>& paces, const Delays& delays, std::uint64_t row_fs,
                         std::size_t images) {
    WindowTimes times;
    times.layers.resize(paces.size());
    Recurrence recurrence(mapped, chip, paces, delays, row_fs);
    for (std::size_t image = 0; image < images; ++image)
        times.completed_fs.push_back(recurrence.take_image(image, image == 0 ? &times.layers : nullptr));
    return times;
}

}  // namespace sliver::estimate
