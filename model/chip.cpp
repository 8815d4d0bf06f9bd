#include "model/chip.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "cost/actions.h"
#include "model/address_map.h"
#include "model/kernel_reports.h"
#include "model/kernel_time.h"
#include "model/log.h"
#include "model/steady_state.h"

namespace sliver::model {
namespace {

/// Offset encoding reads a column of ones; no converter is wide enough for more than 2^12 - 1.
void check_unit_column(const config::ChipConfig& chip) {
    const int largest = chip.array.rows * ((1 << chip.inputs.dac_bits) - 1);
    if (chip.weights.encoding == config::Encoding::offset && largest >= 1 << cost::kMaxAdcBits)
        refuse(
            "array.rows: {} rows driven by {}-bit DACs; the unit column of offset encoding would read {}, "
            "more than a "
            "{}-bit converter holds",
            chip.array.rows, chip.inputs.dac_bits, largest, cost::kMaxAdcBits);
}

}  // namespace

Chip::Chip(const sc_core::sc_module_name& name, const ChipSetup& setup)
    : sc_module(name),
      chip_(setup.chip),
      widths_(setup.widths),
      plan_(plan_chip(setup.network, setup.mapping, setup.placement, setup.widths, setup.chip)),
      kernels_(bitline::kernels(setup.instruction_set)),
      calendar_("calendar"),
      timeline_(setup.timeline),
      reset_links_(setup.reset_links) {
    check_resolution();
    check_unit_column(setup.chip);
    check_addressable(plan_);
    const std::size_t ports = plan_.tiles.size();
    if (!setup.largest_sums) kernels_.largest_sum = nullptr;
    if (setup.timeline != nullptr) setup.timeline->follow(plan_);
    payers_ = Payers(plan_);
    const InterconnectSetup between{setup.chip.mesh, ports,     setup.network.nodes.size(), payers_, pool_,
                                    setup.timeline,  &calendar_};
    interconnect_ = setup.interconnect ? setup.interconnect(between) : make_interconnect(between);
    host_ = std::make_unique<Host>("host", plan_, setup.chip.host, pool_, setup.timeline, &calendar_);
    // The caller keeps these images: nothing to own, nothing to copy.
    setup_codes_ = setup.images.data();
    setup_images_ = setup.count;
    if (setup.count != 0) give(Host::Codes(Host::Codes(), setup_codes_), setup.count);
    if (setup.count_sums)
        for (const mapping::LayerMapping& layer : setup.mapping.layers)
            counters_.emplace_back(layer.shifts.size());
    const Tile::Environment environment{
        plan_,          setup.chip,    setup.widths, kernels_,         limits_,
        counters_,      setup.devices, pool_,        images_,          valued_images_,
        setup.timeline, calendar_,     setup.style,  setup.unit_links, static_cast<bool>(setup.buffer_memory),
        tally_};
    for (const TilePlan& tile : plan_.tiles)
        tiles_.push_back(
            std::make_unique<Tile>(("tile_" + std::to_string(tile.tile.value())).c_str(), tile, environment));
    connect_all(setup);
    connect_credits();
    for (const CellEdit& edit : setup.edits) apply(edit);
}

Chip::~Chip() {
    // The kernel looks for what goes from the newest of its objects backwards: in the other order that takes
    // as long as a tenth of a run.
    while (!tiles_.empty()) tiles_.pop_back();
}

void Chip::give(Host::Codes codes, std::size_t count) {
    if (codes != nullptr) {
        if (valued_images_ != images_) throw std::logic_error("an image with values follows a blank one");
        valued_images_ += count;
    }
    images_ += count;
    log(LogModule::chip, LogLevel::info, [&] {
        return fmt::format("{} {} given, {} in all", count, codes == nullptr ? "blank images" : "images",
                           images_);
    });
    host_->give(std::move(codes), count);
    if (sc_core::sc_is_running())  // before that, every tile looks once when the simulation begins
        for (const auto& tile : tiles_) tile->more_images();
}

void Chip::repeat(std::uint64_t count) {
    if (!chip_.skip.zero_planes) {
        give(nullptr, count);
        return;
    }
    const std::size_t size = plan_.network->nodes.front().shape.size();
    for (std::uint64_t i = 0; i < count; ++i)
        give(Host::Codes(Host::Codes(), setup_codes_ + i % setup_images_ * size), 1);
}

void Chip::reset() {
    if (timeline_ != nullptr) timeline_->cut();
    if (reset_links_) reset_links_();
    interconnect_->reset();
    host_->reset();
    for (const auto& tile : tiles_) tile->reset();
    for (LayerCounters& layer : counters_)
        for (auto& slice : layer)
            for (ColumnCounter& counter : slice) counter.reset();
    images_ = valued_images_ = 0;
    reset_at_ = sc_core::sc_time_stamp();
    log(LogModule::chip, LogLevel::info, [] { return "reset"; });
}

bool Chip::at_rest() const {
    return host_->at_rest() && interconnect_->at_rest() &&
           std::all_of(tiles_.begin(), tiles_.end(), [](const auto& tile) { return tile->at_rest(); });
}

void Chip::connect_all(const ChipSetup& setup) {
    const auto connect = [&](tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) {
        if (setup.connect)
            setup.connect(from, to);
        else
            from.bind(to);
    };
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        connect(tiles_[i]->mesh_isock, interconnect_->port_tsock(i));
        connect(interconnect_->port_isock(i), tiles_[i]->mesh_tsock);
        if (BufferMemory* const memory = tiles_[i]->memory())
            connect(memory->isock, setup.buffer_memory(i, memory->bytes()));
    }
    const std::size_t host = tiles_.size();
    connect(host_->mesh_isock, interconnect_->port_tsock(host));
    connect(interconnect_->port_isock(host), host_->mesh_tsock);
}

