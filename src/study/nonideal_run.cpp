#include "study/nonideal_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "app/design.h"
#include "app/engine_pass.h"
#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker_team.h"
#include "config/chip_config_loader.h"
#include "config/chip_words.h"
#include "config/shipped.h"
#include "engine/device_arrays.h"
#include "network/golden.h"
#include "results/pricing.h"
#include "run/simulation.h"
#include "study/nonideal_files.h"
#include "study/nonideal_study.h"
#include "study/training_card.h"

namespace sliver::study {
namespace {

using config::ShippedKind;

/// The parameters of arXiv 2201.05229 as far as they are known: none was read in the paper itself
/// (source-papers.md B.2: from memory, or of sibling papers of the same group). The reference column is
/// ours: behind lossy wires a known off current takes off too much (docs/nonideal.md).
const std::vector<std::string> kPaperDevices = {
    "cells.on=20kohm",    "cells.off=200kohm",      "cells.variation=gaussian-level",
    "cells.sigma=0.1",    "cells.reference=column", "wires.kind=exact",
    "wires.driver=1kohm", "wires.row=5ohm",         "wires.column=10ohm",
    "wires.sense=1kohm"};

/// More arrays than this are not simulated: a small array size asks for a chip whose model does not fit into
/// the memory of a workstation.
constexpr std::uint64_t kMostSimulated = 100'000;
constexpr int kWidest = 8, kNarrowest = 3;

/// A network in a form that arrays can be made of.
struct Subject {
    app::LoadedNetwork loaded;
    app::TestImages test;
    network::QuantisedNetwork network;
    std::uint64_t ideal_correct = 0;
    std::string method;
    std::string digest;  ///< of input codes, labels and number formats: how images were prepared is in it
};

class Study {
  public:
    Study(const NonidealStudyRequest& options, app::Progress& progress)
        : options_(options), threads_(thread_count(options.threads)), progress_(progress) {
        if (!options.keep.empty()) kept_.emplace(options.keep);
        study_.version = version();
        study_.count = options.count;
        study_.sizes = options.sizes;
        for (std::size_t seed = 1; seed <= options.seeds; ++seed) study_.seeds.push_back(seed);
        study_.chip = chip_of(options.sizes.front(), false);
        if (study_.chip.adc.offset_sigma > 0)
            refuse(
                "chip {}: adc.offset_sigma: value {}: the study's converters neither round nor cut, an "
                "offset has no meaning behind them",
                study_.chip.name, study_.chip.adc.offset_sigma);
        if (study_.chip.cells.read_noise > 0)
            refuse(
                "chip {}: cells.read_noise: value {}: the study's converters neither round nor cut, and "
                "sum up all reads at once",
                study_.chip.name, study_.chip.cells.read_noise);
        study_.chip.weights.column_order = chip_of(options.sizes.front(), true).weights.column_order;
        study_.devices = options.devices == "paper"
                             ? "of arXiv 2201.05229 as far as known (from memory or sibling papers)"
                             : "as the chip's file and --set say";
        // What is wrong is refused before hours of work, not behind them.
        for (const int size : options.sizes) (void)chip_of(size, true);
        if (options.adc_images > 0) (void)chip_of(options.adc_array, false);
        (void)results::prices_of(study_.chip);
        for (const std::string& text : options.networks)
            for (std::size_t first = 0; first <= text.size();) {
                const std::size_t last = std::min(text.find(':', first), text.size());
                app::check_card(app::load_network(text.substr(first, last - first), options.logits));
                first = last + 1;
            }
    }

