#include "network/npy.h"

#include <array>
#include <cstring>
#include <stdexcept>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"

namespace sliver::network {

namespace {

struct TypeRow {
    const char* code;
    NpyType type;
    std::size_t width;
};
constexpr std::array<TypeRow, 7> kTypes{{{"<f4", NpyType::float32, 4},
                                         {"<f8", NpyType::float64, 8},
                                         {"|u1", NpyType::uint8, 1},
                                         {"|i1", NpyType::int8, 1},
                                         {"<i2", NpyType::int16, 2},
                                         {"<i4", NpyType::int32, 4},
                                         {"<i8", NpyType::int64, 8}}};

const TypeRow& row_of(NpyType type) {
    for (const TypeRow& row : kTypes)
        if (row.type == type) return row;
    throw std::logic_error("an unknown .npy type");
}

template <typename T>
T load(const std::string& bytes, std::size_t index) {
    T value;
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

/// The dictionary in the header of a .npy file: a Python literal with three keys, in any order.
class Header {
  public:
    Header(const std::string& text, const std::string& source) : text_(text), source_(source) {}

    void read(NpyArray& array) {
        expect('{');
        bool has_type = false, has_order = false, has_shape = false;
        while (peek() != '}') {
            const std::string key = quoted();
            expect(':');
            if (key == "descr") {
                read_type(array);
                has_type = true;
            } else if (key == "fortran_order") {
                read_order();
                has_order = true;
            } else if (key == "shape") {
                read_shape(array);
                has_shape = true;
            } else {
                fail();
            }
            if (peek() == ',') ++at_;
        }
        if (!has_type || !has_order || !has_shape) fail();
    }

  private:
    [[noreturn]] void fail() const { refuse("{}: the .npy header is damaged", source_); }

    char peek() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
        if (at_ == text_.size()) fail();
        return text_[at_];
    }
    void expect(char letter) {
        if (peek() != letter) fail();
        ++at_;
    }
    std::string quoted() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') fail();
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string::npos) fail();
        std::string word = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return word;
    }
    void read_type(NpyArray& array) {
        if (peek() == '[') refuse("{}: holds records; a plain array of numbers is wanted", source_);
        const std::string code = quoted();
        for (const TypeRow& row : kTypes)
            if (code == row.code) {
                array.type = row.type;
                return;
            }
        if (!code.empty() && code[0] == '>')
            refuse("{}: is big endian ({}); little endian is wanted", source_, printable(code));
        refuse("{}: holds type {}; float32, float64, uint8 and int8 to int64 are read", source_,
               printable(code));
    }
    void read_order() {
        peek();
        if (text_.compare(at_, 4, "True") == 0)
            refuse("{}: is in Fortran order; save it with numpy.ascontiguousarray", source_);
        if (text_.compare(at_, 5, "False") != 0) fail();
        at_ += 5;
    }
    void read_shape(NpyArray& array) {
        constexpr std::size_t kMostDimensions = 64;  // NumPy's own limit
        expect('(');
        array.shape.clear();
        while (peek() != ')') {
            std::size_t extent = 0;
            if (text_[at_] < '0' || text_[at_] > '9') fail();
            for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
                extent = extent * 10 + static_cast<std::size_t>(text_[at_] - '0');
                if (extent > (std::size_t{1} << 40))
                    refuse("{}: the .npy header claims an impossible size", source_);
            }
            array.shape.push_back(extent);
            if (array.shape.size() > kMostDimensions)
                refuse("{}: the .npy header has more than {} dimensions", source_, kMostDimensions);
            if (peek() == ',') ++at_;
        }
        ++at_;
    }

    const std::string& text_;
    const std::string& source_;
    std::size_t at_ = 0;
};

