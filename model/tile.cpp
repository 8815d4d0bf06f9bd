#include "model/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "base/error.h"
#include "model/kernel_time.h"
#include "model/log.h"
#include "timing/footprint.h"
#include "timing/multicast.h"

namespace sliver::model {
namespace {

using network::Node;
using network::Shape;

/// Halves of the output register.
constexpr int kResultsKept = 2;

ChannelRange overlap(const ChannelRange& a, const ChannelRange& b) {
    const int first = std::max(a.first, b.first);
    return {first, std::max(0, std::min(a.end(), b.end()) - first)};
}

}  // namespace

/// A window whose partial sums are on their way out of the processing elements.
struct Tile::Job {
    LayerIndex layer;
    std::uint64_t image = 0;
    std::size_t window = 0;
    std::vector<std::size_t> blocks;
    std::vector<TileAdder::Sums> sums;  ///< by block; none: of a blank image
};

/// The tile's end of the link to one processing element: what that says goes to its fragment.
class Tile::UnitLink : public tlm::tlm_bw_transport_if<> {
  public:
    UnitLink(Tile& tile, std::size_t fragment) : tile_(tile), fragment_(fragment) {}

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
        if (phase == tlm::END_REQ) {
            tile_.unit_announced(tile_.fragments_[fragment_]);
        } else {
            if (payload.is_response_error())
                SC_REPORT_ERROR("/sliver/tile", payload.get_response_string().c_str());
            tile_.unit_ready(tile_.fragments_[fragment_]);
        }
        return tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    Tile& tile_;
    std::size_t fragment_;
};

Tile::Fragment::Fragment() = default;
Tile::Fragment::~Fragment() = default;
Tile::Fragment::Fragment(Fragment&&) noexcept = default;
Tile::Fragment& Tile::Fragment::operator=(Fragment&&) noexcept = default;

Tile::Tile(const sc_core::sc_module_name& name, const TilePlan& tile, const Environment& environment)
    : sc_module(name),
      mesh_tsock("mesh_tsock"),
      mesh_isock("mesh_isock"),
      chip_plan_(environment.plan),
      tile_(tile),
      chip_(environment.chip),
      pool_(environment.pool),
      images_(environment.images),
      valued_images_(environment.valued_images),
      timing_(chip_timing(environment.chip)),
      port_(environment.chip.tile.buffer_port_bytes_per_s),
      finisher_(environment.chip.tile.postprocessor_hz),
      bus_(environment.chip.tile.bus_bytes_per_s),
      adder_(environment.plan),
      postprocessor_(
          "postprocessor", environment.plan, tile, [this](const PixelValues& values) { pass_on(values); },
          [this](std::size_t stage, std::uint64_t number) {
              return outputs_.has_place(digital_streams_[stage], number);
          }),
      agenda_(&environment.calendar),
      outputs_(
          mesh_isock, agenda_,
          [this](tlm::tlm_generic_payload& packet) { take_in(packet, [](tlm::tlm_generic_payload&) {}); },
          [this] { agenda_.soon(); }),
      responder_(mesh_tsock, agenda_),
      style_(environment.style),
      tally_(environment.tally),
      tally_part_(tally_.add([this](cost::Actions& actions) { count(actions); })) {
    mesh_tsock.bind(*this);
    mesh_isock.bind(*this);
    if (tile.layer) {
        buffer_.emplace(make_buffer());
        buffer_credit_.emplace(buffer_->room().limit());
        if (environment.foreign_memory)
            memory_.emplace(buffer_layout(), tile.room.value_or(kImagesApart * buffer_->shape().pixels()),
                            agenda_, pool_);
        build_lanes(environment);
        build_fragments(environment);
    }
    build_streams();
    SC_METHOD(step);
    // Once at the beginning: a window in the padding has nothing to wait for.
    sensitive << agenda_.event();
}

Tile::~Tile() {
    for (; !fragments_.empty(); fragments_.pop_back())  // the newest first: see ~Chip()
        while (!fragments_.back().pes.empty()) {
            fragments_.back().register_isocks.pop_back();
            fragments_.back().window_isocks.pop_back();
            fragments_.back().pes.pop_back();
        }
}

void Tile::count(cost::Actions& actions) const {
    for (const Fragment& fragment : fragments_)
        for (const auto& pe : fragment.pes) pe->count(actions);
    if (buffer_) buffer_->count(actions);
    bus_.count(actions);
    adder_.count(actions);
    postprocessor_.count(actions);
}

ActivationBuffer Tile::make_buffer() const {
    const LayerPlan& layer = chip_plan_.layers[*tile_.layer];
    const Node& node = chip_plan_.network->nodes[layer.node];
    const Shape& map = chip_plan_.network->nodes[layer.input_node].shape;
    std::vector<bool> own_copy(static_cast<std::size_t>(layer.copies), false);
    for (const FragmentPlan& fragment : tile_.fragments) own_copy[fragment.copy.value()] = true;
    std::vector<std::uint32_t> uses(map.pixels(), 0);
    for (const FragmentPlan& fragment : tile_.fragments)
        for (std::size_t number = fragment.copy.value(); number < layer.windows;
             number += static_cast<std::size_t>(layer.copies))
            timing::footprint(layer.window, map, node.shape.width, number)
                .for_pixels(map, [&](std::size_t pixel) { ++uses[pixel]; });
    return {map, chip_plan_.network->nodes[layer.input_node].format.zero, *tile_.channels, tile_.room,
            std::move(uses)};
}

/// What leaves this tile: results of the layer whose column blocks come together here, and of its digital
/// nodes.
void Tile::build_streams() {
    const auto places = static_cast<std::size_t>(chip_.tile.output_queue_packets);
    if (tile_.layer) {
        const LayerPlan& layer = chip_plan_.layers[*tile_.layer];
        const auto& homes = chip_plan_.placement->layers[*tile_.layer].block_homes;
        std::size_t blocks = 0;
        for (const TileIndex home : homes) part_of_block_.push_back(home == tile_.tile ? blocks++ : 0);
        const std::size_t consumers = chip_plan_.consumers[layer.node].size();
        if (blocks != 0)
            for (int copy = 0; copy < layer.copies; ++copy)
                layer_streams_.push_back(outputs_.add_stream(places, blocks, consumers));
    }
    for (const DigitalPlan& digital : tile_.digital)
        digital_streams_.push_back(outputs_.add_stream(places, 1, chip_plan_.consumers[digital.node].size()));
}

void Tile::connect(const std::vector<std::unique_ptr<Tile>>& tiles, const Interconnect& interconnect) {
    const std::size_t own = tile_.tile.value();
    const auto delay_from = [&](std::size_t port) {
        return port == own ? sc_core::SC_ZERO_TIME : interconnect.credit_delay(port, own);
    };
    const auto connect_stream = [&](OutputQueue::StreamIndex stream, network::NodeId node) {
        const std::vector<Consumer>& consumers = chip_plan_.consumers[node];
        for (std::size_t i = 0; i < consumers.size(); ++i) {
            if (consumers[i].kind == ConsumerKind::host) {
                outputs_.connect(stream, i, nullptr, sc_core::SC_ZERO_TIME, false);
                continue;
            }
            const std::size_t port = consumers[i].tile.value();
            const bool local = consumers[i].kind == ConsumerKind::digital && port == own;
            outputs_.connect(stream, i, &tiles[port]->room_for(consumers[i]), delay_from(port), local);
        }
    };
    for (const OutputQueue::StreamIndex stream : layer_streams_)
        connect_stream(stream, chip_plan_.layers[*tile_.layer].node);
    for (std::size_t i = 0; i < digital_streams_.size(); ++i)
        connect_stream(digital_streams_[i], tile_.digital[i].node);
    if (interconnect.forks()) share_packets();
    for (Fragment& fragment : fragments_) {
        std::vector<std::size_t> homes;
        for (const std::size_t block : fragment.plan.column_blocks)
            homes.push_back(chip_plan_.placement->layers[fragment.plan.layer].block_homes[block].value());
        std::sort(homes.begin(), homes.end());
        homes.erase(std::unique(homes.begin(), homes.end()), homes.end());
        for (const std::size_t port : homes) {
            Tile& home = *tiles[port];
            CreditLine& places = home.outputs_.places(home.layer_streams_[fragment.plan.copy.value()]);
            fragment.homes.push_back({&places, delay_from(port)});
            places.connect(delay_from(port));
        }
    }
}

/// Consumers that want the same channels of what leaves together have one packet.
void Tile::share_packets() {
    const auto share = [&](const std::vector<OutputQueue::StreamIndex>& streams, std::size_t part,
                           network::NodeId node, const ChannelRange& leaving) {
        const std::vector<Consumer>& consumers = chip_plan_.consumers[node];
        std::vector<timing::Wanted> wanted;
        for (const Consumer& consumer : consumers) {
            const ChannelRange channels = overlap(leaving, consumer.channels);
            const bool local = consumer.kind == ConsumerKind::digital && consumer.tile == tile_.tile;
            wanted.push_back({channels.first, channels.end(), local || consumer.kind == ConsumerKind::host});
        }
        const std::vector<std::size_t> first = timing::shared_packets(wanted);
        for (std::size_t i = 0; i < consumers.size(); ++i)
            for (const OutputQueue::StreamIndex stream : streams)
                if (first[i] != i) outputs_.share(stream, part, first[i], i);
    };
    if (!layer_streams_.empty()) {
        const mapping::LayerMapping& layer = chip_plan_.mapping->layers[*tile_.layer];
        const auto& homes = chip_plan_.placement->layers[*tile_.layer].block_homes;
        if (!layer.outputs_in_runs) share(layer_streams_, 0, layer.node, {0, layer.outputs});
        for (std::size_t i = 0; layer.outputs_in_runs && i < homes.size(); ++i)
            if (homes[i] == tile_.tile)
                share(layer_streams_, part_of_block_[i], layer.node,
                      {layer.column_blocks[i].first_output, layer.column_blocks[i].outputs});
    }
    for (std::size_t i = 0; i < digital_streams_.size(); ++i)
        share({digital_streams_[i]}, 0, tile_.digital[i].node, tile_.digital[i].channels);
}

CreditLine& Tile::room_for(const Consumer& consumer) {
    return consumer.kind == ConsumerKind::matrix ? *buffer_credit_
                                                 : postprocessor_.room_for(consumer.stage, consumer.operand);
}

/// One process a tile: windows and stalls first, processing elements and their converters below them.
void Tile::build_lanes(const Environment& environment) {
    if (environment.timeline == nullptr || !environment.timeline->follows(*tile_.layer)) return;
    const std::string number = std::to_string(tile_.tile.value());
    const std::string& layer = chip_plan_.network->nodes[chip_plan_.layers[*tile_.layer].node].name;
    scope_.timeline = environment.timeline;
    scope_.layer = *tile_.layer;
    // Tiles stand between the host and the mesh.
    scope_.process = scope_.timeline->add_process("tile " + number + " " + layer, 1 + tile_.tile.value());
    for (const FragmentPlan& plan : tile_.fragments)
        fragment_lanes_.push_back(scope_.add_lane("windows of copy " + std::to_string(plan.copy.value())));
    finish_lane_ = scope_.add_lane("post-processor");
    outputs_.watch(scope_, scope_.add_lane("packets without room"));
    buffer_lane_ = scope_.add_lane("buffer");
}

void Tile::build_fragments(const Environment& environment) {
    const mapping::NetworkMapping& mapping = *chip_plan_.mapping;
    const mapping::LayerMapping& layer = mapping.layers[*tile_.layer];
    const network::MatrixWeights& weights = chip_plan_.network->nodes[layer.node].weights;
    const std::vector<bool> flipped = mapping::flipped_columns(weights, layer);
    LayerCounters* const counters =
        environment.counters.empty() ? nullptr : &environment.counters[tile_.layer->value()];
    const std::vector<bitline::AnalogArray>* const devices =
        environment.devices == nullptr ? nullptr : &environment.devices->at(tile_.layer->value());
    for (const FragmentPlan& plan : tile_.fragments) {
        Fragment fragment;
        fragment.plan = plan;
        for (const PePlan& pe : plan.pes) {
            const std::string number = std::to_string(pe.pe.value());
            fragment.pes.push_back(std::make_unique<ProcessingElement>(
                ("pe_" + number).c_str(), pe, layer, mapping, weights, flipped, environment.widths, chip_,
                environment.limits, counters, devices,
                ProcessingElement::WindowOrder{
                    plan.copy.value(), static_cast<std::size_t>(chip_plan_.layers[*tile_.layer].copies),
                    chip_plan_.layers[*tile_.layer].windows},
                environment.kernels, scope_,
                style_ == Style::approximately_timed ? &environment.calendar : nullptr, environment.links));
            fragment.links.push_back(std::make_unique<UnitLink>(*this, fragments_.size()));
            ProcessingElement& unit = *fragment.pes.back();
            unit.tell([this] { tally_.changed(tally_part_); });
            const auto connect = [&](const char* kind, tlm::tlm_target_socket<>& port) {
                auto socket = std::make_unique<tlm::tlm_initiator_socket<>>((kind + number).c_str());
                socket->bind(*fragment.links.back());
                environment.links.connect(*socket, port);
                return socket;
            };
            fragment.window_isocks.push_back(connect("window_isock_", unit.window_tsock));
            fragment.register_isocks.push_back(connect("register_isock_", unit.register_tsock));
        }
        for (const auto& pe : fragment.pes)
            for (const std::size_t block : pe->column_blocks())
                fragment.result_bytes +=
                    static_cast<std::size_t>(layer.column_blocks[block].outputs) * sizeof(std::int32_t);
        fragment.reset(timing_.cycle);
        if (scope_.timeline != nullptr) fragment.lane = fragment_lanes_[fragments_.size()];
        fragments_.push_back(std::move(fragment));
    }
}

void Tile::Fragment::reset(const sc_core::sc_time& cycle) {
    for (const auto& pe : pes) pe->reset();
    counters = {};
    image = 0;
    window = plan.copy.value();
    free_at = sc_core::sc_time_stamp();
    stage_free_at = later(free_at, cycle);
    fetch.reset();
    results_waiting = 0;
    blocked_by_output = called = false;
    units_busy = 0;
    expected.clear();
}

void Tile::reset() {
    tally_.changed(tally_part_);
    agenda_.reset();
    outputs_.reset();
    responder_.reset();
    if (memory_) memory_->reset();
    for (Fragment& fragment : fragments_) fragment.reset(timing_.cycle);
    if (buffer_) {
        buffer_->reset();
        buffer_credit_->reset();
    }
    port_.reset();
    finisher_.reset();
    bus_.reset();
    adder_.reset();
    postprocessor_.reset();
    latest_image_ = 0;
    counters_ = {};
    if (buffer_ && scope_.timeline != nullptr) show_buffer();
}

void Tile::step() {
    tally_.changed(tally_part_);
    agenda_.run_due();
    postprocessor_.take_ready();
    outputs_.pump();
    for (Fragment& fragment : fragments_)
        while (try_drive(fragment) || try_fetch(fragment)) {
        }
    outputs_.pump();
}

// ---- packets in
// ----------------------------------------------------------------------------------------------------

MapLayout Tile::buffer_layout() const {
    return {buffer_->channels(), buffer_->shape().pixels()};
}

std::optional<Tile::Cargo> Tile::cargo_of(const tlm::tlm_generic_payload& packet) const {
    const Address address = decode(packet.get_address());
    const std::size_t bytes = packet.get_data_length();
    if (address.port != tile_.tile.value()) return std::nullopt;
    Cargo cargo;
    cargo.region = address.region;
    cargo.image = full_image_number(address.image, buffer_ ? buffer_->room().oldest_image() : latest_image_);
    const auto at = [&](const MapLayout& layout) {
        const std::optional<MapLayout::Run> run = layout.run_at(address.offset, bytes);
        if (run) cargo.run = *run;
        return run.has_value();
    };
    const LayerPlan* const layer = tile_.layer ? &chip_plan_.layers[*tile_.layer] : nullptr;
    const bool of_layer = layer != nullptr && layer->node == address.node;
    switch (address.region) {
        case Region::matrix_input:
            if (of_layer && at(buffer_layout())) return cargo;
            break;
        case Region::first_operand:
        case Region::second_operand: {
            const bool second = address.region == Region::second_operand;
            for (; cargo.stage < tile_.digital.size(); ++cargo.stage) {
                const DigitalPlan& digital = tile_.digital[cargo.stage];
                cargo.operand = second ? 1 : 0;
                if (digital.node != address.node || cargo.operand >= digital.operands.size()) continue;
                const OperandPlan& operand = digital.operands[cargo.operand];
                const Node& source = chip_plan_.network->nodes[operand.source];
                if (!at({{operand.channels.first + operand.offset, operand.channels.count},
                         source.shape.pixels(),
                         static_cast<std::size_t>(source.format.bytes())}))
                    continue;
                cargo.run.channels.first -= operand.offset;
                return cargo;
            }
            break;
        }
        case Region::reduction: {
            if (!of_layer || layer_streams_.empty() || address.offset % sizeof(std::int32_t) != 0) break;
            const std::vector<std::size_t>& places = layer->block_places;
            const std::size_t value = address.offset / sizeof(std::int32_t);
            cargo.window = value / places.back();
            const auto block = std::lower_bound(places.begin(), places.end(), value % places.back());
            if (*block != value % places.back() || cargo.window >= layer->windows) break;
            cargo.block = static_cast<std::size_t>(block - places.begin());
            if (bytes == (block[1] - block[0]) * sizeof(std::int32_t) &&
                chip_plan_.placement->layers[*tile_.layer].block_homes[cargo.block] == tile_.tile)
                return cargo;
            break;
        }
        default:
            break;
    }
    return std::nullopt;
}

/// TLM_OK_RESPONSE, or why the tile does not take the packet. Whoever sends one knows that there is room.
tlm::tlm_response_status Tile::judge_cargo(const tlm::tlm_generic_payload& packet,
                                           const std::optional<Cargo>& cargo) const {
    const std::vector<std::uint64_t>* const receivers = receivers_of(packet);
    if (receivers != nullptr && !receivers->empty()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
    if (!cargo) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (cargo->region == Region::matrix_input &&
        buffer_->room().number(cargo->image, cargo->run.pixel + cargo->run.pixels - 1) >=
            buffer_->room().limit())
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_sync_enum Tile::nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) return responder_.end_response(packet, delay);
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;  // a phase of another protocol
    tally_.changed(tally_part_);
    packet.set_response_status(judge_held(packet, false));
    if (packet.is_response_error()) return tlm::TLM_COMPLETED;
    if (delay == sc_core::SC_ZERO_TIME && !is_ported(packet) && !is_in_memory(packet)) {
        store(packet);
        return tlm::TLM_COMPLETED;
    }
    // An interconnect may be ahead of time by the annotated delay: the packet is here only then, and so is
    // the end of its request.
    const auto arrive = [this, held = PacketRef(packet)] {
        take_in(*held, [this](tlm::tlm_generic_payload& stored) { responder_.respond(PacketRef(stored)); });
    };
    if (delay == sc_core::SC_ZERO_TIME && !memory_)
        arrive();
    else
        agenda_.at(later(sc_core::sc_time_stamp(), delay), arrive);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

/// For a caller that waits. What it writes is here at once, what it reads as it is now; the eDRAM's port
/// takes its time.
void Tile::b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) {
    tally_.changed(tally_part_);
    packet.set_response_status(judge(packet, true));
    if (packet.is_response_error()) return;
    if (packet.is_read()) {
        if (!copy_input(packet, &delay)) packet.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const std::optional<Cargo> cargo = cargo_of(packet);
    packet.set_response_status(judge_cargo(packet, cargo));
    if (packet.is_response_error()) return;
    if (is_ported(packet)) delay += port_.take(packet.get_data_length());
    if (is_in_memory(packet)) {
        memory_->access(tlm::TLM_WRITE_COMMAND, cargo->image, cargo->run, packet.get_data_ptr(), delay);
    }
    store(packet);
}

/// Reads and writes what is in the eDRAM; no room is taken and no time.
unsigned Tile::transport_dbg(tlm::tlm_generic_payload& packet) {
    const bool done = copy_input(packet, nullptr);
    packet.set_response_status(done ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return done ? packet.get_data_length() : 0;
}

/// Between the eDRAM and a caller that waits, or (without `delay`) a debugger. False: nothing is there.
bool Tile::copy_input(tlm::tlm_generic_payload& packet, sc_core::sc_time* delay) {
    const std::optional<Cargo> cargo = cargo_of(packet);
    if (!cargo || cargo->region != Region::matrix_input || !buffer_->holds(cargo->image, cargo->run))
        return false;
    if (delay != nullptr && port_.bounded()) *delay += port_.take(packet.get_data_length());
    if (memory_ && delay != nullptr) {
        memory_->access(packet.get_command(), cargo->image, cargo->run, packet.get_data_ptr(), *delay);
        return true;
    }
    if (memory_) return memory_->debug(packet.get_command(), cargo->image, cargo->run, packet.get_data_ptr());
    return packet.is_read()
               ? buffer_->peek(cargo->image, cargo->run, packet.get_data_ptr())
               : packet.is_write() && buffer_->poke(cargo->image, cargo->run, packet.get_data_ptr());
}

/// Whether the packet is for the eDRAM, through a port that takes its time.
bool Tile::is_ported(const tlm::tlm_generic_payload& packet) const {
    return port_.bounded() && decode(packet.get_address()).region != Region::reduction;
}

bool Tile::is_in_memory(const tlm::tlm_generic_payload& packet) const {
    return memory_ && decode(packet.get_address()).region == Region::matrix_input;
}

/// Stores the packet, at once or when the eDRAM's port and its memory have written it, and calls `stored`.
void Tile::take_in(tlm::tlm_generic_payload& packet, const Stored& stored) {
    if (!is_ported(packet)) {
        put(PacketRef(packet), stored);
        return;
    }
    const sc_core::sc_time written = port_.take(packet.get_data_length());
    agenda_.at(later(sc_core::sc_time_stamp(), written),
               [this, stored, held = PacketRef(packet)] { put(held, stored); });
}

void Tile::put(const PacketRef& packet, const Stored& stored) {
    const auto finish = [this, stored, packet] {
        store(*packet);
        stored(*packet);
    };
    const std::optional<Cargo> cargo = cargo_of(*packet);
    if (!is_in_memory(*packet) || judge_cargo(*packet, cargo) != tlm::TLM_OK_RESPONSE) {
        finish();
        return;
    }
    memory_->write(cargo->image, cargo->run, packet->get_data_ptr(), finish);
}

/// Puts the packet where it belongs. (Where its bytes lie in a memory of another, they are there already.)
void Tile::store(tlm::tlm_generic_payload& packet) {
    const std::optional<Cargo> found = cargo_of(packet);
    packet.set_response_status(judge_cargo(packet, found));
    if (packet.is_response_error()) return;
    const Cargo& cargo = *found;
    latest_image_ = std::max(latest_image_, cargo.image);
    log(LogModule::tile, LogLevel::trace, [&] {
        return fmt::format("{} bytes of image {} are stored", packet.get_data_length(), cargo.image);
    });
    const unsigned char* data = packet.get_data_ptr();
    const bool blank = is_blank(cargo.image);
    switch (cargo.region) {
        case Region::matrix_input:
            keep_input(cargo, blank || memory_ ? nullptr : data);
            break;
        case Region::reduction: {
            TileAdder::Sums sums;
            if (!blank) {
                sums.resize(packet.get_data_length() / sizeof(std::int32_t));
                std::memcpy(sums.data(), data, packet.get_data_length());
            }
            reduce(*tile_.layer, cargo.image, cargo.window, cargo.block, std::move(sums));
            break;
        }
        default: {
            const network::NodeId map = tile_.digital[cargo.stage].operands[cargo.operand].source;
            const network::Format& format = chip_plan_.network->nodes[map].format;
            std::vector<std::int32_t> values;
            if (!blank) values.resize(static_cast<std::size_t>(cargo.run.channels.count));
            for (std::size_t pixel = 0; pixel < cargo.run.pixels; ++pixel) {
                for (std::int32_t& value : values) {
                    value = take_value(format, data);
                    data += format.bytes();
                }
                postprocessor_.accept_operand(cargo.stage, cargo.operand,
                                              {map, cargo.image, cargo.run.pixel + pixel, cargo.run.channels,
                                               values.empty() ? nullptr : values.data()});
            }
            break;
        }
    }
    agenda_.soon();
}

void Tile::keep_input(const Cargo& cargo, const unsigned char* data) {
    buffer_->write(cargo.image, cargo.run.pixel, cargo.run.pixels, cargo.run.channels, data);
    buffer_credit_->raise(buffer_->room().limit());
    if (scope_.timeline != nullptr) show_buffer();
}

// ---- windows
// -------------------------------------------------------------------------------------------------------

bool Tile::inputs_complete(const Fragment& fragment) const {
    const LayerPlan& layer = chip_plan_.layers[fragment.plan.layer];
    const Shape& map = buffer_->shape();
    const int output_width = chip_plan_.network->nodes[layer.node].shape.width;
    const timing::Footprint area = chip_.pipeline.pipelined
                                       ? timing::footprint(layer.window, map, output_width, fragment.window)
                                       : timing::Footprint{0, map.height, 0, map.width};
    // Windows in the padding only (empty footprint) are always complete.
    return area.all_of(map, [&](std::size_t pixel) { return buffer_->complete(fragment.image, pixel); });
}

/// Whether all homes of its column blocks have a place for the fragment's next window; if not, the first that
/// has none calls when it has.
bool Tile::has_places(Fragment& fragment) {
    const std::uint64_t turn =
        chip_plan_.layers[fragment.plan.layer].turn_of(fragment.image, fragment.window);
    for (const Fragment::Home& home : fragment.homes) {
        if (home.places->grants(turn, home.delay)) continue;
        if (!fragment.called) {
            fragment.called = true;
            home.places->call(turn, home.delay, agenda_, [&fragment] { fragment.called = false; });
        }
        return false;
    }
    return true;
}

bool Tile::try_fetch(Fragment& fragment) {
    if (fragment.fetch || fragment.image >= images_ ||
        fragment.window >= chip_plan_.layers[fragment.plan.layer].windows)
        return false;
    // Without bounds on bus and port a window is fetched in the cycle before its first plane: when that is
    // the processing elements say.
    if (fragment.units_busy != 0 && !is_bounded()) return false;
    if (fragment.free_at > sc_core::sc_time_stamp() || !inputs_complete(fragment)) return false;
    if (!has_places(fragment)) {
        fragment.blocked_by_output = true;
        return false;
    }
    fetch(fragment);
    return true;
}

/// Asks the bus for the bytes of the next window. Their room is free when the last one has been read.
void Tile::fetch(Fragment& fragment) {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    const LayerPlan& layer = chip_plan_.layers[fragment.plan.layer];
    fragment.fetch.emplace();
    WindowFetch& fetch = *fragment.fetch;
    fetch.image = fragment.image;
    fetch.window = fragment.window;
    fetch.asked = now;
    fetch.waited_for_output = std::exchange(fragment.blocked_by_output, false);
    if (!is_blank(fragment.image))
        buffer_->read(fragment.image, layer.window, chip_plan_.network->nodes[layer.node].shape.width,
                      fragment.window, fragment.plan.channels, fragment.window_bytes);
    // From the port over the bus: both are taken meanwhile.
    const std::size_t bytes = window_size(fragment);
    const sc_core::sc_time moved = std::max(port_.take(bytes), bus_.move(bytes));
    const sc_core::sc_time ready = later(now, std::max(timing_.cycle, moved));
    if (memory_)
        read_memory(fragment, ready);
    else
        agenda_.at(ready, [this, &fragment] { fetched(fragment); });
    advance(fragment);
}

void Tile::fetched(Fragment& fragment) {
    fragment.fetch->there = true;
    release(fragment.plan.layer, fragment.fetch->image, fragment.fetch->window);
}

/// The bytes of the window that is fetched are there at `ready`, or later when the memory has given them.
void Tile::read_memory(Fragment& fragment, const sc_core::sc_time& ready) {
    const LayerPlan& layer = chip_plan_.layers[fragment.plan.layer];
    const Shape& map = buffer_->shape();
    const std::size_t window = fragment.window;
    const int across = chip_plan_.network->nodes[layer.node].shape.width;
    const timing::Footprint area = timing::footprint(layer.window, map, across, window);
    const auto take = [this, &fragment, &layer, area, across, ready,
                       window](const BufferMemory::Bytes& bytes) {
        if (!is_blank(fragment.fetch->image)) {
            const int top = static_cast<int>(window) / across * layer.window.stride_y - layer.window.pad_top;
            const int left =
                static_cast<int>(window) % across * layer.window.stride_x - layer.window.pad_left;
            const ChannelRange& kept = buffer_->channels();
            const ChannelRange& wanted = fragment.plan.channels;
            const unsigned char* pixel = bytes.data();
            for (int y = area.top; y < area.bottom; y += area.step_y)
                for (int x = area.left; x < area.right; x += area.step_x, pixel += kept.count)
                    for (int i = 0; i < wanted.count; ++i) {
                        const int ky = (y - top) / area.step_y, kx = (x - left) / area.step_x;
                        const int row =
                            (i * layer.window.kernel_height + ky) * layer.window.kernel_width + kx;
                        fragment.window_bytes[static_cast<std::size_t>(row)] =
                            static_cast<std::int8_t>(pixel[wanted.first - kept.first + i]);
                    }
        }
        agenda_.at(std::max(ready, sc_core::sc_time_stamp()), [this, &fragment] { fetched(fragment); });
    };
    memory_->read(fragment.image, area, static_cast<std::size_t>(map.width), take);
}

/// The first plane is driven when the bytes are there, the arrays are free and a half of the output register
/// has no results that wait for the bus.
bool Tile::try_drive(Fragment& fragment) {
    if (!fragment.fetch || !fragment.fetch->there || fragment.units_busy != 0) return false;
    if (fragment.stage_free_at > sc_core::sc_time_stamp() || fragment.results_waiting == kResultsKept)
        return false;
    drive(fragment);
    return true;
}

void Tile::drive(Fragment& fragment) {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    const WindowFetch fetched = *fragment.fetch;
    FragmentCounters& counters = fragment.counters;
    // Idle: until the window could be fetched, then until its bytes were there and older results had left.
    const sc_core::sc_time asked =
        std::clamp(later(fetched.asked, timing_.cycle), fragment.stage_free_at, now);
    add_to(fetched.waited_for_output ? counters.waited_output : counters.waited_input,
           asked - fragment.stage_free_at);
    add_to(counters.waited_bus, now - asked);
    log(LogModule::tile, LogLevel::debug, [&] {
        const std::string waited = (now - fragment.stage_free_at).to_string();
        return fmt::format("image {} window {} of copy {} is driven, the arrays waited {} for {}",
                           fetched.image, fetched.window, fragment.plan.copy.value(), waited,
                           fetched.waited_for_output ? "a place for its results" : "it");
    });
    const sc_core::sc_time begin = now - timing_.cycle;
    const Timeline::About about{fetched.image, fetched.window, {}};
    if (scope_.timeline != nullptr) {
        const auto waits = [&](Timeline::Kind kind, const sc_core::sc_time& from,
                               const sc_core::sc_time& to) {
            if (to > from)
                scope_.timeline->span(kind, fragment.lane, from - timing_.cycle, to - timing_.cycle, about);
        };
        waits(fetched.waited_for_output ? Timeline::Kind::waited_output : Timeline::Kind::waited_input,
              fragment.stage_free_at, asked);
        waits(Timeline::Kind::waited_bus, asked, now);
    }
    ++counters.windows;
    if (fetched.image == 0) {
        if (!counters.first_start) counters.first_start = begin;
        counters.last_start = begin;
    }

    fragment.fetch.reset();
    fragment.driven_at = fragment.free_at = now;
    if (style_ == Style::approximately_timed && !is_blank(fetched.image)) {
        begin_units(fragment, fetched.image, fetched.window);
        return;
    }
    Job job = job_of(fragment, fetched.image, fetched.window);
    // The units take their next window so that its first plane is driven when the last plane's samples are
    // converted. The sums come the stages behind it later.
    const sc_core::sc_time occupied = run_units(fragment, job);
    fragment.stage_free_at = later(now, occupied);
    agenda_.at(later(fragment.stage_free_at, (1 + timing_.unit_overhead_cycles) * timing_.cycle),
               [this, &fragment, job = std::move(job)]() mutable { take_results(fragment, std::move(job)); });
    occupy(fragment, about);
}

/// When the arrays will be free is known: the window that is in them occupies them until then.
void Tile::occupy(Fragment& fragment, const Timeline::About& about) {
    add_to(fragment.counters.busy, fragment.stage_free_at - fragment.driven_at);
    if (scope_.timeline != nullptr)
        scope_.timeline->span(Timeline::Kind::window, fragment.lane, fragment.driven_at - timing_.cycle,
                              fragment.stage_free_at - timing_.cycle, about);
    // A bounded bus (or port) is asked as soon as the other half of the register is free, which it is when a
    // window is driven; one without bounds in the cycle before the first plane.
    if (!is_bounded()) fragment.free_at = fragment.stage_free_at - timing_.cycle;
    agenda_.wake_at(is_bounded() ? fragment.stage_free_at : fragment.free_at);
}

Tile::Job Tile::job_of(const Fragment& fragment, std::uint64_t image, std::size_t window) const {
    Job job;
    job.layer = fragment.plan.layer;
    job.image = image;
    job.window = window;
    job.blocks = fragment.plan.column_blocks;
    if (!is_blank(image)) job.sums.resize(job.blocks.size());
    return job;
}

/// The window has read its inputs.
void Tile::release(LayerIndex layer, std::uint64_t image, std::size_t window) {
    const LayerPlan& plan = chip_plan_.layers[layer];
    const Shape& map = buffer_->shape();
    timing::footprint(plan.window, map, chip_plan_.network->nodes[plan.node].shape.width, window)
        .for_pixels(map, [&](std::size_t pixel) { buffer_->release(image, pixel); });
    buffer_credit_->raise(buffer_->room().limit());
    if (scope_.timeline != nullptr) show_buffer();
}

void Tile::show_buffer() const {
    scope_.timeline->level(buffer_lane_, std::uint64_t{buffer_->room().resident_pixels()} *
                                             static_cast<std::uint64_t>(buffer_->channels().count));
}

/// Next window of this fragment's copy: windows of an image in turn.
void Tile::advance(Fragment& fragment) {
    const LayerPlan& layer = chip_plan_.layers[fragment.plan.layer];
    fragment.window += static_cast<std::size_t>(layer.copies);
    if (fragment.window < layer.windows) return;
    ++fragment.image;
    fragment.window = fragment.plan.copy.value();
}

std::size_t Tile::window_size(const Fragment& fragment) const {
    const network::Window& window = chip_plan_.layers[fragment.plan.layer].window;
    return static_cast<std::size_t>(fragment.plan.channels.count) *
           static_cast<std::size_t>(window.kernel_height) * static_cast<std::size_t>(window.kernel_width);
}

/// The bytes of the window that processing element `unit` reads, into register_bytes_.
void Tile::fill_register(const Fragment& fragment, std::size_t unit) {
    const network::Window& window = chip_plan_.layers[fragment.plan.layer].window;
    const int first_row = fragment.plan.channels.first * window.kernel_height * window.kernel_width;
    register_bytes_.clear();
    for (const InputRegister::RowRange& rows : fragment.pes[unit]->input().rows()) {
        if (rows.list != nullptr) {
            for (const int row : *rows.list)
                register_bytes_.push_back(fragment.window_bytes[static_cast<std::size_t>(row - first_row)]);
            continue;
        }
        const auto begin = fragment.window_bytes.begin() + (rows.first - first_row);
        register_bytes_.insert(register_bytes_.end(), begin, begin + rows.count);
    }
}

/// Reads the accumulators of processing element `unit` and adds them by column block.
void Tile::read_sums(Fragment& fragment, std::size_t unit, Job& job) {
    const mapping::LayerMapping& layer = chip_plan_.mapping->layers[job.layer];
    const ProcessingElement& pe = *fragment.pes[unit];
    for (std::size_t reg = 0; reg < pe.column_blocks().size(); ++reg) {
        const std::size_t place = static_cast<std::size_t>(
            std::find(job.blocks.begin(), job.blocks.end(), pe.column_blocks()[reg]) - job.blocks.begin());
        accumulators_.resize(static_cast<std::size_t>(layer.column_blocks[job.blocks[place]].outputs));
        const PacketRef packet =
            pool_.make_access(tlm::TLM_READ_COMMAND, kOutputRegister + (std::uint64_t{reg} << 16),
                              reinterpret_cast<unsigned char*>(accumulators_.data()),
                              accumulators_.size() * sizeof(std::int32_t));
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time none;
        (*fragment.register_isocks[unit])->nb_transport_fw(*packet, phase, none);
        if (packet->is_response_error())
            SC_REPORT_ERROR("/sliver/tile", packet->get_response_string().c_str());
        adder_.add(job.sums[place], accumulators_);
    }
}

/// Gives every processing element the window's bytes, whose first plane is driven now, and collects their
/// accumulators by column block. Returns when the arrays are free again, relative to now.
sc_core::sc_time Tile::run_units(Fragment& fragment, Job& job) {
    sc_core::sc_time slowest;
    if (is_blank(job.image)) {
        for (const auto& pe : fragment.pes) slowest = std::max(slowest, pe->take_blank());
        return slowest;
    }
    fragment.pes.front()->fetch_ahead();
    for (std::size_t unit = 0; unit < fragment.pes.size(); ++unit) {
        fill_register(fragment, unit);
        if (unit + 1 < fragment.pes.size()) fragment.pes[unit + 1]->fetch_ahead();
        const PacketRef packet = pool_.make_access(tlm::TLM_WRITE_COMMAND, kInputRegister,
                                                   reinterpret_cast<unsigned char*>(register_bytes_.data()),
                                                   register_bytes_.size());
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time free;
        (*fragment.window_isocks[unit])->nb_transport_fw(*packet, phase, free);
        if (packet->is_response_error())
            SC_REPORT_ERROR("/sliver/tile", packet->get_response_string().c_str());
        slowest = std::max(slowest, free);
        read_sums(fragment, unit, job);
    }
    return slowest;
}

// ---- the same, approximately timed

/// Gives every processing element the window's bytes, whose first plane is driven now.
void Tile::begin_units(Fragment& fragment, std::uint64_t image, std::size_t window) {
    Expected expected;
    expected.turn = agenda_.reserve();
    expected.image = image;
    expected.window = window;
    expected.missing = fragment.units_busy = fragment.pes.size();
    for (std::size_t unit = 0; unit < fragment.pes.size(); ++unit) {
        fill_register(fragment, unit);
        expected.windows.push_back(
            pool_.make_access(tlm::TLM_WRITE_COMMAND, kInputRegister, nullptr, register_bytes_.size()));
        std::memcpy(expected.windows.back()->get_data_ptr(), register_bytes_.data(), register_bytes_.size());
    }
    fragment.expected.push_back(std::move(expected));
    for (std::size_t unit = 0; unit < fragment.pes.size(); ++unit) {
        tlm::tlm_generic_payload& packet = *fragment.expected.back().windows[unit];
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time none;
        const tlm::tlm_sync_enum answer =
            (*fragment.window_isocks[unit])->nb_transport_fw(packet, phase, none);
        if (answer == tlm::TLM_COMPLETED)
            SC_REPORT_ERROR("/sliver/tile", packet.get_response_string().c_str());
        if (answer == tlm::TLM_UPDATED) unit_announced(fragment);
    }
}

/// The arrays of one more processing element will be free in a cycle. The slowest of them counts.
void Tile::unit_announced(Fragment& fragment) {
    if (--fragment.units_busy != 0) return;
    fragment.stage_free_at = later(sc_core::sc_time_stamp(), timing_.cycle);
    const Expected& newest = fragment.expected.back();
    occupy(fragment, {newest.image, newest.window, {}});
}

/// One more processing element has the oldest window's sums.
void Tile::unit_ready(Fragment& fragment) {
    if (--fragment.expected.front().missing != 0) return;
    agenda_.at(sc_core::sc_time_stamp(), fragment.expected.front().turn,
               [this, &fragment] { collect(fragment); });
}

void Tile::collect(Fragment& fragment) {
    const Expected expected = std::move(fragment.expected.front());
    fragment.expected.pop_front();
    Job job = job_of(fragment, expected.image, expected.window);
    for (std::size_t unit = 0; unit < fragment.pes.size(); ++unit) {
        read_sums(fragment, unit, job);
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time none;
        (*fragment.window_isocks[unit])->nb_transport_fw(*expected.windows[unit], phase, none);
    }
    take_results(fragment, std::move(job));
}

// ---- values out
// ----------------------------------------------------------------------------------------------------

/// The accumulators of the window's processing elements go over the bus, one after the other, to the adders.
void Tile::take_results(Fragment& fragment, Job job) {
    const sc_core::sc_time moved = bus_.move(fragment.result_bytes);
    ++fragment.results_waiting;
    auto crossed = [this, &fragment, job = std::move(job)]() mutable {
        --fragment.results_waiting;
        send_partial_sums(job);
    };
    if (bus_.bounded())
        agenda_.at(later(sc_core::sc_time_stamp(), moved), std::move(crossed));
    else
        crossed();
}

void Tile::send_partial_sums(Job& job) {
    const network::NodeId node = chip_plan_.layers[job.layer].node;
    const std::vector<std::size_t>& places = chip_plan_.layers[job.layer].block_places;
    for (std::size_t i = 0; i < job.blocks.size(); ++i) {
        const TileIndex home = chip_plan_.placement->layers[job.layer].block_homes[job.blocks[i]];
        if (home == tile_.tile) {
            reduce(job.layer, job.image, job.window, job.blocks[i],
                   job.sums.empty() ? TileAdder::Sums() : std::move(job.sums[i]));
            continue;
        }
        const std::size_t bytes =
            static_cast<std::size_t>(
                chip_plan_.mapping->layers[job.layer].column_blocks[job.blocks[i]].outputs) *
            sizeof(std::int32_t);
        const std::size_t value = job.window * places.back() + places[job.blocks[i]];
        PacketRef packet = pool_.make_packet(
            encode({home.value(), Region::reduction, node, job.image, value * sizeof(std::int32_t)}), bytes);
        if (!job.sums.empty()) std::memcpy(packet->get_data_ptr(), job.sums[i].data(), bytes);
        outputs_.send_sums(job.image, std::move(packet));
    }
}

void Tile::reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                  TileAdder::Sums partial_sums) {
    if (!adder_.reduce(layer, image, window, block, std::move(partial_sums))) return;
    const mapping::ColumnBlock& outputs = chip_plan_.mapping->layers[layer].column_blocks[block];
    const sc_core::sc_time finished = finisher_.take(static_cast<std::size_t>(outputs.outputs));
    const sc_core::sc_time done =
        later(sc_core::sc_time_stamp(), finished) + timing_.tile_overhead_cycles * timing_.cycle;
    if (scope_.timeline != nullptr)
        scope_.timeline->span(Timeline::Kind::finish, finish_lane_, sc_core::sc_time_stamp(), done,
                              {image, window, {block}});
    agenda_.at(done, [this, layer, image, window, block] {
        if (image == 0) counters_.layer_done = sc_core::sc_time_stamp();
        // Sorted columns leave all together, as one part; it is closed as often as they have blocks.
        const std::size_t part =
            chip_plan_.mapping->layers[layer].outputs_in_runs ? part_of_block_[block] : 0;
        postprocessor_.finish(layer, image, window, block, adder_.take(image, window, block),
                              [this, part](const PixelValues& values) { emit(values, part); });
        const LayerPlan& plan = chip_plan_.layers[layer];
        outputs_.close(layer_streams_[plan.copy_of(window)], plan.turn_of(image, window));
    });
}

/// A pixel of a map whose home this is, or the channels of one of its column blocks: on to everyone who
/// consumes it.
/// Calls `then` with the values, which stay alive until then, at `time`.
template <typename Then>
void Tile::hold(const PixelValues& values, const sc_core::sc_time& time, Then then) {
    std::vector<std::int32_t> copy;
    if (values.values != nullptr) copy.assign(values.values, values.values + values.channels.count);
    agenda_.at(time, [kept = values, copy = std::move(copy), then]() mutable {
        kept.values = copy.empty() ? nullptr : copy.data();
        then(kept);
    });
}

/// An operand that comes into being on this tile: it is written to the eDRAM like those that come as packets.
void Tile::keep_operand(const Consumer& consumer, const PixelValues& values) {
    if (!port_.bounded()) {
        postprocessor_.accept_operand(consumer.stage, consumer.operand, values);
        return;
    }
    const sc_core::sc_time written = port_.take(bytes_of(values));
    hold(values, later(sc_core::sc_time_stamp(), written),
         [this, stage = consumer.stage, operand = consumer.operand](const PixelValues& kept) {
             postprocessor_.accept_operand(stage, operand, kept);
         });
}

std::size_t Tile::bytes_of(const PixelValues& values) const {
    return static_cast<std::size_t>(values.channels.count) *
           static_cast<std::size_t>(chip_plan_.network->nodes[values.node].format.bytes());
}

/// What a digital node has made.
void Tile::pass_on(const PixelValues& values) {
    if (!finisher_.bounded()) {
        emit(values, 0);
        return;
    }
    const sc_core::sc_time finished = finisher_.take(static_cast<std::size_t>(values.channels.count));
    hold(values, later(sc_core::sc_time_stamp(), finished),
         [this](const PixelValues& kept) { emit(kept, 0); });
}

void Tile::emit(const PixelValues& values, std::size_t part) {
    const LayerPlan* const layer = tile_.layer ? &chip_plan_.layers[*tile_.layer] : nullptr;
    const bool digital = layer == nullptr || layer->node != values.node;
    const std::uint64_t number =
        values.image * chip_plan_.network->nodes[values.node].shape.pixels() + values.pixel;
    OutputQueue::StreamIndex stream = 0;
    std::uint64_t turn = number;
    if (digital) {
        std::size_t stage = 0;
        while (tile_.digital[stage].node != values.node ||
               tile_.digital[stage].channels.first != values.channels.first)
            ++stage;
        stream = digital_streams_[stage];
    } else {
        stream = layer_streams_[layer->copy_of(values.pixel)];
        turn = layer->turn_of(values.image, values.pixel);
    }
    const std::vector<Consumer>& consumers = chip_plan_.consumers[values.node];
    for (std::size_t i = 0; i < consumers.size(); ++i) {
        const ChannelRange channels = overlap(values.channels, consumers[i].channels);
        if (channels.count == 0) continue;
        const std::vector<std::size_t>& receivers = outputs_.receivers(stream, part, i);
        if (receivers.empty()) continue;  // the packet of a consumer before it is for this one, too
        PixelValues wanted = values;
        wanted.channels = channels;
        if (values.values != nullptr) wanted.values += channels.first - values.channels.first;
        if (outputs_.passes(stream, part, i, number))
            keep_operand(consumers[i], wanted);
        else
            outputs_.post(stream, part, i, {turn, values.image, number},
                          make_packet(wanted, consumers, receivers));
    }
    if (digital) outputs_.close(stream, turn);
}

/// For the consumers that `receivers` names.
PacketRef Tile::make_packet(const PixelValues& values, const std::vector<Consumer>& consumers,
                            const std::vector<std::size_t>& receivers) {
    const Node& source = chip_plan_.network->nodes[values.node];
    const auto address_of = [&](std::size_t receiver) {
        return address_for(consumers[receiver], source, values.image, values.pixel, values.channels.first);
    };
    PacketRef packet = pool_.make_packet(address_of(receivers.front()), bytes_of(values));
    unsigned char* data = packet->get_data_ptr();
    for (int i = 0; values.values != nullptr && i < values.channels.count; ++i, data += source.format.bytes())
        put_value(source.format, values.values[i], data);
    if (receivers.size() > 1)
        std::transform(receivers.begin(), receivers.end(), std::back_inserter(*receivers_of(*packet)),
                       address_of);
    return packet;
}

tlm::tlm_sync_enum Tile::nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    return outputs_.nb_transport_bw(packet, phase, delay);
}

}  // namespace sliver::model