    NonidealStudy run() {
        for (const std::string& text : options_.networks) {
            const std::size_t colon = text.find(':');
            const Subject plain = subject(text.substr(0, colon));
            NonidealNetwork network;
            network.name = config::shipped_name_of(ShippedKind::network, plain.loaded.path);
            network.sha256 = plain.loaded.sha256;
            network.method = plain.method;
            std::optional<Subject> constrained;
            if (colon != std::string::npos) {
                constrained = subject(text.substr(colon + 1));
                network.constrained_name =
                    config::shipped_name_of(ShippedKind::network, constrained->loaded.path);
                network.constrained_sha256 = constrained->loaded.sha256;
            }
            study_.images = plain.test.set->source();
            study_.networks.push_back(network);
            for (const int size : options_.sizes)
                for (const Subject* of : {&plain, constrained ? &std::as_const(*constrained) : nullptr})
                    for (const bool rearranged : {false, true})
                        if (of != nullptr && asked(rearranged, of != &plain))
                            add_point(*of, network.name, size, rearranged, of != &plain);
            if (options_.adc_images > 0) add_widths(plain, network.name);
        }
        return std::move(study_);
    }

  private:
    /// Whether `--set` has a value for the key of this assignment: it goes before the preset's.
    [[nodiscard]] bool sets_key_of(const std::string& assignment) const {
        const std::string key = assignment.substr(0, assignment.find('=') + 1);
        return std::any_of(options_.chip.set.begin(), options_.chip.set.end(),
                           [&](const std::string& own) { return own.compare(0, key.size(), key) == 0; });
    }

    [[nodiscard]] bool asked(bool rearranged, bool constrained) const {
        const char* name = rearranged ? (constrained ? "R+WCT" : "R") : (constrained ? "WCT" : "T");
        return std::find(options_.with.begin(), options_.with.end(), name) != options_.with.end();
    }

    [[nodiscard]] config::ChipConfig chip_of(int size, bool rearranged) const {
        app::ChipRequest own = options_.chip;
        std::vector<std::string> set = {
            "cells.kind=resistive", fmt::format("array.rows={}", size), fmt::format("array.columns={}", size),
            // Digit columns leave out what has no bit by themselves.
            sets_key_of("weights.digits=") ? "weights.packing=none" : "weights.packing=fewest",
            "adc.policy=worst-case",
            fmt::format("weights.column_order={}", rearranged ? options_.order : "natural")};
        if (options_.devices == "paper")
            std::copy_if(kPaperDevices.begin(), kPaperDevices.end(), std::back_inserter(set),
                         [&](const std::string& preset) { return !sets_key_of(preset); });
        set.insert(set.end(), options_.chip.set.begin(), options_.chip.set.end());
        own.set = std::move(set);
        return app::load_chip(own);
    }

    Subject subject(const std::string& name) {
        Subject made;
        made.loaded = app::load_network(name, options_.logits);
        app::check_card(made.loaded);
        made.test = app::open_images(made.loaded, options_.images, options_.count, "--count");
        if (options_.adc_images > made.test.set->count())
            refuse("--adc-images: value {}: {} has {} images", options_.adc_images, made.test.set->source(),
                   made.test.set->count());
        if (!made.test.set->labels())
            refuse("--images: {} has no labels, and the study is about accuracy", made.test.set->source());
        if (made.loaded.card) made.method = read_training_card(made.loaded.card->source).method;
        network::ActivationRanges ranges;
        if (network::needs_calibration(made.loaded.network)) {
            const app::CalibrationImages images = app::calibration_images(
                made.loaded, options_.images, made.test, options_.count, app::Purpose::ranges);
            progress_.stage(fmt::format("activation ranges from {} images", images.count));
            ranges = network::calibrate(
                made.loaded.network, images.count, [&](std::size_t i) { return images.image(i); },
                static_cast<unsigned>(threads_));
        }
        progress_.stage("quantising " + made.loaded.network.name);
        made.network = app::quantise_for(made.loaded, study_.chip, ranges);
        progress_.clear();
        std::vector<std::int32_t> known = app::image_codes(made.network, *made.test.set, 0, options_.count);
        const std::vector<int>& labels = *made.test.set->labels();
        known.insert(known.end(), labels.begin(),
                     labels.begin() + static_cast<std::ptrdiff_t>(options_.count));
        for (const network::Node& node : made.network.nodes)
            known.insert(known.end(), {node.format.bits, node.format.exponent, node.format.zero});
        made.digest = app::digest_of(known);
        config::ChipConfig ideal = study_.chip;
        ideal.weights.packing = config::Packing::none;
        ideal.weights.column_order = config::ColumnOrder::natural;
        const mapping::NetworkMapping mapped = mapping::map_network(made.network, ideal);
        mapping::AdcWidths exact;
        exact.split_rows = true;
        for (const mapping::LayerMapping& layer : mapped.layers)
            exact.bits.emplace_back(layer.shifts.size(), kWidest);
        const engine::FunctionalEngine engine(made.network, mapped, ideal.inputs.dac_bits, engine_options());
        made.ideal_correct = correct(made, engine, exact, options_.count, "ideal crossbars");
        return made;
    }

