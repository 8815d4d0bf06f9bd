// Arithmetic on constants, value by value, with NumPy's broadcasting; see network/onnx_tensor.h.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "network/onnx_constant_inputs.h"
#include "network/onnx_constant_walk.h"

namespace sliver::network {

namespace {

using onnx::TensorProto;

/// A walk through a tensor of `dims` that is broadcast to the shape `wide`.
Walk broadcast(const Dims& dims, const Dims& wide) {
    const std::size_t missing = wide.size() - dims.size();
    std::vector<std::size_t> step(wide.size(), 0);
    std::size_t stride = 1;
    for (std::size_t i = dims.size(); i-- > 0;) {
        step[missing + i] = dims[i] == 1 ? 0 : stride;
        stride *= static_cast<std::size_t>(dims[i]);
    }
    return {wide, std::move(step)};
}

std::int64_t integer_arithmetic(const OnnxNode& node, char op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case '+':
            overflow = __builtin_add_overflow(a, b, &result);
            break;
        case '-':
            overflow = __builtin_sub_overflow(a, b, &result);
            break;
        case '*':
            overflow = __builtin_mul_overflow(a, b, &result);
            break;
        case '/':
            overflow = b == 0 || (b == -1 && __builtin_sub_overflow(std::int64_t{0}, a, &result));
            if (!overflow && b != -1) result = a / b;
            break;
        case '%':
            overflow = b == 0;
            if (!overflow && b != -1) result = a % b;
            if (result != 0 && (result < 0) != (b < 0)) result += b;  // the sign is the divisor's
            break;
        case '<':
            return std::min(a, b);
        case '>':
            return std::max(a, b);
        default:
            overflow = true;
    }
    if (overflow) node.fail("{} {} {} cannot be computed", a, op, b);
    return result;
}

/// The extents that both are broadcast to.
Dims widest(const OnnxNode& node, const Dims& a, const Dims& b) {
    Dims wide(std::max(a.size(), b.size()), 1);
    for (const Dims* dims : {&a, &b})
        for (std::size_t i = 0; i < dims->size(); ++i) {
            std::int64_t& extent = wide[wide.size() - 1 - i];
            const std::int64_t own = (*dims)[dims->size() - 1 - i];
            if (extent != own && extent != 1 && own != 1)
                node.fail("constants of {} and {} do not fit", describe(a), describe(b));
            if (own != 1) extent = own;
        }
    return wide;
}

float real_arithmetic(char op, float x, float y) {
    switch (op) {
        case '+':
            return x + y;
        case '-':
            return x - y;
        case '*':
            return x * y;
        case '/':
            return x / y;
        case '<':
            return std::min(x, y);
        case '>':
            return std::max(x, y);
        default:
            return std::pow(x, y);
    }
}

Tensor fold_arithmetic(const OnnxNode& node, const Inputs& inputs, char op) {
    const Tensor& a = need(node, inputs, 0);
    const Tensor& b = need(node, inputs, 1);
    if (a.is_real() != b.is_real() || (a.type != b.type && op != '^'))
        node.fail("its two constants differ in type");
    const Dims wide = widest(node, a.dims, b.dims);
    const std::size_t size = volume(node, wide);
    node.charge(size);
    Walk left = broadcast(a.dims, wide), right = broadcast(b.dims, wide);
    Tensor result;
    result.type = a.type;
    result.dims = wide;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t l = left.next(), r = right.next();
        if (!a.is_real()) {
            result.integers.push_back(integer_arithmetic(node, op, a.integers[l], b.integers[r]));
            continue;
        }
        const float x = a.reals[l], y = b.reals[r];
        result.reals.push_back(real_arithmetic(op, x, y));
        if (!std::isfinite(result.reals.back())) node.fail("{} {} {} is not finite", x, op, y);
    }
    return result;
}

