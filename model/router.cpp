#include "model/router.h"

#include "model/kernel_time.h"

namespace sliver::model {

Router::Router(std::size_t number, const timing::MeshRoutes& routes, const Link::Common& links)
    : number_(number),
      routes_(routes),
      latency_(from_femtoseconds(routes.router_fs())),
      links_{Link(links), Link(links), Link(links), Link(links)} {}

Router::Onward Router::onward(std::size_t target) {
    const timing::MeshRoutes::Hop next = routes_.next(number_, target);
    return {links_[static_cast<std::size_t>(next.direction)], next.router};
}

}  // namespace sliver::model
