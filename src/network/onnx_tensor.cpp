#include "network/onnx_tensor.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/text.h"
#include "network/onnx_external.h"

namespace sliver::network {

namespace {

using onnx::TensorProto;

std::size_t bytes_each(int type) {
    switch (type) {
        case TensorProto::BOOL:
        case TensorProto::INT8:
        case TensorProto::UINT8:
            return 1;
        case TensorProto::FLOAT16:
        case TensorProto::INT16:
        case TensorProto::UINT16:
            return 2;
        case TensorProto::FLOAT:
        case TensorProto::INT32:
        case TensorProto::UINT32:
            return 4;
        case TensorProto::DOUBLE:
        case TensorProto::INT64:
            return 8;
        default:
            return 0;
    }
}

float half_to_float(std::uint16_t half) {
    const int exponent = (half >> 10) & 0x1F, fraction = half & 0x3FF;
    float value = 0;
    if (exponent == 0x1F)
        value =
            fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    else if (exponent == 0)
        value = std::ldexp(static_cast<float>(fraction), -24);
    else
        value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    return (half & 0x8000) != 0 ? -value : value;
}

// ONNX raw data are little endian, and so is every machine this program is built for.
template <typename T>
T load(std::string_view raw, std::size_t index) {
    T value;
    std::memcpy(&value, raw.data() + index * sizeof(T), sizeof(T));
    return value;
}

float raw_real(int type, std::string_view raw, std::size_t i) {
    if (type == TensorProto::FLOAT) return load<float>(raw, i);
    if (type == TensorProto::DOUBLE) return static_cast<float>(load<double>(raw, i));
    return half_to_float(load<std::uint16_t>(raw, i));
}

std::int64_t raw_integer(int type, std::string_view raw, std::size_t i) {
    switch (type) {
        case TensorProto::INT8:
            return load<std::int8_t>(raw, i);
        case TensorProto::INT16:
            return load<std::int16_t>(raw, i);
        case TensorProto::UINT16:
            return load<std::uint16_t>(raw, i);
        case TensorProto::INT32:
            return load<std::int32_t>(raw, i);
        case TensorProto::UINT32:
            return load<std::uint32_t>(raw, i);
        case TensorProto::INT64:
            return load<std::int64_t>(raw, i);
        default:
            return load<std::uint8_t>(raw, i);  // BOOL, UINT8
    }
}

/// Entries in the typed field that ONNX prescribes for `type`.
int typed_count(const TensorProto& proto) {
    switch (proto.data_type()) {
        case TensorProto::FLOAT:
            return proto.float_data_size();
        case TensorProto::DOUBLE:
            return proto.double_data_size();
        case TensorProto::INT64:
            return proto.int64_data_size();
        case TensorProto::UINT32:
            return proto.uint64_data_size();
        default:
            return proto.int32_data_size();
    }
}

float typed_real(const TensorProto& proto, int i) {
    if (proto.data_type() == TensorProto::FLOAT) return proto.float_data(i);
    if (proto.data_type() == TensorProto::DOUBLE) return static_cast<float>(proto.double_data(i));
    return half_to_float(static_cast<std::uint16_t>(proto.int32_data(i)));
}

std::int64_t typed_integer(const TensorProto& proto, int i) {
    if (proto.data_type() == TensorProto::INT64) return proto.int64_data(i);
    if (proto.data_type() == TensorProto::UINT32) return static_cast<std::int64_t>(proto.uint64_data(i));
    return proto.int32_data(i);
}

bool is_real_type(int type) {
    return type == TensorProto::FLOAT || type == TensorProto::DOUBLE || type == TensorProto::FLOAT16;
}

/// Values the dimensions promise. The cap keeps the product from overflowing; the file's bytes are compared
/// with it next.
std::uint64_t promised_count(const TensorProto& proto, const std::string& label, const std::string& file) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 31;
    std::uint64_t count = 1;
    for (const std::int64_t dim : proto.dims()) {
        if (dim < 0) refuse("{}: tensor '{}' has the negative dimension {}", file, label, dim);
        const auto extent = static_cast<std::uint64_t>(dim);
        if (extent > kMost || (extent != 0 && count > kMost / extent))
            refuse("{}: tensor '{}' claims more than 2^31 values", file, label);
        count *= extent;
    }
    return count;
}

}  // namespace

bool Tensor::is_real() const {
    return is_real_type(type);
}

std::string describe(const std::vector<std::int64_t>& dims) {
    if (dims.empty()) return "scalar";
    constexpr std::size_t kMostShown = 8;
    std::string text;
    for (std::size_t i = 0; i < dims.size() && i < kMostShown; ++i)
        text += (text.empty() ? "" : "x") + std::to_string(dims[i]);
    if (dims.size() > kMostShown) text += fmt::format("x... ({} dimensions)", dims.size());
    return text;
}

Tensor read_tensor(const TensorProto& proto, const std::string& file, ExternalData* external) {
    const std::string label = printable(proto.name());
    const bool outside = proto.data_location() == TensorProto::EXTERNAL || proto.external_data_size() != 0;
    if (outside && external == nullptr)
        refuse("{}: tensor '{}' keeps its data in another file, which is not read here", file, label);
    Tensor tensor;
    tensor.type = proto.data_type();
    const std::size_t width = bytes_each(tensor.type);
    if (width == 0)
        refuse("{}: tensor '{}' has element type {}, which is not read", file, label,
               printable(TensorProto::DataType_Name(static_cast<TensorProto::DataType>(tensor.type))));
    if (static_cast<std::size_t>(proto.dims_size()) > kMostDimensions)
        refuse("{}: tensor '{}' has {} dimensions; at most {} are supported", file, label, proto.dims_size(),
               kMostDimensions);
    tensor.dims.assign(proto.dims().begin(), proto.dims().end());
    const std::uint64_t count = promised_count(proto, label, file);
    const bool raw = outside || proto.has_raw_data();
    const std::string_view bytes =
        outside ? external->bytes_of(proto, count * width, file) : std::string_view(proto.raw_data());
    const std::uint64_t present = raw ? bytes.size() : static_cast<std::uint64_t>(typed_count(proto));
    if (present != count * (raw ? width : 1))
        refuse("{}: tensor '{}' of {} should hold {} {}, but holds {}", file, label, describe(tensor.dims),
               count * (raw ? width : 1), raw ? "bytes" : "values", present);
    const auto size = static_cast<std::size_t>(count);
    if (tensor.is_real()) {
        tensor.reals.resize(size);
        for (std::size_t i = 0; i < size; ++i) {
            tensor.reals[i] = raw ? raw_real(tensor.type, bytes, i) : typed_real(proto, static_cast<int>(i));
            if (!std::isfinite(tensor.reals[i]))
                refuse("{}: tensor '{}' holds {} at index {}; weights must be finite", file, label,
                       std::isnan(tensor.reals[i]) ? "NaN" : "infinity", i);
        }
    } else {
        tensor.integers.resize(size);
        for (std::size_t i = 0; i < size; ++i)
            tensor.integers[i] =
                raw ? raw_integer(tensor.type, bytes, i) : typed_integer(proto, static_cast<int>(i));
    }
    return tensor;
}

}  // namespace sliver::network
