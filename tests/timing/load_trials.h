// Networks and chips at random on which many images run at once: what a chip under load is tried on.
//
// Networks: convolutions with any kernel, stride and padding, overlapping pools, ReLUs of their own, residual
// additions whose branches are of unequal length, nest and overlap, maps of one pixel, wide and flat ones.
// Chips: small arrays, so that column blocks lie on several tiles; 1 to 16 copies of a layer; slow and fast
// links, buses and hosts. Everything follows from the seed. Used by under_load.cpp and naive_times.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "config/chip_config_loader.h"
#include "mapping/placement.h"
#include "mapping/row_parts.h"
#include "system/chip_trials.h"

namespace load_trials {

using chip_trials::Dice;
using chip_trials::Trial;
namespace config = sliver::config;
namespace mapping = sliver::mapping;
namespace network = sliver::network;
using network::Node;
using network::NodeId;
using network::NodeKind;
using network::Shape;
using network::Window;

/// Appends nodes to a network. All maps have about the same step, so that every branch of an addition counts.
class RandomNetwork {
  public:
    RandomNetwork(const Shape& input, int weight_bits, int input_bits, Dice& dice)
        : weight_bits_(weight_bits), input_bits_(input_bits), dice_(dice) {
        network_.name = "random";
        Node node;
        node.name = "image";
        node.shape = input;
        node.format.is_signed = input_bits > 1 && dice.chance(50);
        node.format.bits = input_bits;
        network_.nodes.push_back(node);
    }

    [[nodiscard]] const Shape& shape(NodeId node) const { return network_.nodes[node].shape; }
    [[nodiscard]] NodeId last() const { return network_.nodes.size() - 1; }

    NodeId convolution(NodeId input, int outputs, const Window& window) {
        Node node = bitline_reference::matrix_node(name("conv"), shape(input), window, outputs, weight_bits_,
                                                   input_bits_, input, dice_);
        node.weights.exponent = -node.format.exponent;
        node.format.exponent = network_.nodes[input].format.exponent;
        if (input_bits_ == 1) node.relu = true;  // a signed code of one bit would be all sign
        node.format.is_signed = !node.relu;
        return append(std::move(node));
    }
    NodeId square(NodeId input, int outputs, int kernel, int stride) {
        return convolution(input, outputs, square_window(kernel, stride, kernel / 2));
    }
    NodeId pool(NodeId input, NodeKind kind, const Window& window) {
        Node node = bitline_reference::digital_node(name("pool"), kind, network_, input);
        node.window = window;
        const Shape& in = shape(input);
        node.shape.height =
            (in.height + window.pad_top + window.pad_bottom - window.kernel_height) / window.stride_y + 1;
        node.shape.width =
            (in.width + window.pad_left + window.pad_right - window.kernel_width) / window.stride_x + 1;
        node.count_include_pad = dice_.chance(50);
        return append(std::move(node));
    }
    NodeId relu(NodeId input) {
        return append(bitline_reference::digital_node(name("relu"), NodeKind::relu, network_, input));
    }
    NodeId add(NodeId a, NodeId b) {
        Node node = bitline_reference::digital_node(name("add"), NodeKind::add, network_, a);
        node.inputs.push_back(b);
        const network::Format& other = network_.nodes[b].format;
        node.relu = dice_.chance(60);
        node.format.is_signed = !node.relu && (node.format.is_signed || other.is_signed);
        node.format.exponent = std::max(node.format.exponent, other.exponent) + dice_.between(0, 1);
        return append(std::move(node));
    }
    NodeId linear(NodeId input, int outputs) {
        if (shape(input).pixels() != 1) {
            Node flatten =
                bitline_reference::digital_node(name("flatten"), NodeKind::flatten, network_, input);
            flatten.shape = {static_cast<int>(shape(input).size()), 1, 1};
            input = append(std::move(flatten));
        }
        return convolution(input, outputs, Window());
    }
    /// The last node, a matrix, gives the logits.
    network::QuantisedNetwork finish() {
        Node& output = network_.nodes.back();
        for (std::int32_t& bias : output.weights.bias) bias %= 1000;  // the logits must fit 32 bits
        output.relu = false;
        output.is_output = true;
        output.format = {true, 32, 0};
        return std::move(network_);
    }

    static Window square_window(int kernel, int stride, int pad) {
        return {kernel, kernel, stride, stride, pad, pad, pad, pad};
    }

  private:
    std::string name(const std::string& kind) const { return kind + std::to_string(network_.nodes.size()); }
    NodeId append(Node node) {
        network_.nodes.push_back(std::move(node));
        return last();
    }