/// Any number of inputs, one after the other.
Tensor fold_all(const OnnxNode& node, const Inputs& inputs, char op) {
    if (inputs.size() == 1) return need(node, inputs, 0);
    Tensor result = fold_arithmetic(node, inputs, op);
    for (std::size_t i = 2; i < inputs.size(); ++i) result = fold_arithmetic(node, {&result, inputs[i]}, op);
    return result;
}

Tensor fold_comparison(const OnnxNode& node, const Inputs& inputs, char op) {
    const Tensor& a = need(node, inputs, 0);
    const Tensor& b = need(node, inputs, 1);
    if (a.is_real() != b.is_real()) node.fail("its two constants differ in type");
    Tensor result;
    result.type = TensorProto::BOOL;
    result.dims = widest(node, a.dims, b.dims);
    const std::size_t size = volume(node, result.dims);
    node.charge(size);
    Walk left = broadcast(a.dims, result.dims), right = broadcast(b.dims, result.dims);
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t l = left.next(), r = right.next();
        const bool less = a.is_real() ? a.reals[l] < b.reals[r] : a.integers[l] < b.integers[r];
        const bool more = a.is_real() ? a.reals[l] > b.reals[r] : a.integers[l] > b.integers[r];
        result.integers.push_back((op == '=' ? !less && !more : op == '<' ? less : more) ? 1 : 0);
    }
    return result;
}

Tensor fold_where(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& condition = need(node, inputs, 0);
    const Tensor& yes = need(node, inputs, 1);
    const Tensor& no = need(node, inputs, 2);
    if (condition.is_real() || yes.type != no.type) node.fail("its constants differ in type");
    Tensor result;
    result.type = yes.type;
    result.dims = widest(node, widest(node, condition.dims, yes.dims), no.dims);
    const std::size_t size = volume(node, result.dims);
    node.charge(size);
    Walk at = broadcast(condition.dims, result.dims), left = broadcast(yes.dims, result.dims),
         right = broadcast(no.dims, result.dims);
    for (std::size_t i = 0; i < size; ++i) {
        const bool first = condition.integers[at.next()] != 0;
        const std::size_t l = left.next(), r = right.next();
        const Tensor& from = first ? yes : no;
        if (from.is_real())
            result.reals.push_back(from.reals[first ? l : r]);
        else
            result.integers.push_back(from.integers[first ? l : r]);
    }
    return result;
}

Tensor fold_expand(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    Tensor result;
    result.type = source.type;
    const Dims& wanted = need_list(node, inputs, 1);
    static_cast<void>(volume(node, wanted));
    result.dims = widest(node, source.dims, wanted);
    const std::size_t size = volume(node, result.dims);
    node.charge(size);
    Walk from = broadcast(source.dims, result.dims);
    for (std::size_t i = 0; i < size; ++i) {
        if (source.is_real())
            result.reals.push_back(source.reals[from.next()]);
        else
            result.integers.push_back(source.integers[from.next()]);
    }
    return result;
}

using OfReal = float (*)(float);
using OfInteger = std::int64_t (*)(std::int64_t);

Tensor fold_unary(const OnnxNode& node, const Inputs& inputs, OfReal of_real, OfInteger of_integer) {
    const Tensor& source = need(node, inputs, 0);
    if (!source.is_real() && of_integer == nullptr) node.fail("is not computed on integers");
    node.charge(source.size());
    Tensor result;
    result.type = source.type;
    result.dims = source.dims;
    for (const float value : source.reals) {
        result.reals.push_back(of_real(value));
        if (!std::isfinite(result.reals.back())) node.fail("of {} is not finite", value);
    }
    for (const std::int64_t value : source.integers) result.integers.push_back(of_integer(value));
    return result;
}

std::int64_t negated(std::int64_t value) {
    return value == std::numeric_limits<std::int64_t>::min() ? value : -value;
}

