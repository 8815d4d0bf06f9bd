#include "study/adc_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "app/design.h"
#include "app/engine_pass.h"
#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker_team.h"
#include "config/chip_config_loader.h"
#include "config/chip_words.h"
#include "config/shipped.h"
#include "cost/adc_laws.h"
#include "network/golden.h"
#include "results/pricing.h"
#include "run/simulation.h"
#include "study/adc_ablation.h"
#include "study/adc_study.h"
#include "study/names.h"
#include "study/training_card.h"

namespace sliver::study {
namespace {

using config::ShippedKind;

constexpr int kFixedBits = 8;
constexpr int kTopBits = 1, kOtherBits = 3;  ///< the paper's table 3
constexpr int kSplitBits = 4;
constexpr int kMostDrop = 8;
constexpr std::size_t kUniformImages = 250;
constexpr int kNarrowestUniform = 2, kWidestUniform = 7;
constexpr int kSharingArrays = 8;

/// One network's part of the study, step by step: first what the functional engine says, then the chip.
class SubjectStudy {
  public:
    SubjectStudy(const AdcStudyRequest& options, AdcStudy& study, const std::string& network,
                 app::Progress& progress)
        : options_(options),
          study_(study),
          loaded_(app::load_network(network, options.logits)),
          test_(app::open_images(loaded_, options.images, options.count, "--count")),
          threads_(thread_count(options.threads)),
          progress_(progress),
          design_(app::map_design({loaded_, study.chip, options.images, test_, options.count, threads_},
                                  progress)) {
        app::check_card(loaded_);
        if (!test_.set->labels())
            refuse("--images: {} has no labels, and the study is about accuracy", test_.set->source());
        study_.images = test_.set->source();
        subject_.name = config::shipped_name_of(ShippedKind::network, loaded_.path);
        subject_.sha256 = loaded_.sha256;
        if (loaded_.card) {
            const TrainingCard card = read_training_card(loaded_.card->source);
            subject_.method = card.method;
            subject_.card_top1 = card.top1().value_or(-1);
        }
        for (const mapping::LayerMapping& layer : design_->mapping.layers) {
            subject_.layers.push_back(layer.name);
            subject_.conversions.push_back(app::conversions_of(design_->network, layer) /
                                           layer.shifts.size());
        }
        subject_.worst_case = design_->worst_case;
    }

    AdcSubject run() {
        ask_the_engine();
        std::vector<ChipRun> runs;
        for (AdcOutcome& outcome : subject_.outcomes)
            runs.push_back(costed(outcome.widths, study_.chip, outcome.cost));
        on_chip(runs, "allocations on the chip");
        if (sharing()) share_converters();
        ablate();
        return std::move(subject_);
    }

  private:
    /// Converters shared by several arrays are asked for, and the chip can have them.
    [[nodiscard]] bool sharing() const {
        return options_.shared && study_.chip.tile.arrays_per_pe % kSharingArrays == 0;
    }

    [[nodiscard]] mapping::AdcWidths uniform(int bits) const {
        mapping::AdcWidths widths;
        for (const mapping::LayerMapping& layer : design_->mapping.layers)
            widths.bits.emplace_back(layer.shifts.size(), bits);
        return widths;
    }
    [[nodiscard]] mapping::AdcWidths paper_widths() const {
        mapping::AdcWidths widths = uniform(kOtherBits);
        for (std::vector<int>& layer : widths.bits) layer.back() = kTopBits;
        return widths;
    }
    /// The paper's widths, each with the step that loses least on the profile.
    [[nodiscard]] mapping::AdcWidths paper_widths_with_steps() const {
        mapping::AdcWidths widths = paper_widths();
        for (std::size_t layer = 0; layer < widths.bits.size(); ++layer) {
            widths.drops.emplace_back();
            for (std::size_t slice = 0; slice < widths.bits[layer].size(); ++slice) {
                std::vector<std::uint64_t> counts;
                for (const mapping::SumHistogram& sign : subject_.profile.groups[layer][slice])
                    mapping::add_counts(sign.counts, counts);
                widths.drops.back().push_back(app::best_drop(counts, widths.bits[layer][slice], kMostDrop));
            }
        }
        return widths;
    }
    [[nodiscard]] mapping::AdcWidths policy_widths(config::AdcPolicy policy,
                                                   config::AdcGranularity granularity,
                                                   double percentile = 0) const {
        config::ChipConfig chip = study_.chip;
        chip.adc.policy = policy;
        chip.adc.granularity = granularity;
        chip.adc.percentile = percentile;
        return policy == config::AdcPolicy::worst_case
                   ? mapping::allocate_adcs(design_->network, design_->mapping, chip)
                   : mapping::allocate_from_profile(subject_.profile, chip);
    }

