#include "model/room.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sliver::model {

Room::Room(std::size_t channels, std::optional<std::size_t> capacity, std::vector<std::uint32_t> uses)
    : channels_(channels), capacity_(capacity), uses_(std::move(uses)) {}

std::uint64_t Room::limit() const {
    if (!capacity_) return std::numeric_limits<std::uint64_t>::max();
    return number(base_image_, base_pixel_) + *capacity_;
}

Room::Image& Room::image_at(std::uint64_t image) {
    while (images_.size() <= image - base_image_) {
        Image fresh;
        if (!spare_.empty()) {
            fresh = std::move(spare_.back());
            spare_.pop_back();
        }
        fresh.arrived.assign(uses_.size(), 0);
        fresh.remaining = uses_;
        images_.push_back(std::move(fresh));
    }
    return images_[image - base_image_];
}

void Room::arrive(std::uint64_t image, std::size_t pixel, std::size_t channels) {
    Image& own = image_at(image);
    if (own.arrived[pixel] == 0) peak_ = std::max(peak_, ++resident_);
    own.arrived[pixel] += static_cast<std::uint32_t>(channels);
    if (own.arrived[pixel] < channels_ || own.remaining[pixel] != 0) return;
    --resident_;  // no window of this tile reads it
    advance();
}

bool Room::complete(std::uint64_t image, std::size_t pixel) const {
    if (image < base_image_) return true;
    const std::uint64_t ahead = image - base_image_;
    return ahead < images_.size() && images_[ahead].arrived[pixel] == channels_;
}

void Room::release(std::uint64_t image, std::size_t pixel) {
    if (--image_at(image).remaining[pixel] != 0) return;
    --resident_;
    advance();
}

void Room::reset() {
    for (Image& image : images_) spare_.push_back(std::move(image));
    images_.clear();
    base_image_ = 0;
    base_pixel_ = resident_ = peak_ = 0;
}

void Room::advance() {
    while (!images_.empty()) {
        const Image& oldest = images_.front();
        while (base_pixel_ < uses_.size() && oldest.remaining[base_pixel_] == 0 &&
               oldest.arrived[base_pixel_] == channels_)
            ++base_pixel_;
        if (base_pixel_ < uses_.size()) return;
        spare_.push_back(std::move(images_.front()));
        images_.pop_front();
        ++base_image_;
        base_pixel_ = 0;
    }
}

}  // namespace sliver::model