/// Of codes it narrows their limits.
Tensor fold_clip(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    node.charge(source.size());
    Tensor result = source;
    if (source.is_real()) {
        float lowest = node.real("min", std::numeric_limits<float>::lowest());
        float highest = node.real("max", std::numeric_limits<float>::max());
        const auto end = [&](std::size_t i, float& value) {
            if (inputs.size() > i && inputs[i] != nullptr && inputs[i]->is_real() && inputs[i]->size() == 1)
                value = inputs[i]->reals[0];
        };
        end(1, lowest);
        end(2, highest);
        if (lowest > highest) node.fail("its limits {} and {} are in the wrong order", lowest, highest);
        for (float& value : result.reals) value = std::clamp(value, lowest, highest);
        result.grid.reset();
        return result;
    }
    CodeLimits limits{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    const bool codes = source.type == TensorProto::INT8 || source.type == TensorProto::UINT8;
    if (codes) limits = source.limits ? *source.limits : limits_of_type(node, source.type);
    for (const std::size_t i : {1U, 2U}) {
        if (inputs.size() <= i || inputs[i] == nullptr) continue;
        if (inputs[i]->is_real() || inputs[i]->size() != 1) node.fail("input {} must be one integer", i);
        const std::int64_t end = inputs[i]->integers[0];
        if (i == 1)
            limits.lowest = std::max(limits.lowest, end);
        else
            limits.highest = std::min(limits.highest, end);
    }
    if (limits.lowest > limits.highest)
        node.fail("its limits {} and {} leave no code", limits.lowest, limits.highest);
    for (std::int64_t& value : result.integers) value = std::clamp(value, limits.lowest, limits.highest);
    if (codes) result.limits = limits;
    return result;
}

using Compute = Tensor (*)(const OnnxNode&, const Inputs&);
struct Computed {
    const char* op;
    Compute compute;
};

const Computed kComputed[] = {
    {"Add", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '+'); }},
    {"Sub", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '-'); }},
    {"Mul", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '*'); }},
    {"Div", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '/'); }},
    {"Mod", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '%'); }},
    {"Pow", [](const OnnxNode& n, const Inputs& i) { return fold_arithmetic(n, i, '^'); }},
    {"Min", [](const OnnxNode& n, const Inputs& i) { return fold_all(n, i, '<'); }},
    {"Max", [](const OnnxNode& n, const Inputs& i) { return fold_all(n, i, '>'); }},
    {"Equal", [](const OnnxNode& n, const Inputs& i) { return fold_comparison(n, i, '='); }},
    {"Less", [](const OnnxNode& n, const Inputs& i) { return fold_comparison(n, i, '<'); }},
    {"Greater", [](const OnnxNode& n, const Inputs& i) { return fold_comparison(n, i, '>'); }},
    {"Where", fold_where},
    {"Expand", fold_expand},
    {"Clip", fold_clip},
    {"Floor",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return std::floor(x); }, nullptr);
     }},
    {"Ceil",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return std::ceil(x); }, nullptr);
     }},
    {"Sqrt",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return std::sqrt(x); }, nullptr);
     }},
    {"Exp",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return std::exp(x); }, nullptr);
     }},
    {"Reciprocal",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return 1 / x; }, nullptr);
     }},
    {"Neg",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return -x; }, negated);
     }},
    {"Abs",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return std::fabs(x); },
             [](std::int64_t x) { return x < 0 ? negated(x) : x; });
     }},
    {"Not",
     [](const OnnxNode& n, const Inputs& i) {
         return fold_unary(
             n, i, [](float x) { return x; }, [](std::int64_t x) { return std::int64_t{x == 0 ? 1 : 0}; });
     }},
};

const Computed* find_computed(const std::string& op) {
    for (const Computed& entry : kComputed)
        if (op == entry.op) return &entry;
    return nullptr;
}

}  // namespace

bool can_compute(const std::string& op) {
    return find_computed(op) != nullptr;
}

Tensor computed_constant(const OnnxNode& node, const Inputs& inputs) {
    const Computed* entry = find_computed(node.op());
    if (entry == nullptr) node.fail("is not computed on constants");
    return entry->compute(node, inputs);
}

}  // namespace sliver::network
