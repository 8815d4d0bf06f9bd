// Folding of limits, of functions of one value, and of products of a map with a function of itself; see
// draft_folder.h.
#include <algorithm>
#include <cmath>

#include "network/draft_folder.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;

bool same(double a, double b) {
    return std::fabs(a - b) <= 1e-5 * std::max(1.0, std::fabs(b));
}

/// x * chain(x) as factor * function(x), where that is a known activation: exporters write them out.
bool self_product(const std::vector<Function>& chain, Function& function, double& factor) {
    using Of = double (*)(double);
    struct Known {
        Function::Kind kind;
        Of gate;  ///< function(x) = x * gate(x)
    };
    static const Known known[] = {
        {Function::Kind::swish, [](double x) { return 1 / (1 + std::exp(-x)); }},
        {Function::Kind::hard_swish, [](double x) { return std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
        {Function::Kind::gelu, [](double x) { return (1 + std::erf(x * std::sqrt(0.5))) / 2; }},
        {Function::Kind::mish, [](double x) { return std::tanh(std::log1p(std::exp(x))); }},
    };
    for (const Known& candidate : known) {
        factor = through(chain, 1.0) / candidate.gate(1.0);
        bool fits = std::isfinite(factor);
        for (int i = -28; i <= 28 && fits; ++i)
            fits = same(through(chain, i * 0.25), factor * candidate.gate(i * 0.25));
        if (!fits) continue;
        function = {candidate.kind, 0, 0};
        return true;
    }
    return false;
}

bool uniform(const DraftNode& node) {
    return node.gain.size() <= 1 && node.shift.size() <= 1;
}

Function as_function(const DraftNode& affine) {
    return {Function::Kind::affine, affine.gain.empty() ? 1.0 : affine.gain[0],
            affine.shift.empty() ? 0.0 : affine.shift[0]};
}

}  // namespace

/// Limits commute with what only moves values, and are fused in front of it.
void Folder::fold_limit(NodeId id) {
    DraftNode& here = at(id);
    const float lowest = here.node.at_least, highest = here.node.at_most;
    if (lowest > highest) fail(here, "its limits {} and {} are in the wrong order", lowest, highest);
    const NodeId direct = source_id(id);
    if (std::isinf(highest) && (std::isinf(lowest) || (lowest <= 0 && never_negative(direct))))
        return replace_by_input(id);
    const auto passes = [&](NodeId target) {
        const Kind kind = at(target).kind;
        if (!free(target)) return false;
        if (kind == Kind::max_pool || kind == Kind::flatten) return true;
        return kind == Kind::gather &&
               std::clamp(at(target).node.fill, lowest, highest) >= at(target).node.fill &&
               std::clamp(at(target).node.fill, lowest, highest) <= at(target).node.fill;
    };
    NodeId target = direct;
    while (passes(target)) target = source_id(target);
    const Kind kind = at(target).kind;
    const bool layer = kind == Kind::matrix || kind == Kind::add;
    if (free(target) && (layer || kind == Kind::affine || kind == Kind::multiply || kind == Kind::concat)) {
        FloatNode& node = at(target).node;
        const NodeLimits now = limits_of(node);
        const float low = std::clamp(now.lowest, lowest, highest);
        const bool relu = layer && low >= 0 && low <= 0;
        node.relu = relu || (node.relu && low > 0);
        node.at_least = relu ? -std::numeric_limits<float>::infinity() : low;
        node.at_most = std::clamp(now.highest, lowest, highest);
        if (low >= 0)
            for (NodeId passed = direct; passed != target; passed = source_id(passed))
                positive_[passed] = true;
        return replace_by_input(id);
    }
    if (!(lowest < 0) && !(lowest > 0) && std::isinf(highest) && kind != Kind::function) return;  // a ReLU
    here.kind = Kind::function;
    here.node.functions = {{Function::Kind::clip, lowest, highest}};
    here.node.at_least = -std::numeric_limits<float>::infinity();
    here.node.at_most = std::numeric_limits<float>::infinity();
    fold_function(id);
}

/// A chain of functions is one table.
void Folder::fold_function(NodeId id) {
    DraftNode& here = at(id);
    const NodeId from = source_id(id);
    DraftNode& source = at(from);
    if (!free(from) || from == 0) return;
    if (source.kind == Kind::function) {
        std::vector<Function>& functions = source.node.functions;
        functions.insert(functions.end(), here.node.functions.begin(), here.node.functions.end());
        source.label = here.label;
        source.node.op = here.node.op;
        positive_[from] = false;
        replace_by_input(id);
        positive_[from] = positive_by_kind(from);
    } else if (source.kind == Kind::affine && uniform(source) && !has_limits(source.node)) {
        here.node.functions.insert(here.node.functions.begin(), as_function(source));
        here.node.inputs[0] = source.node.inputs[0];
        readers_[from] = 0;
    }
}

bool Folder::chain_between(NodeId from, NodeId to, std::vector<Function>& chain) const {
    std::vector<std::vector<Function>> parts;
    for (NodeId id = to; id != from; id = source_id(id)) {
        const DraftNode& here = at(id);
        if (id == 0 || !free(id)) return false;
        std::vector<Function>& part = parts.emplace_back();
        if (here.kind == Kind::function)
            part = here.node.functions;
        else if (here.kind == Kind::affine && uniform(here))
            part = {as_function(here)};
        else if (here.kind == Kind::limit)
            part = {{Function::Kind::clip, here.node.at_least, here.node.at_most}};
        else
            return false;
        if (here.kind == Kind::affine && has_limits(here.node))
            part.push_back({Function::Kind::clip, limits_of(here.node).lowest, limits_of(here.node).highest});
    }
    for (std::size_t i = parts.size(); i-- > 0;) chain.insert(chain.end(), parts[i].begin(), parts[i].end());
    return !chain.empty();
}

/// x * sigmoid(x) and its like are one table.
void Folder::fold_multiply(NodeId id) {
    DraftNode& here = at(id);
    for (const std::size_t first : {0U, 1U}) {
        const NodeId map = here.node.inputs[first], gate = here.node.inputs[1 - first];
        std::vector<Function> chain;
        Function function;
        double factor = 1;
        if (map == gate || !chain_between(map, gate, chain) || !self_product(chain, function, factor))
            continue;
        here.node.inputs = {map};
        drop_reader(gate);
        here.kind = Kind::function;
        here.node.functions = {function};
        if (!same(factor, 1)) here.node.functions.push_back({Function::Kind::affine, factor, 0});
        return fold_function(id);
    }
}

}  // namespace sliver::network