    [[nodiscard]] engine::EngineOptions engine_options() const {
        engine::EngineOptions engine;
        engine.instruction_set = bitline::best_instruction_set();
        engine.threads = threads_;
        return engine;
    }

    [[nodiscard]] std::uint64_t correct(const Subject& subject, const engine::FunctionalEngine& engine,
                                        const mapping::AdcWidths& widths, std::size_t count,
                                        const std::string& what) {
        const app::EnginePass pass =
            app::run_engine(engine, subject.network, *subject.test.set, 0, count, widths,
                            subject.loaded.network.name + ", " + what, progress_);
        const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
        std::uint64_t right = 0;
        for (std::size_t i = 0; i < pass.images; ++i)
            right += classes[i] == (*subject.test.set->labels())[i] ? 1 : 0;
        return right;
    }

    [[nodiscard]] engine::ProgrammingRequest request(const Subject& subject,
                                                     const mapping::NetworkMapping& mapped,
                                                     const config::ChipConfig& chip, std::uint64_t seed,
                                                     const std::string& what) const {
        return {
            subject.network,
            mapped,
            chip,
            seed,
            threads_,
            best_instruction_set(),
            nullptr,
            [this, what](std::size_t done, std::size_t all) { progress_.count(what, done, all, "arrays"); }};
    }

    /// Everything a seed's result depends on.
    [[nodiscard]] std::string key_of(const Subject& subject, const config::ChipConfig& chip,
                                     const std::string& what) const {
        return fmt::format("sliver-nonideal-3 {} {} {} {}\n{}", version(), what, subject.loaded.sha256,
                           subject.digest, config::to_yaml(chip));
    }

    void add_point(const Subject& subject, const std::string& name, int size, bool rearranged,
                   bool constrained) {
        const config::ChipConfig chip = chip_of(size, rearranged);
        const mapping::NetworkMapping mapped = mapping::map_network(subject.network, chip);
        NonidealPoint point;
        point.network = name;
        point.array = size;
        point.rearranged = rearranged;
        point.constrained = constrained;
        point.crossbars = mapped.crossbars();
        point.unpacked = mapped.unpacked_crossbars();
        point.images = options_.count;
        point.ideal_correct = subject.ideal_correct;
        const std::string what = fmt::format("{}, {} x {}{}{}", name, size, size, rearranged ? ", R" : "",
                                             constrained ? ", WCT" : "");
        for (const std::uint64_t seed : study_.seeds) {
            const std::string key = key_of(subject, chip, fmt::format("seed {}", seed));
            std::optional<NonidealSeed> result;
            if (kept_) result = kept_->find_seed(key);
            if (!result) {
                result = one_seed(subject, mapped, chip, seed,
                                  fmt::format("{}, seed {} of {}", what, seed, study_.seeds.size()));
                if (kept_) kept_->keep(key, *result);
            }
            point.mean_siemens = result->mean_siemens;
            point.seeds.push_back(*result);
        }
        if (options_.cost && point.crossbars <= kMostSimulated) {
            const std::string key = key_of(subject, chip, "cost");
            if (kept_) point.cost = kept_->find_cost(key);
            if (!point.cost) {
                progress_.stage(what + ": one image on the chip");
                point.cost = cost_of(subject, mapped, chip);
                if (kept_) kept_->keep(key, *point.cost);
            }
        }
        progress_.clear();
        study_.points.push_back(std::move(point));
    }

