#include "model/activation_buffer.h"

#include <algorithm>
#include <utility>

namespace sliver::model {

ActivationBuffer::ActivationBuffer(network::Shape shape, ChannelRange channels,
                                   std::optional<std::size_t> capacity_pixels,
                                   std::vector<std::uint32_t> uses)
    : shape_(shape),
      channels_(channels),
      room_(static_cast<std::size_t>(channels.count), capacity_pixels, std::move(uses)) {}

std::vector<std::int8_t>& ActivationBuffer::values_of(std::uint64_t image) {
    while (images_.size() <= image - first_image_) {
        std::vector<std::int8_t> fresh;
        if (!spare_.empty()) {
            fresh = std::move(spare_.back());
            spare_.pop_back();
        }
        fresh.resize(shape_.pixels() * static_cast<std::size_t>(channels_.count));
        images_.push_back(std::move(fresh));
    }
    return images_[image - first_image_];
}

void ActivationBuffer::write(std::uint64_t image, std::size_t first_pixel, std::size_t pixels,
                             ChannelRange channels, const unsigned char* bytes) {
    const int first = std::max(channels.first, channels_.first);
    const int end = std::min(channels.end(), channels_.end());
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::size_t pixel = first_pixel + i;
        if (bytes != nullptr) {
            std::vector<std::int8_t>& target = values_of(image);
            const unsigned char* values = bytes + i * static_cast<std::size_t>(channels.count);
            for (int channel = first; channel < end; ++channel)
                target[static_cast<std::size_t>(channel - channels_.first) * shape_.pixels() + pixel] =
                    static_cast<std::int8_t>(values[channel - channels.first]);
        }
        room_.arrive(image, pixel, static_cast<std::size_t>(end - first));
    }
    bytes_written_ += pixels * static_cast<std::size_t>(end - first);
    drop_finished();
}

void ActivationBuffer::release(std::uint64_t image, std::size_t pixel) {
    room_.release(image, pixel);
    drop_finished();
}

const std::int8_t* ActivationBuffer::values(std::uint64_t image) const {
    const std::uint64_t place = image - first_image_;
    return place < images_.size() ? images_[place].data() : nullptr;
}

void ActivationBuffer::drop_finished() {
    for (; first_image_ < room_.oldest_image(); ++first_image_) {
        if (images_.empty()) continue;  // a blank one
        spare_.push_back(std::move(images_.front()));
        images_.pop_front();
    }
}

}  // namespace sliver::model
