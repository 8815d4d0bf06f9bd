// A tile of windows of one matrix layer, from input codes to output codes. Private to bitline.
//
// A tile is a range of windows (of one image or of several: layers with few windows share a tile) and of
// column groups. Tiles are independent: threads take them in any order, and every result is an integer sum,
// so that order cannot matter.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/analog_layer.h"
#include "engine/functional_engine.h"
#include "engine/layer_cells.h"
#include "engine/linear_layer.h"
#include "engine/sum_counter.h"
#include "network/integer_ops.h"

namespace sliver::engine {

/// The converters of one layer.
struct LayerConverters {
    std::vector<std::array<mapping::Converter, 2>> by_slice;  ///< [slice][sign]; `exact`: empty
    bool exact = false;                                       ///< no conversion changes its sum
};
bool operator==(const LayerConverters& a, const LayerConverters& b);
/// Exact where `widths` splits rows. InputError for tables that do not fit the layer, for a width or a drop
/// that no converter has, and for drops with split rows.
LayerConverters converters_of(const LayerCells& cells, const std::string& layer_name,
                              const mapping::AdcWidths& widths, LayerIndex layer);

/// What given converters mean for one layer.
struct ConverterPlan {
    LayerConverters converters;
    std::vector<std::uint16_t> safe_rows;  ///< by LayerCells::index(): most driven rows without an excess
    std::vector<int> block_safe_rows;      ///< by row block: the smallest of its groups
};
ConverterPlan make_plan(const LayerCells& cells, LayerConverters converters);

/// Planes of a tile on one row block, most driven rows first, so that those a group must count are the first
/// few.
class PlaneList {
  public:
    void clear();
    [[nodiscard]] std::uint32_t* reserve(std::size_t places);  ///< where the next plane's digits go
    void add(DrivenPlane plane, std::size_t places);
    void sort(int rows);
    /// Planes with more than `rows` driven rows; they are the first ones after sort().
    [[nodiscard]] int driven_above(int rows) const { return above_[static_cast<std::size_t>(rows)]; }
    [[nodiscard]] bool empty() const { return planes_.empty(); }
    [[nodiscard]] const DrivenPlane* planes() const { return sorted_.data(); }
    [[nodiscard]] const std::uint32_t* digits() const { return digits_.data(); }

  private:
    std::vector<DrivenPlane> planes_, sorted_;
    std::vector<std::uint32_t> digits_;
    std::size_t used_ = 0;
    std::vector<int> above_;
};

/// Buffers of one thread.
struct Scratch {
    AlignedVector<std::int8_t> codes;          ///< [window][row], two's complement or unsigned bytes
    AlignedVector<std::int16_t> inputs;        ///< [window][row]
    AlignedVector<std::int32_t> accumulators;  ///< [output group][window][16]
    std::vector<std::uint64_t> digits;         ///< of one plane
    std::vector<std::uint32_t> cut;            ///< [slice][sign][column of a group]
    AlignedVector<std::uint32_t> sums;         ///< [plane][column of a group]
    PlaneList added, subtracted;               ///< planes of positive and of negative weight
    AlignedVector<std::uint8_t> patterns;      ///< LookUpCall::digits of one row block
    AlignedVector<std::int32_t> excess;        ///< LookUpCall::excess of the tile; empty: nothing looked up
    std::vector<std::vector<SliceStatistics>> statistics;  ///< [layer][slice]
    SumCounter counter;                                    ///< of the layer at work
    AnalogScratch analog;                                  ///< non-ideal crossbars only
    LinearScratch linear;                                  ///< and these behind linear converters
};

/// Windows that share the weights and cells in the cache; what EngineKernels::look_up takes at once.
constexpr int kMostTileWindows = 32;
static_assert(kMostTileWindows == kMostWindowBlocks * kLookUpWindows);

/// What a run notes besides the codes.
enum class Watch {
    clips,         ///< conversions that were cut
    largest_sums,  ///< and exact largest sums, in Scratch's statistics
    all_sums       ///< every sum of a driven plane, in Scratch::counter; the converters must be exact
};

/// An input map as bytes with its zero padding around it: [channel][row][column].
struct PaddedMap {
    AlignedVector<std::int8_t> codes;
};

/// Of at most kMostTileWindows windows.
struct WindowBatch {
    std::size_t first_window = 0;   ///< image * windows of an image + window
    std::uint64_t first_image = 0;  ///< number in the run of the image that window 0 belongs to
    int windows = 0;
    int first_group = 0, groups = 0;  ///< of columns
};

class LayerRunner {
  public:
    /// `on_arrays`: use_analog() or use_linear() will follow, no cells are packed here. Keeps a reference to
    /// `node`.
    LayerRunner(const network::Node& node, const network::Node& input, const mapping::LayerMapping& layer,
                InstructionSet set, bool on_arrays);

