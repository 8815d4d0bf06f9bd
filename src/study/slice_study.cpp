#include "study/slice_study.h"

#include <algorithm>
#include <cmath>

#include "study/names.h"

namespace sliver::study {
namespace {

Group& group_for(std::vector<Group>& groups, std::string_view model, std::string_view data) {
    for (Group& group : groups)
        if (group.model == model && group.data == data) return group;
    return groups.emplace_back(Group{std::string(model), std::string(data), {}, {}, {}});
}

const std::string& method_of(const StudiedNetwork& network) {
    return network.card.method;
}
const std::string& method_of(const TradeOffPoint& point) {
    return point.method;
}

/// Rows of a table: by method, then by `less`.
template <typename Row, typename Less>
void sort_by_method(std::vector<const Row*>& rows, const Less& less) {
    std::stable_sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
        const int left = method_rank(method_of(*a)), right = method_rank(method_of(*b));
        if (left != right) return left < right;
        return method_of(*a) != method_of(*b) ? method_of(*a) < method_of(*b) : less(*a, *b);
    });
}

const PaperRow* row_with(const Group& group, std::string_view method) {
    for (const PaperRow* row : group.paper)
        if (row->method == method) return row;
    return nullptr;
}

/// Distance in accuracy; networks without one come last.
double apart(const StudiedNetwork& a, const StudiedNetwork& b) {
    return a.card.top1() && b.card.top1() ? std::fabs(*a.card.top1() - *b.card.top1()) : 1;
}

}  // namespace

void complete(StudiedNetwork& network, const std::string& data_set, int slice_bits) {
    network.data = data_key(data_set);
    network.model = model_key(network.card.network.empty() ? network.name : network.card.network);
    if (network.card.network.empty() && !known_model(network.architecture).empty())
        network.model = known_model(network.architecture);
    network.all = together(network.layers);
    require_counted(network.card, nonzero_shares(network.all, kPaperSliceBits));
    network.shares = nonzero_shares(network.all, slice_bits);
}

std::vector<Group> groups_of(const SliceStudy& study) {
    std::vector<Group> groups;
    const bool as_paper = study.slice_bits == kPaperSliceBits;
    if (as_paper)
        for (const PaperRow& row : paper_rows()) group_for(groups, row.model, row.data).paper.push_back(&row);
    const std::size_t papers = groups.size();
    for (const StudiedNetwork& network : study.networks)
        group_for(groups, network.model, network.data).networks.push_back(&network);
    if (as_paper)
        for (const TradeOffPoint& point : study.points)
            group_for(groups, point.model, point.data).points.push_back(&point);
    std::sort(groups.begin() + static_cast<std::ptrdiff_t>(papers), groups.end(),
              [](const Group& a, const Group& b) {
                  return group_title(a.model, a.data) < group_title(b.model, b.data);
              });
    if (!study.whole)
        groups.erase(std::remove_if(groups.begin(), groups.end(),
                                    [](const Group& group) { return group.networks.empty(); }),
                     groups.end());
    for (Group& group : groups) {
        sort_by_method(group.networks,
                       [](const StudiedNetwork& a, const StudiedNetwork& b) { return a.name < b.name; });
        sort_by_method(group.points, [](const TradeOffPoint& a, const TradeOffPoint& b) {
            return a.shares.mean < b.shares.mean;
        });
    }
    return groups;
}

std::vector<Wanted> missing_networks(const SliceStudy& study) {
    const std::vector<std::string> all = {"dense", "pruned", "l1", "bitslice-l1"};
    std::vector<Wanted> missing;
    for (const Wanted& wanted :
         {Wanted{"vgg11", "fashionmnist", all}, Wanted{"vgg11", "cifar10", all}, Wanted{"mlp", "mnist", all},
          Wanted{"resnet20", "cifar10", all}, Wanted{"vgg16", "cifar10", {"dense", "bitslice-l1"}}}) {
        Wanted left{wanted.model, wanted.data, {}};
        for (const std::string& method : wanted.methods)
            if (std::none_of(study.networks.begin(), study.networks.end(), [&](const StudiedNetwork& ours) {
                    return ours.model == wanted.model && ours.data == wanted.data &&
                           ours.card.method == method;
                }))
                left.methods.push_back(method);
        if (!left.methods.empty()) missing.push_back(std::move(left));
    }
    return missing;
}

std::optional<Ratio> paper_ratio(const Group& group) {
    const PaperRow *l1 = row_with(group, "l1"), *bitslice = row_with(group, "bitslice-l1");
    if (l1 == nullptr || bitslice == nullptr) return std::nullopt;
    return Ratio{l1->mean / bitslice->mean, bitslice->top1_percent - l1->top1_percent, nullptr, nullptr};
}

std::vector<Ratio> our_ratios(const Group& group) {
    std::vector<Ratio> ratios;
    for (const StudiedNetwork* bitslice : group.networks) {
        if (bitslice->card.method != "bitslice-l1" || bitslice->shares.mean <= 0) continue;
        const StudiedNetwork* nearest = nullptr;
        for (const StudiedNetwork* l1 : group.networks)
            if (l1->card.method == "l1" &&
                (nearest == nullptr || apart(*l1, *bitslice) < apart(*nearest, *bitslice)))
                nearest = l1;
        if (nearest == nullptr) continue;
        Ratio ratio{nearest->shares.mean / bitslice->shares.mean, std::nullopt, nearest, bitslice};
        if (nearest->card.top1() && bitslice->card.top1())
            ratio.top1_points = 100 * (*bitslice->card.top1() - *nearest->card.top1());
        ratios.push_back(ratio);
    }
    return ratios;
}

}  // namespace sliver::study
