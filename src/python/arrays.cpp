#include "python/arrays.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "base/error.h"

namespace py = pybind11;

namespace sliver::python {
namespace {

std::string shape_text(const py::array& array) {
    std::string text;
    for (py::ssize_t i = 0; i < array.ndim(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ", ", array.shape(i));
    return "(" + text + ")";
}

std::string dtype_text(const py::array& array) {
    return py::str(static_cast<py::handle>(array.dtype()));
}

/// An array of any type; InputError for what is none.
py::array as_array(const char* name, const py::handle& value, const char* wanted) {
    py::array array = py::array::ensure(value);
    if (!array) {
        PyErr_Clear();
        refuse("{}: {}: must be {}", name, std::string(py::str(py::type::handle_of(value).attr("__name__"))),
               wanted);
    }
    return array;
}

void refuse_type(const char* name, const py::array& array, const char* wanted) {
    refuse("{}: dtype {}: must be {}", name, dtype_text(array), wanted);
}

bool is_integer(const py::array& array) {
    const char kind = array.dtype().kind();
    return kind == 'i' || kind == 'u';
}

std::vector<int> label_list(const py::handle& value) {
    const py::array array = as_array("labels", value, "integers, one an image");
    if (!is_integer(array)) refuse_type("labels", array, "an integer type: labels.astype(numpy.int64)");
    if (array.ndim() != 1) refuse("labels: shape {}: must be (images,)", shape_text(array));
    const auto numbers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>::ensure(array);
    std::vector<int> labels;
    for (py::ssize_t i = 0; i < numbers.shape(0); ++i) {
        const std::int64_t label = numbers.at(i);
        if (label < 0 || label > INT32_MAX) refuse("labels: value {} at {}: must be 0 or more", label, i);
        labels.push_back(static_cast<int>(label));
    }
    return labels;
}

}  // namespace

std::shared_ptr<network::ImageSet> image_set(const char* name, const py::handle& images,
                                             const py::handle& labels, const app::LoadedNetwork& loaded,
                                             const network::ImageOptions& preparation) {
    const network::Shape& input = loaded.network.input_shape();
    const std::string wanted =
        fmt::format("float32 (the network's input) or uint8 (pixels) of shape (images, {}, {}, {})",
                    input.channels, input.height, input.width);
    py::array array = as_array(name, images, wanted.c_str());
    const bool reals = array.dtype().kind() == 'f' && array.itemsize() == 4;
    if (!reals && !(array.dtype().kind() == 'u' && array.itemsize() == 1))
        refuse("{}: dtype {}: must be float32 (the network's input) or uint8 (pixels)", name,
               dtype_text(array));
    network::RawImages raw;
    raw.source = name;
    // What the axes mean to this network, and whether one image stands alone, ImageSet says.
    const py::ssize_t first = array.ndim() == 1 ? 0 : 1;
    raw.dims.assign(array.shape(), array.shape() + array.ndim());
    raw.files = 1;
    const py::ssize_t axes = array.ndim() - first;
    const auto side = [&](py::ssize_t axis) {
        const py::ssize_t length = array.shape(first + axis);
        if (length > network::kMostPadding * 64)
            refuse("{}: shape {}: must be {}", name, shape_text(array), wanted);
        return static_cast<int>(length);
    };
    if (axes == 3)
        raw.shape = {side(0), side(1), side(2)};
    else if (axes == 2)
        raw.shape = {1, side(0), side(1)};
    else if (axes == 1)
        raw.shape = {side(0), 1, 1};
    else
        refuse("{}: shape {}: must be {}", name, shape_text(array), wanted);
    raw.count = first == 0 ? 1 : static_cast<std::size_t>(array.shape(0));
    if (raw.count == 0 || raw.shape.size() == 0)
        refuse("{}: shape {}: holds no image", name, shape_text(array));
    const auto values = static_cast<std::size_t>(array.size());
    if (reals) {
        const auto whole = py::array_t<float, py::array::c_style | py::array::forcecast>::ensure(array);
        raw.reals.assign(whole.data(), whole.data() + values);
        for (std::size_t i = 0; i < values; ++i)
            if (!std::isfinite(raw.reals[i]))
                refuse("{}: value {} in image {}: must be finite", name, raw.reals[i], i / raw.shape.size());
    } else {
        const auto whole =
            py::array_t<std::uint8_t, py::array::c_style | py::array::forcecast>::ensure(array);
        raw.bytes.assign(whole.data(), whole.data() + values);
    }
    if (!labels.is_none()) raw.labels = label_list(labels);
    return std::make_shared<network::ImageSet>(std::move(raw), input, loaded.network.classes(), preparation);
}

std::vector<std::int32_t> integers(const char* name, const py::handle& value, std::size_t& rows,
                                   std::size_t columns, std::int64_t lowest, std::int64_t highest) {
    const py::array array = as_array(name, value, "integers of shape (rows, columns)");
    if (!is_integer(array)) refuse_type(name, array, "an integer type");
    if (array.ndim() != 2 || (columns != 0 && static_cast<std::size_t>(array.shape(1)) != columns))
        refuse("{}: shape {}: must be (rows, {})", name, shape_text(array),
               columns == 0 ? "columns" : std::to_string(columns));
    rows = static_cast<std::size_t>(array.shape(0));
    const auto whole = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>::ensure(array);
    std::vector<std::int32_t> result(static_cast<std::size_t>(array.size()));
    const std::int64_t* data = whole.data();
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (data[i] < lowest || data[i] > highest)
            refuse("{}: value {} in row {}: must be from {} to {}", name, data[i],
                   i / static_cast<std::size_t>(array.shape(1)), lowest, highest);
        result[i] = static_cast<std::int32_t>(data[i]);
    }
    return result;
}

}  // namespace sliver::python
