// NumPy .npy files: reading (format 1 to 3; C order, little endian) and writing (format 1.0).
//
// Sizes in a header are compared with the bytes that follow before anything is allocated. Called by the image
// loaders, the tests and the program (logits, exported networks, crossbars).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sliver::network {

enum class NpyType { float32, float64, uint8, int8, int16, int32, int64 };

struct NpyArray {
    NpyType type = NpyType::float32;
    std::vector<std::size_t> shape;
    std::string bytes;  ///< the values, little endian, C order

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool is_real() const { return type == NpyType::float32 || type == NpyType::float64; }
    /// Value i; float64 is rounded to float, integers are converted.
    [[nodiscard]] float real(std::size_t i) const;
    /// Value i of any type, without rounding but for integers beyond 2^53.
    [[nodiscard]] double number(std::size_t i) const;
    /// Value i of an integer type; std::logic_error for a float type.
    [[nodiscard]] std::int64_t integer(std::size_t i) const;
};

/// InputError for a file that is no .npy, is cut short, in Fortran order, big endian or of a type not listed
/// above.
[[nodiscard]] NpyArray read_npy(const std::filesystem::path& path);
/// The same from bytes; `source` names them in messages.
[[nodiscard]] NpyArray parse_npy(const std::string& bytes, const std::string& source);

/// The bytes of a .npy file. The product of `shape` must be the number of values (std::invalid_argument).
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<float>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, const std::vector<double>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape,
                                    const std::vector<std::int64_t>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape,
                                    const std::vector<std::int32_t>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape,
                                    const std::vector<std::int16_t>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape,
                                    const std::vector<std::int8_t>& values);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape,
                                    const std::vector<std::uint8_t>& values);

}  // namespace sliver::network
