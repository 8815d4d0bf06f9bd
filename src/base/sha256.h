// SHA-256 (FIPS 180-4), for naming what went into a run: the network's file, the resolved configuration, the
// images.
//
// Identification only, no secrets. The computation is OpenSSL's, which uses what the processor has for it.
// Called by the program; the digest of a file equals that of sha256sum.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sliver {

class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&& other) noexcept;
    Sha256& operator=(Sha256&& other) noexcept;

    void update(std::string_view bytes);
    /// kSha256Digits lower-case hexadecimal digits. Ends the computation.
    [[nodiscard]] std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
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