    network::QuantisedNetwork network_;
    int weight_bits_, input_bits_;
    Dice& dice_;
};

/// Kernels of 1 to 3, rarely 5; strides 1 and 2; padding of 0 to 2 on every side, also where the kernel is
/// smaller than that. At least one window.
inline Window random_window(const Shape& map, Dice& dice) {
    Window window;
    const auto side = [&](int length, int& kernel, int& stride, int& before, int& after) {
        kernel = dice.one_of<int>({1, 2, 3, 3, 3, 3, 5});
        stride = dice.one_of<int>({1, 1, 2});
        before = dice.between(0, 2);
        after = dice.chance(60) ? before : dice.between(0, 2);
        kernel = std::min(kernel, length + before + after);
    };
    side(map.height, window.kernel_height, window.stride_y, window.pad_top, window.pad_bottom);
    side(map.width, window.kernel_width, window.stride_x, window.pad_left, window.pad_right);
    return window;
}

/// Pools may overlap. Padding is smaller than the kernel: no window lies in it altogether.
inline Window random_pool_window(const Shape& map, Dice& dice) {
    Window window;
    const auto side = [&](int length, int& kernel, int& stride, int& before, int& after) {
        kernel = std::min(dice.one_of<int>({2, 2, 3}), length);
        stride = dice.one_of<int>({1, 2, 2, 3});
        before = kernel > 1 ? dice.one_of<int>({0, 0, 1}) : 0;
        after = kernel > 1 ? dice.one_of<int>({0, 0, 1}) : 0;
    };
    side(map.height, window.kernel_height, window.stride_y, window.pad_top, window.pad_bottom);
    side(map.width, window.kernel_width, window.stride_x, window.pad_left, window.pad_right);
    return window;
}

inline NodeKind random_pool(Dice& dice) {
    return dice.chance(50) ? NodeKind::max_pool : NodeKind::average_pool;
}

/// A join of two or more branches from `x`, never of the same length.
inline NodeId residual(RandomNetwork& build, NodeId x, Dice& dice) {
    const int channels = build.shape(x).channels;
    const int wider = channels + dice.between(0, 4);
    switch (dice.between(0, 7)) {
        case 0:  // the map itself against two convolutions
            return build.add(build.square(build.square(x, wider, 3, 1), channels, 3, 1), x);
        case 1: {  // a projection of stride 2 against two convolutions
            const NodeId longer = build.square(build.square(x, wider, 3, 2), wider, 3, 1);
            return build.add(longer, build.square(x, wider, 1, 2));
        }
        case 2: {  // a join within a join
            const NodeId a = build.square(x, channels, 3, 1);
            const NodeId b = build.add(build.square(a, channels, 3, 1), a);
            return build.add(build.square(b, channels, 3, 1), x);
        }
        case 3: {  // joins that overlap: the second begins before the first ends
            const NodeId a = build.square(x, channels, 3, 1);
            const NodeId b = build.square(a, channels, 3, 1);
            const NodeId first = build.add(b, x);
            return build.add(build.square(first, channels, 3, 1), a);
        }
        case 4: {  // a pool against a convolution
            const NodeId side = build.pool(x, random_pool(dice), RandomNetwork::square_window(3, 1, 1));
            return build.add(build.square(x, channels, 3, 1), side);
        }
        case 5: {  // a pool and a projection against three convolutions
            const NodeId side = build.pool(x, random_pool(dice), RandomNetwork::square_window(3, 2, 1));
            const NodeId longer =
                build.square(build.square(build.square(x, wider, 3, 1), wider, 3, 2), wider, 3, 1);
            return build.add(longer, build.square(side, wider, 1, 1));
        }
        case 6: {  // three branches: the map itself, one convolution, three with wide kernels
            const NodeId shorter = build.square(x, channels, 3, 1);
            const NodeId longer =
                build.square(build.square(build.square(x, wider, 5, 1), wider, 3, 1), channels, 5, 1);
            return build.add(build.add(longer, shorter), x);
        }
        default:  // both operands are the same map
            return build.add(build.square(x, channels, 3, 1), build.last());
    }
}

inline Shape random_input(Dice& dice) {
    Shape shape;
    shape.channels = dice.one_of<int>({1, 2, 3, 3, 5, 8, 17});
    shape.height = dice.between(2, 8);
    shape.width = dice.between(2, 8);
    switch (dice.between(0, 9)) {
        case 0:
            shape.height = shape.width = 1;
            break;
        case 1:
            shape.height = 3, shape.width = 17;
            break;
        case 2:
            shape.height = 1, shape.width = 13;
            break;
        case 3:
            shape.height = 11, shape.width = 2;
            break;
        default:
            break;
    }
    return shape;
}

inline network::QuantisedNetwork random_network(int weight_bits, int input_bits, bool residuals, Dice& dice) {
    RandomNetwork build(random_input(dice), weight_bits, input_bits, dice);
    const std::vector<int> kOutputs = {1, 2, 3, 4, 6, 8, 12, 20};
    NodeId x = 0;
    const int steps = dice.between(0, 5);
    for (int step = 0; step < steps; ++step) {
        const int kind = dice.between(1, 100);
        if (kind <= 45) {
            const Window window = random_window(build.shape(x), dice);
            x = build.convolution(x, dice.one_of(kOutputs), window);
        } else if (kind <= 60) {
            const NodeKind pool = random_pool(dice);
            x = build.pool(x, pool, random_pool_window(build.shape(x), dice));
        } else if (kind <= 67 || !residuals) {
            x = build.relu(x);
        } else {
            x = residual(build, x, dice);
        }
    }
    const bool classifier = dice.chance(75);
    if (!classifier) {
        const Window window = random_window(build.shape(x), dice);
        build.convolution(x, dice.one_of(kOutputs), window);
        return build.finish();
    }
    if (dice.chance(30)) x = build.linear(x, dice.one_of(kOutputs));
    build.linear(x, dice.one_of<int>({1, 4, 10, 23}));
    return build.finish();
}

inline bitline_reference::Setting random_setting(Dice& dice) {
    bitline_reference::Setting setting;
    setting.array_rows = dice.one_of<int>({16, 16, 24, 32, 64});
    setting.cell_bits = dice.between(1, 3);
    setting.weight_bits = dice.between(1, 6);
    setting.dac_bits = dice.one_of<int>({1, 1, 2});
    setting.encoding = dice.chance(70) ? config::Encoding::differential : config::Encoding::offset;
    setting.flip_columns = setting.encoding == config::Encoding::offset && dice.chance(50);
    return setting;
}

/// Everything that bears on values and on the places of arrays.
inline config::ChipConfig random_arrays(const bitline_reference::Setting& setting, int input_bits,
                                        Dice& dice) {
    config::ChipConfig chip = setting.chip(input_bits);
    chip.name = "load";
    chip.array.columns = dice.one_of<int>({16, 16, 32, 64});
    chip.weights.slices =
        dice.chance(50) ? config::SlicePlacement::interleaved : config::SlicePlacement::grouped;
    if (setting.encoding == config::Encoding::differential && dice.chance(25))
        chip.weights.packing =
            dice.one_of<config::Packing>({config::Packing::channels, config::Packing::columns,
                                          config::Packing::rows, config::Packing::fewest});
    if (dice.chance(20)) chip.weights.column_order = config::ColumnOrder::light_first;
    chip.adc.arrays_per_adc = dice.one_of<int>({1, 1, 2, 4, 8});
    chip.adc.bank = dice.chance(30) ? config::AdcBank::per_slice : config::AdcBank::single;
    chip.adc.time = dice.chance(50) ? config::ConversionTime::per_bit : config::ConversionTime::fixed;
    chip.tile.arrays_per_pe = chip.adc.arrays_per_adc * dice.between(1, 2);
    chip.tile.processing_elements = dice.between(1, 3);
    chip.mesh.columns = chip.mesh.rows = 40;
    return chip;
}

/// Everything that says when and how fast.
inline void set_speeds(config::ChipConfig& chip, Dice& dice) {
    chip.adc.rate_hz = dice.one_of<double>({1.28e9, 1.28e9, 1e8});
    chip.tile.bus_bytes_per_s = dice.one_of<double>({0, 0, 1e10, 1e8, 1e6});
    chip.tile.output_queue_packets = dice.one_of<int>({1, 1, 1, 2, 3, 4, 16, 64});
    chip.mesh.kind = dice.chance(80) ? config::MeshKind::mesh : config::MeshKind::ideal;
    chip.mesh.concentration = dice.one_of<int>({1, 4, 9});
    chip.mesh.link_bits = dice.one_of<int>({1, 2, 3, 8, 13, 32, 32, 64, 256});
    chip.mesh.clock_hz = dice.one_of<double>({1e9, 1e9, 1e8, 1e7});
    chip.mesh.router_cycles = dice.one_of<int>({0, 1, 3, 3, 20});
    chip.mesh.link_cycles = dice.one_of<int>({0, 1, 1, 7});
    chip.host.bytes_per_s = dice.one_of<double>({0, 25.6e9, 25.6e9, 1e8, 1e6});
    chip.pipeline.pipelined = dice.chance(85);
    chip.pipeline.overhead_cycles = dice.one_of<int>({4, 6, 6, 11});
}

inline std::vector<int> copies_of(const Trial& trial, const mapping::NetworkMapping& mapped) {
    return mapping::replication(trial.network, mapped, trial.chip, trial.widths);
}

/// Balances so that the layer with the most copies has about `most` of them; or lists that nothing balances.
inline void set_copies(Trial& trial, const mapping::NetworkMapping& mapped, int most, Dice& dice) {
    trial.chip.replication = {};
    if (most == 1) return;
    if (dice.chance(25)) {
        trial.chip.replication.mode = config::ReplicationMode::list;
        for (const NodeId id : trial.network.matrix_nodes()) {
            const auto windows = static_cast<int>(mapping::windows_per_image(trial.network.nodes[id]));
            trial.chip.replication.copies.push_back(std::min(windows, dice.between(1, most)));
        }
        return;
    }
    trial.chip.replication.mode = config::ReplicationMode::balance;
    trial.chip.replication.target_interval_cycles = 4;
    for (;;) {
        const std::vector<int> copies = copies_of(trial, mapped);
        if (*std::max_element(copies.begin(), copies.end()) <= most) return;
        trial.chip.replication.target_interval_cycles *= 1.25;
    }
}

/// Small enough to run many of them: arrays are modules, and every read is simulated.
inline bool small_enough(const Trial& trial, const mapping::NetworkMapping& mapped) {
    const std::vector<int> copies = copies_of(trial, mapped);
    std::uint64_t arrays = 0, reads = 0;
    for (std::size_t i = 0; i < mapped.layers.size(); ++i) {
        const mapping::LayerMapping& layer = mapped.layers[sliver::LayerIndex(i)];
        const Node& node = trial.network.nodes[layer.node];
        arrays += layer.crossbars.size() * static_cast<std::uint64_t>(copies[i]);
        std::uint64_t parts = 0;
        for (const int of_array : mapping::row_parts(node.weights, layer, trial.widths))
            parts += static_cast<std::uint64_t>(of_array);
        reads += mapping::windows_per_image(node) * layer.planes.size() * parts;
    }
    return arrays <= 400 && reads * trial.count <= 3'000'000;
}

/// Converters that cut nothing: wide enough for every sum, or narrow ones with arrays read in parts. False
/// where no converter is wide enough.
inline bool set_widths(Trial& trial, Dice& dice) {
    trial.widths = {};
    if (!dice.chance(25)) return chip_trials::make_lossless(trial);
    const int digit = (1 << std::min(trial.setting.dac_bits, trial.input_bits)) - 1;
    const int narrowest =
        mapping::lossless_bits(static_cast<std::uint32_t>(((1 << trial.setting.cell_bits) - 1) * digit));
    const int lowest = std::max(2, narrowest);
    trial.widths.bits = chip_trials::random_widths(trial, lowest, lowest + 2, dice);
    trial.widths.split_rows = true;
    return true;
}

using MakeNetwork = network::QuantisedNetwork (*)(int weight_bits, int input_bits, bool residuals,
                                                  Dice& dice);

/// The chip and network of `seed`, `images` of them. The buffer is not chosen yet: unlimited.
inline Trial random_trial(std::uint64_t seed, std::size_t images, MakeNetwork make = random_network) {
    Dice dice(seed);
    for (;;) {
        Trial trial;
        trial.count = images;
        trial.setting = random_setting(dice);
        trial.input_bits = dice.between(1, 4);
        trial.network = make(trial.setting.weight_bits, trial.input_bits, dice.chance(60), dice);
        trial.chip = random_arrays(trial.setting, trial.input_bits, dice);
        trial.chip.tile.buffer_bytes.reset();
        if (!set_widths(trial, dice)) continue;
        set_speeds(trial.chip, dice);
        const mapping::NetworkMapping mapped = mapping::map_network(trial.network, trial.chip);
        set_copies(trial, mapped, dice.one_of<int>({1, 1, 2, 3, 4, 6, 8, 12, 16, 16}), dice);
        if (!small_enough(trial, mapped)) continue;
        trial.images = bitline_reference::random_images(trial.network.nodes.front(), images, dice);
        // Of dice of its own: the seeds are remembered by what they are without it.
        if (Dice(seed ^ 0x7EEE).chance(50)) trial.chip.mesh.multicast = config::Multicast::tree;
        if (!trial.chip.mesh.is_ideal() && Dice(seed ^ 0x517C).chance(25))
            trial.chip.mesh.kind = config::MeshKind::crossbar_switch;
        Dice others(seed ^ 0xEDA);
        trial.chip.tile.buffer_port_bytes_per_s = others.one_of<double>({0, 0, 1e10, 1e8, 1e6});
        trial.chip.tile.postprocessor_hz = others.one_of<double>({0, 0, 1e9, 1e7, 1e6});
        Dice skips(seed ^ 0x5C1B);
        trial.chip.skip.empty_columns = skips.chance(40);
        trial.chip.skip.zero_planes = skips.chance(40);
        return trial;
    }
}

/// The trial of random_trial() with digit columns, of the kind that the seed says.
inline Trial random_digit_trial(std::uint64_t seed, std::size_t images) {
    using config::DigitColumns;
    for (std::uint64_t own = seed;; own += 1'000'000) {
        Trial trial = random_trial(own, images);
        Dice dice(own ^ 0xD161);
        trial.setting.digits =
            dice.one_of<DigitColumns>({DigitColumns::packed, DigitColumns::planes, DigitColumns::shared});
        trial.setting.encoding = config::Encoding::differential;
        trial.setting.flip_columns = false;
        config::WeightConfig& weights = trial.chip.weights;
        weights.digits = trial.setting.digits;
        weights.encoding = trial.setting.encoding;
        weights.flip_columns = false;
        weights.packing = config::Packing::none;
        weights.slices = config::SlicePlacement::grouped;
        trial.chip.adc.bank = config::AdcBank::single;
        // Few of the bits, so that columns are empty.
        for (Node& node : trial.network.nodes)
            for (std::int16_t& code : node.weights.codes)
                if (const int mask = dice.between(0, 255); dice.chance(60))
                    code = static_cast<std::int16_t>(code < 0 ? -(-code & mask) : code & mask);
        trial.widths = {};
        if (!chip_trials::make_lossless(trial)) continue;
        if (small_enough(trial, mapping::map_network(trial.network, trial.chip))) return trial;
    }
}

// ---- in words

inline std::string to_text(const Shape& shape) {
    return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
           std::to_string(shape.width);
}

/// "image 3x8x8; conv1(image) 3x3 /1,1 +1,1,1,1 -> 4x8x8; ..."
inline std::string to_text(const network::QuantisedNetwork& network) {
    std::ostringstream text;
    for (const Node& node : network.nodes) {
        if (node.kind == NodeKind::input) {
            text << node.name << " " << to_text(node.shape);
            continue;
        }
        text << "; " << node.name << "(";
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            text << (i == 0 ? "" : ", ") << network.nodes[node.inputs[i]].name;
        text << ")";
        const Window& w = node.window;
        if (node.kind == NodeKind::matrix || node.kind == NodeKind::max_pool ||
            node.kind == NodeKind::average_pool)
            text << " " << w.kernel_height << "x" << w.kernel_width << " /" << w.stride_y << "," << w.stride_x
                 << " +" << w.pad_top << "," << w.pad_left << "," << w.pad_bottom << "," << w.pad_right;
        if (w.dilation_y * w.dilation_x != 1) text << " *" << w.dilation_y << "," << w.dilation_x;
        text << " -> " << to_text(node.shape);
    }
    return text.str();
}

/// The keys of a chip file that are not as by default: "array.rows=16 array.columns=16 ...".
inline std::string to_text(const config::ChipConfig& chip) {
    const auto lines_of = [](const config::ChipConfig& any) {
        std::vector<std::string> lines;
        std::istringstream yaml(config::to_yaml(any));
        std::string section;
        for (std::string line; std::getline(yaml, line);) {
            const std::size_t indent = line.find_first_not_of(' '), colon = line.find(": ");
            if (indent == std::string::npos || line[indent] == '#') continue;
            if (indent == 0) section = line.substr(0, line.find(':')) + ".";
            if (indent != 0 && colon != std::string::npos)
                lines.push_back(section + line.substr(indent, colon - indent) + "=" + line.substr(colon + 2));
        }
        return lines;
    };
    const std::vector<std::string> defaults = lines_of(config::ChipConfig());
    std::string text;
    for (const std::string& line : lines_of(chip))
        if (std::find(defaults.begin(), defaults.end(), line) == defaults.end())
            text += (text.empty() ? "" : " ") + line;
    return text;
}

}  // namespace load_trials
