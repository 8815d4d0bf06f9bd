#include "timing/multicast.h"

#include <map>
#include <utility>

namespace sliver::timing {

std::vector<std::size_t> shared_packets(const std::vector<Wanted>& consumers) {
    std::map<std::pair<int, int>, std::size_t> first_of;
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < consumers.size(); ++i) {
        const Wanted& wanted = consumers[i];
        const bool shares = !wanted.alone && wanted.first < wanted.end;
        first.push_back(shares ? first_of.try_emplace({wanted.first, wanted.end}, i).first->second : i);
    }
    return first;
}

}  // namespace sliver::timing