    void add(std::string_view key, const std::string& title, const mapping::AdcWidths& widths) {
        AdcOutcome outcome;
        outcome.key = key;
        outcome.title = title;
        outcome.widths = widths;
        subject_.outcomes.push_back(std::move(outcome));
    }

    void add_allocations(const engine::FunctionalEngine& engine) {
        using config::AdcGranularity;
        using config::AdcPolicy;
        const bool signs = design_->mapping.signs() == 2;
        add(kFixedKey, fmt::format("{} bits", kFixedBits), uniform(kFixedBits));
        add(kPaperKey, fmt::format("paper: {} and {} bits", kTopBits, kOtherBits), paper_widths());
        add(kPaperStepsKey, "the same, best steps", paper_widths_with_steps());
        add("worst-case-chip", "lossless, one width",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::chip));
        add("worst-case-slice", "lossless by slice",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::slice));
        add(kWorstKey, "lossless by layer",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::layer_slice));
        if (signs)
            add("worst-case-sign", "lossless by sign",
                policy_widths(AdcPolicy::worst_case, AdcGranularity::layer_slice_sign));
        add("profiled", "profiled", policy_widths(AdcPolicy::profiled, AdcGranularity::layer_slice));
        add("percentile", "99.9 % fit",
            policy_widths(AdcPolicy::percentile, AdcGranularity::layer_slice, 99.9));
        add(kAccuracyKey, fmt::format("accuracy, {} points", options_.loss), search(engine));
        if (!design_->mapping.rows_in_runs()) return;  // no parts of rows that packing has moved
        mapping::AdcWidths split = uniform(kSplitBits);
        split.split_rows = true;
        add(kSplitKey, fmt::format("{} bits, rows in parts", kSplitBits), split);
    }

    mapping::AdcWidths search(const engine::FunctionalEngine& engine) {
        const app::CalibrationImages images =
            app::held_out_images(loaded_, options_.images, test_, options_.count, options_.held_out);
        study_.held_out_first = images.first;
        study_.held_out_count = images.count;
        const app::LabelledCodes labelled = app::labelled_codes(design_->network, images);
        const results::Prices prices = results::prices_of(study_.chip);
        app::AccuracyQuestion question{engine,
                                       design_->network,
                                       design_->mapping,
                                       subject_.profile,
                                       study_.chip.inputs.dac_bits,
                                       *prices.law,
                                       study_.chip.adc.granularity,
                                       labelled.codes,
                                       labelled.labels};
        question.sensitivity_images = options_.sensitivity;
        question.loss_points = options_.loss;
        question.budget = options_.budget;
        question.progress = [this](const std::string& stage, std::size_t done, std::size_t all) {
            progress_.count(subject_.name + ": " + stage, done, all, "allocations");
        };
        subject_.search = app::allocate_for_accuracy(question);
        progress_.clear();
        return subject_.search->widths;
    }

    [[nodiscard]] std::uint64_t correct(const app::EnginePass& pass) const {
        const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
        std::uint64_t right = 0;
        for (std::size_t i = 0; i < pass.images; ++i)
            right += classes[i] == (*test_.set->labels())[i] ? 1 : 0;
        return right;
    }

    void ask_the_engine() {
        engine::EngineOptions engine_options;
        engine_options.instruction_set = bitline::best_instruction_set();
        engine_options.threads = threads_;
        const engine::FunctionalEngine engine = app::engine_of(*design_, study_.chip, engine_options);
        const app::CalibrationImages profiled = app::calibration_images(
            loaded_, options_.images, test_, options_.count, app::Purpose::column_sums);
        study_.calibration = profiled.set->source();
        study_.profile_first = profiled.first;
        study_.profile_count = profiled.count;
        subject_.profile = app::profile_columns(engine, design_->network, profiled, progress_);
        add_allocations(engine);
        std::optional<app::EnginePass> lossless;
        for (AdcOutcome& outcome : subject_.outcomes) {
            certify(outcome);
            // Converters that can cut nothing give the same logits, whatever their widths.
            app::EnginePass pass;
            if (outcome.certified_for_all_inputs && lossless)
                pass = *lossless;
            else
                pass =
                    app::run_engine(engine, design_->network, *test_.set, 0, options_.count, outcome.widths,
                                    fmt::format("{}: {}", subject_.name, outcome.title), progress_);
            if (outcome.certified_for_all_inputs) lossless = pass;
            outcome.images = pass.images;
            outcome.correct = correct(pass);
            outcome.clipped_by_slice = pass.clipped;
            outcome.mean_bits = mean_bits(subject_, outcome.widths);
            for (std::size_t layer = 0; layer < pass.clipped.size(); ++layer) {
                outcome.conversions += subject_.conversions[layer] * pass.clipped[layer].size() * pass.images;
                for (const std::uint64_t clipped : pass.clipped[layer]) outcome.clipped += clipped;
            }
        }
        const std::size_t images = std::min(options_.count, kUniformImages);
        for (int bits = kNarrowestUniform; bits <= kWidestUniform; ++bits) {
            const app::EnginePass pass =
                app::run_engine(engine, design_->network, *test_.set, 0, images, uniform(bits),
                                fmt::format("{}: {} bits everywhere", subject_.name, bits), progress_);
            subject_.uniform.push_back({bits, correct(pass), images});
        }
    }

    void certify(AdcOutcome& outcome) const {
        outcome.certificates = mapping::certify(design_->mapping, outcome.widths, subject_.worst_case);
        outcome.certified_for_all_inputs =
            outcome.widths.drops.empty() && mapping::tightest(outcome.certificates).margin() >= 0;
        if (!outcome.certified_for_all_inputs)
            outcome.certificates =
                mapping::certify(design_->mapping, outcome.widths, mapping::extremes(subject_.profile));
    }

    /// A chip to be simulated, and what is kept of its result.
    struct ChipRun {
        mapping::AdcWidths widths;
        config::ChipConfig base;
        std::function<void(const results::RunResult&)> keep;
    };
    [[nodiscard]] ChipRun costed(const mapping::AdcWidths& widths, const config::ChipConfig& base,
                                 ChipCost& cost) const {
        return {widths, base,
                [this, &widths, &cost](const results::RunResult& result) { cost = cost_of(result, widths); }};
    }

    /// The chips on the first test image, several at a time.
    void on_chip(const std::vector<ChipRun>& runs, const std::string& title) {
        const auto at_once = static_cast<std::size_t>(threads_);
        for (std::size_t first = 0; first < runs.size(); first += at_once) {
            progress_.count(subject_.name + ": " + title, first, runs.size(), "chips");
            const std::size_t last = std::min(runs.size(), first + at_once);
            std::vector<results::RunResult> results;
            std::vector<std::unique_ptr<run::SimulationProcess>> chips;
            for (std::size_t i = first; i < last; ++i) {
                results.push_back(identified(runs[i]));
                chips.push_back(simulation_of(runs[i], results.back().chip));
            }
            for (std::size_t i = first; i < last; ++i) {
                results[i - first].record = chips[i - first]->wait().record;
                runs[i].keep(results[i - first]);
            }
        }
        progress_.clear();
    }

    [[nodiscard]] results::RunResult identified(const ChipRun& run) const {
        results::RunResult result;
        result.chip = mapping::with_fixed_widths(run.base, design_->mapping, run.widths);
        result.chip_yaml = config::to_yaml(result.chip);
        result.identity.network = loaded_.network.name;
        result.identity.network_sha256 = loaded_.sha256;
        result.identity.images = test_.set->source();
        return result;
    }

    [[nodiscard]] std::unique_ptr<run::SimulationProcess> simulation_of(
        const ChipRun& run, const config::ChipConfig& chip) const {
        design_->widths = run.widths;
        const mapping::Placement placement = run::place(*design_, chip);
        const std::vector<std::int32_t> codes = app::image_codes(design_->network, *test_.set, 0, 1);
        return std::make_unique<run::SimulationProcess>(run::Simulation{*design_, placement, chip, codes});
    }

    [[nodiscard]] ChipCost cost_of(const results::RunResult& result, const mapping::AdcWidths& widths) const {
        const results::ChipRecord& record = result.record;
        const results::PricedRun priced = results::price(result);
        const results::Prices prices = results::prices_of(result.chip);
        ChipCost cost;
        cost.adc_j = priced.total_j[cost::Component::adc];
        cost.total_j = priced.total_j.total();
        cost.latency_s = results::seconds(record.latency_fs());
        cost.interval_s = priced.interval_s;
        cost.area_mm2 = priced.area_mm2.total();
        std::uint64_t busy_fs = 0, wait_fs = 0;
        for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
            const results::LayerRecord& counted = record.layers[layer];
            busy_fs += counted.adc_busy_fs;
            wait_fs += counted.adc_wait_fs;
            cost.converters += counted.adcs;
            const std::size_t slices = counted.conversions.size();
            cost.adc_slice_j.resize(std::max(cost.adc_slice_j.size(), slices), 0);
            for (std::size_t slice = 0; slice < slices; ++slice) {
                const LayerIndex l(layer);
                const SliceIndex s(slice);
                cost.adc_slice_j[slice] +=
                    static_cast<double>(counted.conversions[slice]) / 2 *
                    (prices.law->energy_j(widths.at(l, s).bits) +
                     prices.law->energy_j(widths.at(l, s, mapping::Sign::negative).bits));
            }
        }
        cost.adc_busy_s = results::seconds(busy_fs);
        cost.adc_wait_s = results::seconds(wait_fs);
        // Converters of dark arrays have the chip's own width; they are no part of what a network needs.
        const auto dark = static_cast<double>(cost::sum(record.inventory.adcs) - cost.converters);
        cost.adc_area_mm2 =
            priced.area_mm2[cost::Component::adc] - dark * prices.law->area_mm2(result.chip.adc.bits);
        for (const std::string& name : cost::adc_law_names()) {
            LawEnergy energy;
            energy.law = name;
            try {
                const std::unique_ptr<cost::AdcLaw> law = cost::make_adc_law(name, prices.context);
                const cost::PerComponent by_component =
                    cost::energy_by_component(priced.actions, prices.units, *law, prices.accounting);
                energy.adc_j = by_component[cost::Component::adc];
                energy.total_j = by_component.total();
            } catch (const InputError&) {
                // Told as a dash: the law has no cost for a width in use.
            }
            cost.laws.push_back(std::move(energy));
        }
        return cost;
    }

    /// Many arrays on one converter whose time follows its width: what allocation does to time and area.
    void share_converters() {
        config::ChipConfig chip = study_.chip;
        chip.adc.time = config::ConversionTime::per_bit;
        for (const std::string_view key : {kFixedKey, kPaperKey, kWorstKey, kAccuracyKey})
            for (const auto& [arrays, bank] :
                 {std::pair{1, config::AdcBank::single}, std::pair{kSharingArrays, config::AdcBank::single},
                  std::pair{kSharingArrays, config::AdcBank::per_slice}}) {
                SharedOutcome shared;
                shared.allocation = key;
                shared.arrays_per_adc = arrays;
                shared.bank = bank;
                subject_.shared.push_back(std::move(shared));
            }
        std::vector<ChipRun> runs;
        for (SharedOutcome& shared : subject_.shared) {
            chip.adc.arrays_per_adc = shared.arrays_per_adc;
            chip.adc.bank = shared.bank;
            runs.push_back(costed(subject_.outcome(shared.allocation)->widths, chip, shared.cost));
        }
        on_chip(runs, "shared converters on the chip");
    }

    void ablate() {
        const mapping::AdcWidths baseline = uniform(kFixedBits);
        const mapping::AdcWidths& narrow = subject_.outcome(kAccuracyKey)->widths;
        std::vector<AblationRun> kept(kAblationChips.size());
        std::vector<ChipRun> runs;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const AblationChip& chip = kAblationChips[i];
            const mapping::AdcWidths& widths = chip.column_sums ? narrow : baseline;
            AblationRun& run = kept[i];
            runs.push_back({widths, chip.of(study_.chip), [&run](const results::RunResult& result) {
                                for (const results::LayerRecord& layer : result.record.layers)
                                    run.actions += layer.actions;
                                const results::PricedRun priced = results::price(result);
                                run.skip_area_mm2 = priced.area_mm2[cost::Component::skip_logic];
                                run.latency_s = results::seconds(result.record.latency_fs());
                                run.interval_s = priced.interval_s;
                            }});
            // Alone an effect's energy is asked for, not its time.
            if (!sharing() || i >= kAblationSteps) continue;
            config::ChipConfig shared = chip.of(study_.chip);
            shared.adc.time = config::ConversionTime::per_bit;
            shared.adc.arrays_per_adc = kSharingArrays;
            runs.push_back({widths, shared, [&run](const results::RunResult& result) {
                                run.shared_interval_s = results::price(result).interval_s;
                            }});
        }
        on_chip(runs, "ablation on the chip");
        const results::Prices prices = results::prices_of(study_.chip);
        subject_.ablation = ablation_of(kept, study_.chip, prices.units, *prices.law);
        subject_.ablation->allocation = kAccuracyKey;
    }

    const AdcStudyRequest& options_;
    AdcStudy& study_;
    app::LoadedNetwork loaded_;
    app::TestImages test_;
    int threads_;
    app::Progress& progress_;
    std::unique_ptr<app::Design> design_;
    AdcSubject subject_;
};

