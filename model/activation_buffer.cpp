#include "model/activation_buffer.h"

#include <algorithm>
#include <utility>

namespace sliver::model {

ActivationBuffer::ActivationBuffer(network::Shape shape, ChannelRange channels,
                                   std::optional<std::size_t> capacity_pixels,
                                   std::vector<std::uint16_t> uses)
    : shape_(shape),
      pixels_(static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width)),
      channels_(channels),
      capacity_(capacity_pixels),
      uses_(std::move(uses)) {}

ActivationBuffer::ImageSlot& ActivationBuffer::slot(std::uint64_t image) {
    while (images_.size() <= image - base_image_) {
        ImageSlot fresh;
        if (!spare_.empty()) {
            fresh = std::move(spare_.back());
            spare_.pop_back();
        }
        fresh.values.resize(pixels_ * static_cast<std::size_t>(channels_.count));
        fresh.arrived.assign(pixels_, 0);
        fresh.remaining = uses_;
        fresh.freed = 0;
        images_.push_back(std::move(fresh));
    }
    return images_[image - base_image_];
}

bool ActivationBuffer::admits(std::uint64_t image, std::size_t last_pixel) const {
    if (!capacity_) return true;
    return (image - base_image_) * pixels_ + last_pixel < base_pixel_ + *capacity_;
}

void ActivationBuffer::write(std::uint64_t image, std::size_t first_pixel, std::size_t pixels,
                             ChannelRange channels, const unsigned char* bytes) {
    ImageSlot& target = slot(image);
    const int first = std::max(channels.first, channels_.first);
    const int end = std::min(channels.end(), channels_.end());
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::size_t pixel = first_pixel + i;
        const unsigned char* values = bytes + i * static_cast<std::size_t>(channels.count);
        for (int channel = first; channel < end; ++channel)
            target.values[static_cast<std::size_t>(channel - channels_.first) * pixels_ + pixel] =
                static_cast<std::int8_t>(values[channel - channels.first]);
        if (target.arrived[pixel] == 0) peak_pixels_ = std::max(peak_pixels_, ++resident_);
        target.arrived[pixel] = static_cast<std::uint16_t>(target.arrived[pixel] + (end - first));
        if (target.remaining[pixel] == 0 && target.arrived[pixel] == channels_.count) free_pixel(target);
    }
    bytes_written_ += pixels * static_cast<std::size_t>(end - first);
    advance_base();
}

bool ActivationBuffer::complete(std::uint64_t image, std::size_t pixel) const {
    if (image < base_image_) return true;
    const std::uint64_t ahead = image - base_image_;
    return ahead < images_.size() && images_[ahead].arrived[pixel] == channels_.count;
}

void ActivationBuffer::release(std::uint64_t image, std::size_t pixel) {
    ImageSlot& target = slot(image);
    if (--target.remaining[pixel] == 0) free_pixel(target);
    advance_base();
}

void ActivationBuffer::free_pixel(ImageSlot& target) {
    ++target.freed;
    --resident_;
}

const std::int8_t* ActivationBuffer::values(std::uint64_t image) const {
    const std::uint64_t place = image - base_image_;
    return place < images_.size() ? images_[place].values.data() : nullptr;
}

void ActivationBuffer::advance_base() {
    while (!images_.empty()) {
        const ImageSlot& oldest = images_.front();
        while (base_pixel_ < pixels_ && oldest.remaining[base_pixel_] == 0 &&
               oldest.arrived[base_pixel_] == channels_.count)
            ++base_pixel_;
        if (base_pixel_ < pixels_) return;
        spare_.push_back(std::move(images_.front()));
        images_.pop_front();
        ++base_image_;
        base_pixel_ = 0;
    }
}

}  // namespace sliver::model