    /// The runner has a part of a layer in groups (mapping::BlockLayer): `node` and `layer` are that part's,
    /// maps are the whole layer's.
    void set_part(int first_row, int first_output) {
        first_channel_ = first_row / (node_.window.kernel_height * node_.window.kernel_width);
        first_output_ = first_output;
    }

    [[nodiscard]] const LayerCells& cells() const { return cells_; }
    [[nodiscard]] int windows() const { return windows_; }  ///< of one image

    /// From now on tiles are computed on these crossbars.
    void use_analog(std::unique_ptr<AnalogLayer> analog) { analog_ = std::move(analog); }
    /// Likewise, behind converters that neither round nor cut.
    void use_linear(std::unique_ptr<LinearLayer> linear) { linear_ = std::move(linear); }
    /// Tiles must have all columns.
    [[nodiscard]] bool is_analog() const { return analog_ != nullptr || linear_ != nullptr; }

    /// Around runs under Watch::all_sums: empties a thread's counts, adds them to one histogram a slice and
    /// sign.
    void start_counting(Scratch& scratch) const;
    void add_counted(Scratch& scratch, std::vector<std::array<mapping::SumHistogram, 2>>& groups) const;

    void pad(const std::vector<std::int32_t>& map, PaddedMap& padded) const;

    /// Computes a tile: `inputs` and `outputs` are one map an image. Statistics are added to `statistics`
    /// (one a slice).
    void run(const WindowBatch& tile, const ConverterPlan& plan, const std::vector<PaddedMap>& inputs,
             Watch watch, Scratch& scratch, std::vector<SliceStatistics>& statistics,
             std::vector<std::vector<std::int32_t>>& outputs) const;

  private:
    void gather(const WindowBatch& tile, const std::vector<PaddedMap>& inputs, Scratch& scratch) const;
    void multiply(const WindowBatch& tile, Scratch& scratch) const;
    /// Packs the planes that drive more than `safe_rows` rows.
    void list_planes(const WindowBatch& tile, int block, int safe_rows, Scratch& scratch) const;
    void subtract_excess(const WindowBatch& tile, const ConverterPlan& plan, bool record_sums,
                         Scratch& scratch, std::vector<SliceStatistics>& statistics) const;
    /// The same rows as patterns, all planes.
    void list_patterns(const WindowBatch& tile, int block, Scratch& scratch) const;
    [[nodiscard]] bool look_up_is_cheaper(const LookUpCall& call, int rows, int planes) const;
    void add_looked_up(const WindowBatch& tile, Scratch& scratch) const;
    void count_sums(const WindowBatch& tile, Scratch& scratch) const;
    [[nodiscard]] std::vector<bitline::ReadName> names_of(const WindowBatch& tile) const;
    void run_analog(const WindowBatch& tile, const ConverterPlan& plan, Watch watch, Scratch& scratch,
                    std::vector<SliceStatistics>& statistics) const;
    void finish(const WindowBatch& tile, Scratch& scratch,
                std::vector<std::vector<std::int32_t>>& outputs) const;
    /// How accumulators become codes: network::finish_accumulator() itself, or the same for 16 outputs in
    /// arithmetic that the compiler can vectorise, where it cannot overflow (tests compare them).
    enum class Finish {
        one_by_one,
        narrow,  ///< steps are powers of two: 32 bits
        scaled,  ///< by multipliers: 64 bits
    };
    void choose_finish(const mapping::CellFormat& format);
    void finish_narrow(int first_output, int windows, std::int32_t* sums) const;
    void finish_scaled(int first_output, int windows, std::int32_t* sums) const;

    const network::Node& node_;
    network::Format input_format_;
    network::Shape input_shape_;
    const bitline::Kernels& columns_;
    const EngineKernels& kernels_;
    LayerCells cells_;
    std::unique_ptr<AnalogLayer> analog_;
    std::unique_ptr<LinearLayer> linear_;
    int windows_, padded_height_, padded_width_;
    int first_channel_ = 0, first_output_ = 0;
    std::size_t row_stride_;  ///< codes of one window, padded
    std::vector<PlaneQuad> quads_;
    std::uint64_t pattern_planes_ = 0;  ///< bits of a code that are planes, in every byte
    std::vector<std::int32_t> padded_bias_;
    Finish finish_ = Finish::one_by_one;
    network::Limits limits_;
    int finish_shift_ = 0;                            ///< narrow
    std::vector<std::int64_t> multipliers_, shifts_;  ///< scaled: by output, padded
};

}  // namespace sliver::engine
