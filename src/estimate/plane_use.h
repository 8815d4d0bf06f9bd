// Which reads of a layer's windows drive a row: what a zero detector (skip.zero_planes) lets through.
//
// Rows that several arrays share are looked at once. Exact for the images of the activity, whose maps must
// have been kept (activity.h), as long as no conversion is cut or rounded. Called by closed_form.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimate/activity.h"
#include "mapping/layer_mapping.h"

namespace sliver::estimate {

class PlaneUse {
  public:
    /// `parts`: reads that an input digit takes, by crossbar; null: one each.
    PlaneUse(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer,
             const IndexedVector<CrossbarIndex, int>* parts, const Activity& activity);

    [[nodiscard]] std::size_t images() const { return images_; }
    /// Parts of crossbar `crossbar` that plane `plane` of the window drives.
    [[nodiscard]] int driven_parts(std::size_t crossbar, std::size_t image, std::size_t window,
                                   std::size_t plane) const;
    /// Over all images, windows, planes and parts of the crossbar.
    struct Reads {
        std::uint64_t made = 0, skipped = 0;
        std::uint64_t rows = 0;  ///< of the reads made
        std::uint64_t part_checks =
            0;  ///< of parts of planes that drive the array; none where it is read whole
    };
    [[nodiscard]] Reads reads(std::size_t crossbar) const;

  private:
    /// Rows that are read together, and by window (of all images) which planes drive one of them.
    struct Group {
        std::vector<int> rows;  ///< of the layer's matrix
        std::vector<std::uint8_t> planes;
    };

    std::size_t images_, windows_, planes_;
    std::vector<Group> groups_;
    std::vector<std::vector<std::size_t>> parts_;  ///< by crossbar, by part
};

}  // namespace sliver::estimate
