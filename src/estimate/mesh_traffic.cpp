#include "estimate/mesh_traffic.h"

#include <cmath>

#include "estimate/read_period.h"

namespace sliver::estimate {
namespace {

constexpr std::uint64_t kHeadFlits = 1;

std::size_t distance(std::size_t a, std::size_t b) {
    return a < b ? b - a : a - b;
}

}  // namespace

MeshTraffic::MeshTraffic(const config::MeshConfig& config) : config_(config) {
    side_ = static_cast<std::size_t>(std::lround(std::sqrt(config.concentration)));
    router_columns_ = (static_cast<std::size_t>(config.columns) + side_ - 1) / side_;
    clock_fs_ = femtoseconds(1 / config.clock_hz);
}

std::size_t MeshTraffic::router_of(std::size_t port) const {
    if (port == kHost) return 0;
    const auto columns = static_cast<std::size_t>(config_.columns);
    return port / columns / side_ * router_columns_ + port % columns / side_;
}

MeshTraffic::Packet MeshTraffic::packet(std::size_t from, std::size_t to, std::uint64_t bytes) const {
    if (!config_.enabled) return {};
    const auto width = static_cast<std::uint64_t>(config_.link_bits);
    const std::uint64_t flits = kHeadFlits + (8 * bytes + width - 1) / width;
    const std::size_t a = router_of(from), b = router_of(to);
    const std::uint64_t routers = 1 + distance(a % router_columns_, b % router_columns_) +
                                  distance(a / router_columns_, b / router_columns_);
    const auto link = static_cast<std::uint64_t>(config_.link_cycles),
               router = static_cast<std::uint64_t>(config_.router_cycles);
    return {flits * routers, (link + routers * (router + link) + flits) * clock_fs_};
}

}  // namespace sliver::estimate
