#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <pthread.h>

#include <array>
#include <mutex>
#include <new>

namespace sliver {

namespace {

/// OpenSSL takes locks when a digest begins. A process that is forked meanwhile must not inherit one that is
/// held (base/child_process.h).
std::mutex& beginning() {
    static std::mutex mutex;
    static const int registered = pthread_atfork([] { beginning().lock(); }, [] { beginning().unlock(); },
                                                 [] { beginning().unlock(); });
    static_cast<void>(registered);
    return mutex;
}

}  // namespace

struct Sha256::Context {
    Context() : digest(EVP_MD_CTX_new()) {
        const std::lock_guard<std::mutex> lock(beginning());
        // Without memory, or with an OpenSSL that has no SHA-256, nothing can be named.
        if (digest == nullptr || EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) != 1)
            throw std::bad_alloc();
    }
    ~Context() { EVP_MD_CTX_free(digest); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    EVP_MD_CTX* digest;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;

void Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

std::string Sha256::finish() {
    std::array<unsigned char, kSha256Digits / 2> bytes{};
    if (EVP_DigestFinal_ex(context_->digest, bytes.data(), nullptr) != 1) throw std::bad_alloc();
    std::string digits;
    for (const unsigned char byte : bytes) digits += fmt::format("{:02x}", byte);
    return digits;
}

std::string sha256(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

constexpr std::string_view kGap = "  ";

std::string to_text(const Sha256Line& line) {
    return line.digest + std::string(kGap) + line.name + "\n";
}

std::optional<Sha256Line> parse_sha256_line(std::string_view line) {
    if (line.size() <= kSha256Digits + kGap.size() || line.substr(kSha256Digits, kGap.size()) != kGap)
        return std::nullopt;
    return Sha256Line{std::string(line.substr(0, kSha256Digits)),
                      std::string(line.substr(kSha256Digits + kGap.size()))};
}

}  // namespace sliver
