#include "cost/components.h"

#include <stdexcept>

namespace sliver::cost {
namespace {

struct ComponentInfo {
    Component component;
    std::string_view name, description;
};

constexpr std::array<ComponentInfo, kComponentCount> kTable = {{
    {Component::adc, "adc", "analog-to-digital converters"},
    {Component::dac, "dac", "row drivers"},
    {Component::crossbar, "crossbar", "memristor arrays"},
    {Component::sample_hold, "sample_hold", "sample-and-hold, one a column"},
    {Component::input_register, "input_register", "input registers of the processing elements"},
    {Component::output_register, "output_register", "output registers of the processing elements"},
    {Component::shift_add, "shift_add", "shift-and-add, in processing elements and tiles"},
    {Component::buffer, "buffer", "eDRAM of the tiles"},
    {Component::bus, "bus", "bus between eDRAM and processing elements"},
    {Component::router, "router", "routers and links of the mesh"},
    {Component::activation, "activation", "requantisation, ReLU or sigmoid"},
    {Component::pooling, "pooling", "pooling units"},
    {Component::tile_output_register, "tile_output_register", "output registers of the tiles"},
    {Component::host_link, "host_link", "links to the host"},
    {Component::index_table, "index_table", "tables of packed rows and sorted columns"},
    {Component::skip_logic, "skip_logic", "column masks and zero detectors"},
}};

const ComponentInfo& info_of(Component component) {
    for (const ComponentInfo& info : kTable)
        if (info.component == component) return info;
    throw std::logic_error("component outside of its enumeration");
}

}  // namespace

std::string_view component_name(Component component) {
    return info_of(component).name;
}
std::string_view component_description(Component component) {
    return info_of(component).description;
}

double PerComponent::total() const {
    double sum = 0;
    for (const double value : values_) sum += value;
    return sum;
}

PerComponent& PerComponent::operator+=(const PerComponent& other) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
    return *this;
}

}  // namespace sliver::cost
