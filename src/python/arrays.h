// numpy arrays into what the library takes, checked, and back without copies.
//
// Errors are InputErrors that name the argument, what is wrong with it and the cure.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/loaded_network.h"
#include "network/images.h"

namespace sliver::python {

/// Images of shape (count, channels, height, width), (count, values) or one image without the first axis:
/// float32 is the network's input as it stands, uint8 are pixels that are padded and normalised as
/// `preparation` says. `labels`: None or integers, one an image.
std::shared_ptr<network::ImageSet> image_set(const char* name, const pybind11::handle& images,
                                             const pybind11::handle& labels, const app::LoadedNetwork& loaded,
                                             const network::ImageOptions& preparation);

/// Integers of shape (rows, columns) within [lowest, highest].
std::vector<std::int32_t> integers(const char* name, const pybind11::handle& value, std::size_t& rows,
                                   std::size_t columns, std::int64_t lowest, std::int64_t highest);

/// The array owns `values`: nothing is copied.
template <typename T>
pybind11::array_t<T> array_of(std::vector<T>&& values, std::vector<pybind11::ssize_t> shape) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    T* data = owner->data();
    const pybind11::capsule free(owner.release(),
                                 [](void* kept) { delete static_cast<std::vector<T>*>(kept); });
    return pybind11::array_t<T>(std::move(shape), data, free);
}

}  // namespace sliver::python