std::string with_header(NpyType type, const std::vector<std::size_t>& shape, const void* data,
                        std::size_t count) {
    std::size_t wanted = 1;
    std::string extents;
    for (const std::size_t extent : shape) {
        wanted *= extent;
        extents += std::to_string(extent) + ", ";
    }
    if (wanted != count) throw std::invalid_argument("the shape of a .npy array does not fit its values");
    if (shape.size() > 1) extents.resize(extents.size() - 2);  // NumPy writes (2, 3), but (6,)
    if (shape.size() == 1) extents.resize(extents.size() - 1);
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", row_of(type).code, extents);
    constexpr std::size_t kPreamble = 10, kAlignment = 64;
    header.append(kAlignment - 1 - (kPreamble + header.size()) % kAlignment, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 0xFF);
    bytes += static_cast<char>(header.size() >> 8);
    bytes += header;
    if (count != 0) bytes.append(static_cast<const char*>(data), count * row_of(type).width);
    return bytes;
}

}  // namespace

std::size_t NpyArray::size() const {
    return bytes.size() / row_of(type).width;
}

std::int64_t NpyArray::integer(std::size_t i) const {
    switch (type) {
        case NpyType::uint8:
            return load<std::uint8_t>(bytes, i);
        case NpyType::int8:
            return load<std::int8_t>(bytes, i);
        case NpyType::int16:
            return load<std::int16_t>(bytes, i);
        case NpyType::int32:
            return load<std::int32_t>(bytes, i);
        case NpyType::int64:
            return load<std::int64_t>(bytes, i);
        default:
            throw std::logic_error("integers are asked of a float .npy array");
    }
}

float NpyArray::real(std::size_t i) const {
    if (type == NpyType::float32) return load<float>(bytes, i);
    if (type == NpyType::float64) return static_cast<float>(load<double>(bytes, i));
    return static_cast<float>(integer(i));
}

double NpyArray::number(std::size_t i) const {
    if (type == NpyType::float32) return double{load<float>(bytes, i)};
    if (type == NpyType::float64) return load<double>(bytes, i);
    return static_cast<double>(integer(i));
}

NpyArray parse_npy(const std::string& bytes, const std::string& source) {
    if (bytes.size() < 10 || bytes.compare(0, 6, "\x93NUMPY") != 0)
        refuse("{}: is not a .npy file, or is cut short ({} bytes)", source, bytes.size());
    const int version = bytes[6];
    if (version < 1 || version > 3) refuse("{}: .npy format {} is not known", source, version);
    const std::size_t preamble = version == 1 ? 10 : 12;
    if (bytes.size() < preamble) refuse("{}: the .npy header is cut short", source);
    const std::size_t length = version == 1 ? load<std::uint16_t>(bytes.substr(8, 2), 0)
                                            : load<std::uint32_t>(bytes.substr(8, 4), 0);
    if (bytes.size() - preamble < length) refuse("{}: the .npy header is cut short", source);
    NpyArray array;
    const std::string text = bytes.substr(preamble, length);
    Header(text, source).read(array);
    const std::size_t present = bytes.size() - preamble - length;
    std::size_t wanted = row_of(array.type).width;
    for (const std::size_t extent : array.shape) {
        // Beyond the file's own size the product needs no exact value; this also keeps it from overflowing.
        wanted = extent != 0 && wanted > present / extent + 1 ? present + 1 : wanted * extent;
        if (extent == 0) break;
    }
    if (wanted != present) {
        std::string shape;
        for (const std::size_t extent : array.shape)
            shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
        refuse("{}: the header promises {} values of shape ({}), but {} bytes follow", source,
               row_of(array.type).code, shape, present);
    }
    array.bytes = bytes.substr(preamble + length);
    return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
    return parse_npy(read_unpacked(path, kDataFile), path.string());
}

std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<float>& values) {
    return with_header(NpyType::float32, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<double>& values) {
    return with_header(NpyType::float64, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<std::int64_t>& values) {
    return with_header(NpyType::int64, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<std::int32_t>& values) {
    return with_header(NpyType::int32, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<std::int16_t>& values) {
    return with_header(NpyType::int16, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<std::int8_t>& values) {
    return with_header(NpyType::int8, shape, values.data(), values.size());
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<std::uint8_t>& values) {
    return with_header(NpyType::uint8, shape, values.data(), values.size());
}

}  // namespace sliver::network
