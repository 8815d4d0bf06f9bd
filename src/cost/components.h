// The parts of the chip that energy, area and power are attributed to, and a value for each of them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sliver::cost {

enum class Component {
    adc,
    dac,
    crossbar,
    sample_hold,
    input_register,
    output_register,
    shift_add,  ///< of the processing elements and of the tiles
    buffer,
    bus,
    router,
    activation,
    pooling,
    tile_output_register,
    host_link,
    index_table,  ///< where rows and columns of packed or sorted arrays belong
    skip_logic,   ///< column masks and zero detectors
};
constexpr std::size_t kComponentCount = 16;

inline constexpr std::array<Component, kComponentCount> kComponents = {Component::adc,
                                                                       Component::dac,
                                                                       Component::crossbar,
                                                                       Component::sample_hold,
                                                                       Component::input_register,
                                                                       Component::output_register,
                                                                       Component::shift_add,
                                                                       Component::buffer,
                                                                       Component::bus,
                                                                       Component::router,
                                                                       Component::activation,
                                                                       Component::pooling,
                                                                       Component::tile_output_register,
                                                                       Component::host_link,
                                                                       Component::index_table,
                                                                       Component::skip_logic};

std::string_view component_name(Component component);  ///< the key in stats.json
std::string_view component_description(Component component);

/// One number a component: joules, mm2 or watts, as the function that made it says. total() adds in the order
/// of kComponents, always: the total is the sum of the parts to the last bit.
class PerComponent {
  public:
    [[nodiscard]] double& operator[](Component component) {
        return values_[static_cast<std::size_t>(component)];
    }
    [[nodiscard]] double operator[](Component component) const {
        return values_[static_cast<std::size_t>(component)];
    }
    [[nodiscard]] double total() const;
    PerComponent& operator+=(const PerComponent& other);

  private:
    std::array<double, kComponentCount> values_{};
};

}  // namespace sliver::cost
