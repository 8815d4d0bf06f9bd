#include "model/activation_buffer.h"

#include <algorithm>
#include <utility>

#include "timing/footprint.h"

namespace sliver::model {

ActivationBuffer::ActivationBuffer(network::Shape shape, std::int32_t zero, ChannelRange channels,
                                   std::optional<std::size_t> capacity_pixels,
                                   std::vector<std::uint32_t> uses)
    : shape_(shape),
      zero_(static_cast<std::int8_t>(zero)),
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

void ActivationBuffer::read(std::uint64_t image, const network::Window& window, int output_width,
                            std::size_t number, ChannelRange channels, std::vector<std::int8_t>& bytes) {
    const std::size_t across = static_cast<std::size_t>(output_width);
    const int top = static_cast<int>(number / across) * window.stride_y - window.pad_top;
    const int left = static_cast<int>(number % across) * window.stride_x - window.pad_left;
    const timing::Footprint area = timing::footprint(window, shape_, output_width, number);
    const int first_kx = (area.left - left) / window.dilation_x;
    const int end_kx = area.empty() ? first_kx : (area.right - 1 - left) / window.dilation_x + 1;
    const std::size_t kernel =
        static_cast<std::size_t>(window.kernel_height) * static_cast<std::size_t>(window.kernel_width);
    bytes.assign(static_cast<std::size_t>(channels.count) * kernel, zero_);
    bytes_read_ += bytes.size();
    const std::uint64_t place = image - first_image_;
    if (place >= images_.size()) return;  // nothing of the image is here: a window in the padding only
    const std::int8_t* const values = images_[place].data();
    const std::size_t skipped = static_cast<std::size_t>(channels.first - channels_.first);
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(channels.count); ++channel) {
        const std::int8_t* plane = values + (skipped + channel) * shape_.pixels();
        std::int8_t* rows = bytes.data() + channel * kernel;
        for (int ky = 0; ky < window.kernel_height; ++ky) {
            const int y = top + ky * window.dilation_y;
            if (y < 0 || y >= shape_.height) continue;
            for (int kx = first_kx; kx < end_kx; ++kx)
                rows[ky * window.kernel_width + kx] = plane[y * shape_.width + left + kx * window.dilation_x];
        }
    }
}

bool ActivationBuffer::holds(std::uint64_t image, const MapLayout::Run& run) const {
    if (image < room_.oldest_image()) return false;
    for (std::size_t i = 0; i < run.pixels; ++i)
        if (!room_.complete(image, run.pixel + i)) return false;
    return true;
}

bool ActivationBuffer::peek(std::uint64_t image, const MapLayout::Run& run, unsigned char* bytes) const {
    if (image - first_image_ >= images_.size()) return false;
    const std::vector<std::int8_t>& values = images_[image - first_image_];
    for (std::size_t i = 0; i < run.pixels; ++i)
        for (int channel = run.channels.first; channel < run.channels.end(); ++channel)
            *bytes++ = static_cast<unsigned char>(
                values[static_cast<std::size_t>(channel - channels_.first) * shape_.pixels() + run.pixel +
                       i]);
    return true;
}

bool ActivationBuffer::poke(std::uint64_t image, const MapLayout::Run& run, const unsigned char* bytes) {
    if (image - first_image_ >= images_.size()) return false;
    std::vector<std::int8_t>& values = images_[image - first_image_];
    for (std::size_t i = 0; i < run.pixels; ++i)
        for (int channel = run.channels.first; channel < run.channels.end(); ++channel)
            values[static_cast<std::size_t>(channel - channels_.first) * shape_.pixels() + run.pixel + i] =
                static_cast<std::int8_t>(*bytes++);
    return true;
}

void ActivationBuffer::reset() {
    room_.reset();
    for (std::vector<std::int8_t>& image : images_) spare_.push_back(std::move(image));
    images_.clear();
    first_image_ = 0;
    bytes_written_ = bytes_read_ = 0;
}

void ActivationBuffer::drop_finished() {
    for (; first_image_ < room_.oldest_image(); ++first_image_) {
        if (images_.empty()) continue;  // a blank one
        spare_.push_back(std::move(images_.front()));
        images_.pop_front();
    }
}

}  // namespace sliver::model