/// The study goes through the allocations itself: what would name one would be without effect.
void refuse_allocations(const std::vector<std::string>& set) {
    for (const std::string& assignment : set) {
        const std::string key = assignment.substr(0, assignment.find('='));
        for (const char* own : {"adc.policy", "adc.margin", "adc.percentile", "adc.accuracy_loss",
                                "adc.overflow", "adc.slice_widths", "adc.layer_widths",
                                "adc.negative_layer_widths", "adc.slice_drops", "adc.layer_drops"})
            if (key == own || key.rfind(std::string(own) + ".", 0) == 0)
                refuse("--set {}: the study chooses widths itself, by every policy", assignment);
    }
}

/// What converters cost on non-ideal crossbars is another question, with other answers for every seed.
void refuse_devices(const config::ChipConfig& chip) {
    if (chip.cells.kind != config::CellKind::ideal)
        refuse("chip {}: cells.kind: value {}: the study is of ideal cells", chip.name,
               config::word_of(chip.cells.kind));
}

/// The study switches them on itself, one after the other.
void refuse_digits(const config::ChipConfig& chip) {
    if (chip.weights.digits != config::DigitColumns::slices)
        refuse("chip {}: weights.digits: value {}: the study compares slices, as `slices` stores them",
               chip.name, config::word_of(chip.weights.digits));
}