    NonidealSeed one_seed(const Subject& subject, const mapping::NetworkMapping& mapped,
                          const config::ChipConfig& chip, std::uint64_t seed, const std::string& what) {
        const engine::ProgrammingRequest programming = request(subject, mapped, chip, seed, what);
        const engine::ProgrammedNetwork programmed = engine::program_uncalibrated(programming);
        NonidealSeed result;
        result.seed = seed;
        result.nonideality = programmed.currents.nonideality;
        result.mean_siemens = programmed.currents.mean_siemens;
        engine::EngineOptions linear = engine_options();
        linear.linear_converters = true;
        const mapping::AdcWidths widths = worst_case(subject, mapped, chip);
        for (std::size_t gain = 0; gain < kGainKinds.size(); ++gain) {
            const auto arrays = kGainKinds[gain] == config::AdcCalibration::none
                                    ? programmed.arrays
                                    : engine::calibrated(*programmed.arrays, programming, kGainKinds[gain]);
            const engine::FunctionalEngine engine(subject.network, mapped, chip.inputs.dac_bits, linear,
                                                  arrays);
            result.correct[gain] = correct(subject, engine, widths, options_.count, what);
        }
        return result;
    }

    [[nodiscard]] static mapping::AdcWidths worst_case(const Subject& subject,
                                                       const mapping::NetworkMapping& mapped,
                                                       const config::ChipConfig& chip) {
        return mapping::allocate_adcs(subject.network, mapped, chip);
    }

    /// One image on a mesh as large as the network needs.
    NonidealCost cost_of(const Subject& subject, const mapping::NetworkMapping& mapped,
                         const config::ChipConfig& on_arrays) {
        app::Design design;
        design.network = subject.network;
        design.mapping = mapped;
        design.widths = worst_case(subject, mapped, on_arrays);
        config::ChipConfig chip = on_arrays;
        chip.mesh.columns = chip.mesh.rows = 128;
        const mapping::Placement wide = run::place(design, chip);
        const auto edge = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(wide.tiles))));
        chip.mesh.columns = std::max(on_arrays.mesh.columns, edge);
        chip.mesh.rows = std::max(on_arrays.mesh.rows, edge);
        const mapping::Placement placement = run::place(design, chip);
        results::RunResult counted;
        counted.chip = mapping::with_fixed_widths(chip, mapped, design.widths);
        const std::vector<std::int32_t> codes = app::image_codes(subject.network, *subject.test.set, 0, 1);
        run::Simulation simulation{design, placement, counted.chip, codes};
        simulation.settle = 0;
        counted.record = run::SimulationProcess(simulation).wait().record;
        const results::PricedRun priced = results::price(counted);
        NonidealCost cost;
        cost.energy_j = priced.total_j.total();
        cost.adc_j = priced.total_j[cost::Component::adc];
        cost.index_j = priced.total_j[cost::Component::index_table];
        cost.latency_s = results::seconds(counted.record.latency_fs());
        const double tables_mm2 = priced.area_mm2[cost::Component::index_table];
        cost.area_mm2 = (priced.area_mm2.total() - priced.area_mm2[cost::Component::host_link] - tables_mm2) *
                            static_cast<double>(counted.record.tiles) /
                            static_cast<double>(counted.record.inventory.tiles) +
                        tables_mm2;
        return cost;
    }

    /// The same width in every slice, in front of ideal and of real arrays.
    void add_widths(const Subject& subject, const std::string& name) {
        config::ChipConfig chip = chip_of(options_.adc_array, false);
        chip.weights.packing = config::Packing::none;
        const mapping::NetworkMapping mapped = mapping::map_network(subject.network, chip);
        const std::string what = fmt::format("{}, ADC widths", name);
        const engine::ProgrammingRequest programming =
            request(subject, mapped, chip, study_.seeds.front(), what);
        const auto arrays = engine::calibrated(*engine::program_uncalibrated(programming).arrays, programming,
                                               config::AdcCalibration::column);
        const engine::FunctionalEngine real(subject.network, mapped, chip.inputs.dac_bits, engine_options(),
                                            arrays);
        const engine::FunctionalEngine ideal(subject.network, mapped, chip.inputs.dac_bits, engine_options());
        std::vector<int> asked = {0};  // lossless
        for (int bits = kWidest; bits >= kNarrowest; --bits) asked.push_back(bits);
        for (const int bits : asked) {
            NonidealWidth width;
            width.network = name;
            width.array = options_.adc_array;
            width.bits = bits;
            width.images = options_.adc_images;
            mapping::AdcWidths widths = worst_case(subject, mapped, chip);
            if (width.bits != 0)
                for (std::vector<int>& layer : widths.bits) std::fill(layer.begin(), layer.end(), width.bits);
            width.ideal_correct = correct(subject, ideal, widths, options_.adc_images, what);
            width.real_correct = correct(subject, real, widths, options_.adc_images, what);
            study_.widths.push_back(width);
        }
        progress_.clear();
    }

    const NonidealStudyRequest& options_;
    int threads_;
    app::Progress& progress_;
    std::optional<KeptResults> kept_;
    NonidealStudy study_;
};

