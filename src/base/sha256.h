// SHA-256 (FIPS 180-4), for naming what went into a run: the network's file, the resolved configuration, the
// images.
//
// Identification only, no secrets. Called by the program; the digest of a file equals that of sha256sum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sliver {

class Sha256 {
  public:
    void update(std::string_view bytes);
    /// kSha256Digits lower-case hexadecimal digits. Ends the computation.
    [[nodiscard]] std::string finish();

  private:
    static constexpr std::size_t kBlock = 64;
    void compress(const unsigned char* block);

    std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, kBlock> pending_{};
    std::size_t pending_bytes_ = 0;
    std::uint64_t bytes_ = 0;
};

inline constexpr std::size_t kSha256Digits = 64;

std::string sha256(std::string_view bytes);

/// A line of the lists that `sha256sum -c` reads: "DIGEST  NAME".
struct Sha256Line {
    std::string digest, name;
};
[[nodiscard]] std::string to_text(const Sha256Line& line);  ///< with its end of line
/// `line` without its end; nothing where it is no such line.
[[nodiscard]] std::optional<Sha256Line> parse_sha256_line(std::string_view line);

}  // namespace sliver