void Chip::connect_credits() {
    for (const auto& tile : tiles_) tile->connect(tiles_, *interconnect_);
    const std::vector<Consumer>& consumers = plan_.consumers.front();
    for (std::size_t i = 0; i < consumers.size(); ++i) {
        if (consumers[i].kind == ConsumerKind::host) continue;
        const std::size_t port = consumers[i].tile.value();
        host_->connect(i, tiles_[port]->room_for(consumers[i]),
                       interconnect_->credit_delay(port, tiles_.size()));
    }
    if (interconnect_->forks()) host_->share_packets();
}

void Chip::apply(const CellEdit& edit) {
    const mapping::CopyPlacement& copy = plan_.placement->layers[edit.layer].copies.at(edit.copy.value());
    for (Tile::Fragment& fragment : tiles_[copy[edit.crossbar].tile.value()]->fragments()) {
        if (fragment.plan.copy != edit.copy) continue;
        for (const auto& pe : fragment.pes)
            if (Crossbar* crossbar = pe->find(edit.crossbar))
                crossbar->program(edit.row, edit.column, edit.level);
    }
}

void prepare_kernel() {
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    make_own_warnings_errors();
}

results::ChipRecord simulate(const ChipSetup& setup) {
    if (resolution_fs() != 1)
        refuse("the kernel's time resolution is {}: a run's statistics need 1 fs; call prepare_kernel()",
               sc_core::sc_get_time_resolution().to_string());
    Chip chip("chip", setup);
    try {
        sc_core::sc_start();
    } catch (const sc_core::sc_report&) {
        // The kernel wraps what its processes throw.
        if (kernel_time_ended()) end_of_kernel_time();
        throw;
    }
    results::ChipRecord record = chip.record();
    if (setup.timeline != nullptr) setup.timeline->close();
    record.steady = measure_steady(chip, record, setup.steady_images, false);
    return record;
}

}  // namespace sliver::model