void refuse_skipping(const config::ChipConfig& chip) {
    for (const auto& [key, on] : {std::pair{"skip.empty_columns", chip.skip.empty_columns},
                                  std::pair{"skip.zero_planes", chip.skip.zero_planes}})
        if (on)
            refuse("chip {}: {}: value true: the study begins without it and switches it on itself",
                   chip.name, key);
}

/// Asked before minutes of work, not after them.
void refuse_narrow_law(const config::ChipConfig& chip) {
    const results::Prices prices = results::prices_of(chip);
    for (const int bits : {kTopBits, kOtherBits, kSplitBits, kFixedBits}) {
        std::string reason;
        if (!prices.law->supports(bits, &reason))
            refuse("--adc-law {}: has no cost for {}, which the study needs; the band shows this law anyway",
                   chip.adc.law, reason);
    }
}

}  // namespace

void check_adc_study(AdcStudyRequest& request) {
    refuse_allocations(request.chip.set);
    if (request.networks.empty())
        request.networks = {"vgg11-fashion-dense", "vgg11-fashion-pruned", "vgg11-fashion-l1",
                            "vgg11-fashion-bitslice"};
    (void)app::distinct_names(request.networks, "--network");
    if (!(request.loss >= 0 && request.loss <= 100))
        refuse("--loss: value {}: must be from 0 to 100 points", request.loss);
}

AdcStudy run_adc_study(const AdcStudyRequest& request, app::Progress& progress) {
    AdcStudy study;
    study.version = version();
    study.chip = app::load_chip(request.chip);
    refuse_devices(study.chip);
    refuse_digits(study.chip);
    refuse_skipping(study.chip);
    refuse_narrow_law(study.chip);
    study.chip_yaml = config::to_yaml(study.chip);
    study.count = request.count;
    study.loss_points = request.loss;
    study.budget = request.budget;
    for (const std::string& network : request.networks)
        study.subjects.push_back(SubjectStudy(request, study, network, progress).run());
    return study;
}

}  // namespace sliver::study