/// Keys that the study sets itself.
void refuse_own_keys(const std::vector<std::string>& set) {
    for (const std::string& assignment : set) {
        const std::string key = assignment.substr(0, assignment.find('='));
        for (const char* own : {"cells.kind", "array.rows", "array.columns", "weights.packing",
                                "weights.column_order", "adc.policy", "adc.calibration"})
            if (key == own)
                refuse("--set {}: the study sets this key itself (sizes, T, R, gains)", assignment);
    }
}

/// Networks and their twins go by the names of their files; one file may be named several times, as its own
/// twin too.
void refuse_equal_names(const std::vector<std::string>& networks) {
    std::vector<std::string> plain, all;
    std::set<std::filesystem::path> seen;
    for (const std::string& text : networks) {
        const std::size_t colon = text.find(':');
        plain.push_back(text.substr(0, colon));
        for (const std::string& name :
             {plain.back(), colon == std::string::npos ? "" : text.substr(colon + 1)})
            if (!name.empty() && seen.insert(std::filesystem::absolute(
                                                 config::shipped_or_path(config::ShippedKind::network, name))
                                                 .lexically_normal())
                                     .second)
                all.push_back(name);
    }
    (void)app::distinct_names(plain, "--network");
    (void)app::distinct_names(all, "--network");
}

}  // namespace

void check_nonideal_study(NonidealStudyRequest& request) {
    refuse_own_keys(request.chip.set);
    if (request.networks.empty()) request.networks = {"vgg11-fashion-dense", "vgg11-fashion-bitslice"};
    refuse_equal_names(request.networks);
    std::set<int> sizes;
    for (const int size : request.sizes)
        if (!sizes.insert(size).second) refuse("--size: {} is named twice", size);
    request.sizes.assign(sizes.begin(), sizes.end());
}

std::vector<std::string> networks_of(const NonidealStudyRequest& request) {
    std::vector<std::string> files;
    for (const std::string& network : request.networks) {
        const std::size_t twin = network.find(':');
        files.push_back(network.substr(0, twin));
        if (twin != std::string::npos) files.push_back(network.substr(twin + 1));
    }
    return files;
}

NonidealStudy run_nonideal_study(const NonidealStudyRequest& request, app::Progress& progress) {
    return Study(request, progress).run();
}

}  // namespace sliver::study
