#include "timing/mesh_routes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "timing/femtoseconds.h"

namespace sliver::timing {
namespace {

constexpr std::uint64_t kHeadFlits = 1;
constexpr std::uint64_t kBitsPerByte = 8;

std::size_t distance(std::size_t a, std::size_t b) {
    return a < b ? b - a : a - b;
}

}  // namespace

MeshRoutes::MeshRoutes(const config::MeshConfig& config)
    : ideal_(config.is_ideal()),
      central_(config.kind == config::MeshKind::crossbar_switch),
      link_bits_(static_cast<std::uint64_t>(config.link_bits)),
      tile_columns_(static_cast<std::size_t>(config.columns)),
      side_(static_cast<std::size_t>(std::lround(std::sqrt(config.concentration)))),
      columns_(central_ ? 1 : (tile_columns_ + side_ - 1) / side_),
      rows_(central_ ? 1 : (static_cast<std::size_t>(config.rows) + side_ - 1) / side_),
      clock_fs_(femtoseconds(1 / config.clock_hz)),
      link_fs_(static_cast<std::uint64_t>(config.link_cycles) * clock_fs_),
      router_fs_(static_cast<std::uint64_t>(config.router_cycles) * clock_fs_) {}

std::size_t MeshRoutes::router_of(std::size_t port) const {
    if (port == kHost || central_) return 0;
    return port / tile_columns_ / side_ * columns_ + port % tile_columns_ / side_;
}

std::uint64_t MeshRoutes::flits(std::uint64_t bytes) const {
    return kHeadFlits + (bytes * kBitsPerByte + link_bits_ - 1) / link_bits_;
}

MeshRoutes::Hop MeshRoutes::next(std::size_t router, std::size_t target) const {
    const std::size_t x = router % columns_, target_x = target % columns_;
    if (x != target_x)
        return x < target_x ? Hop{Direction::east, router + 1} : Hop{Direction::west, router - 1};
    return router < target ? Hop{Direction::south, router + columns_}
                           : Hop{Direction::north, router - columns_};
}

MeshRoutes::Tree MeshRoutes::tree(std::size_t from, std::vector<std::size_t> to) const {
    const auto each_once = [](std::vector<std::size_t>& numbers) {
        std::sort(numbers.begin(), numbers.end());
        numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    };
    Tree tree;
    tree.from = from;
    tree.to = std::move(to);
    each_once(tree.to);
    for (const std::size_t port : tree.to) {
        const std::size_t target = router_of(port);
        for (std::size_t router = router_of(from); router != target;) {
            const Hop hop = next(router, target);
            tree.links.push_back(router * kDirections + static_cast<std::size_t>(hop.direction));
            router = hop.router;
        }
    }
    each_once(tree.links);
    return tree;
}

std::uint64_t MeshRoutes::routers_between(std::size_t from, std::size_t to) const {
    const std::size_t a = router_of(from), b = router_of(to);
    return 1 + distance(a % columns_, b % columns_) + distance(a / columns_, b / columns_);
}

std::uint64_t MeshRoutes::packet_fs(std::size_t from, std::size_t to, std::uint64_t bytes) const {
    return ideal_ ? 0 : credit_fs(from, to) + flits(bytes) * clock_fs_;
}

std::uint64_t MeshRoutes::flit_hops(std::size_t from, std::size_t to, std::uint64_t bytes) const {
    return ideal_ ? 0 : flits(bytes) * routers_between(from, to);
}

std::uint64_t MeshRoutes::flit_hops(const Tree& tree, std::uint64_t bytes) const {
    return ideal_ ? 0 : flits(bytes) * tree.routers();
}

std::uint64_t MeshRoutes::credit_fs(std::size_t from, std::size_t to) const {
    return ideal_ ? 0 : link_fs_ + routers_between(from, to) * (router_fs_ + link_fs_);
}

}  // namespace sliver::timing
