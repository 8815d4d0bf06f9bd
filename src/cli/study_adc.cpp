#include "cli/study_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/output_folder.h"
#include "base/text.h"
#include "cli/child_process.h"
#include "cli/design.h"
#include "cli/engine_pass.h"
#include "cli/result_source.h"
#include "cli/scratch_folder.h"
#include "cli/simulation.h"
#include "config/chip_config_loader.h"
#include "config/chip_words.h"
#include "config/shipped.h"
#include "network/golden.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "study/adc_ablation.h"
#include "study/adc_files.h"
#include "study/adc_study.h"
#include "study/adc_text.h"
#include "study/names.h"
#include "study/training_card.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

using config::ShippedKind;

constexpr int kBaselineBits = 8;
constexpr int kTopBits = 1, kOtherBits = 3;  ///< the paper's table 3
constexpr int kSplitBits = 4;
constexpr int kMostDrop = 8;
constexpr std::size_t kUniformImages = 250;
constexpr int kNarrowestUniform = 2, kWidestUniform = 7;
constexpr int kSharingArrays = 8;

struct AdcStudyOptions {
    ChipOptions chip;
    std::vector<std::string> networks;
    ImageOptions images;
    std::size_t count = 1000, held_out = 400, sensitivity = 16, budget = 10;
    double loss = 0.5;
    bool shared = true;
    unsigned threads = 0;
    std::string out;
    bool force = false;
};

constexpr const char* kAdcStudyFooter =
    "Examples:\n"
    "  sliver study adc --out out/adc\n"
    "      VGG-11 on Fashion-MNIST, trained densely, pruned, by l1 and by bit-slice l1; report: sliver "
    "report "
    "out/adc\n"
    "  sliver study adc --network vgg11-cifar10-dense --network vgg11-cifar10-bitslice --images cifar-10 "
    "--calibrate cifar-10\n"
    "  sliver study adc --network my.onnx --images test.npy --labels test-labels.npy --calibrate "
    "train-folder "
    "--loss 1\n"
    "\n"
    "For each network: 8 bits everywhere; the bit-slice paper's 1 and 3 bits, clipping and with coarser "
    "steps;\n"
    "lossless widths for the chip, by slice, by layer and slice, and by sign; widths profiled, by "
    "percentile, and "
    "searched\nfor accuracy on held-out images; rows read in parts. Accuracy by the functional engine, "
    "energy, time "
    "and area by\nthe chip, each under every ADC law. docs/studies.md explains every table.";

/// One network's part of the study, step by step: first what the functional engine says, then the chip.
class SubjectStudy {
  public:
    SubjectStudy(const AdcStudyOptions& options, study::AdcStudy& study, const std::string& network,
                 const ScratchFolder& scratch, Progress& progress)
        : options_(options),
          study_(study),
          loaded_(load_network(network)),
          test_(open_images(loaded_, options.images, options.count, "--count")),
          threads_(thread_count(options.threads)),
          scratch_(scratch),
          progress_(progress),
          design_(
              map_design({loaded_, study.chip, options.images, test_, options.count, threads_}, progress)) {
        check_card(loaded_);
        if (!test_.set->labels())
            refuse("--images: {} has no labels, and the study is about accuracy", test_.set->source());
        study_.images = test_.set->source();
        subject_.name = config::shipped_name_of(ShippedKind::network, loaded_.path);
        subject_.sha256 = loaded_.sha256;
        if (loaded_.card) {
            const study::TrainingCard card = study::read_training_card(loaded_.card->source);
            subject_.method = card.method;
            subject_.card_top1 = card.top1().value_or(-1);
        }
        for (const mapping::LayerMapping& layer : design_->mapping.layers) {
            subject_.layers.push_back(layer.name);
            subject_.conversions.push_back(study::conversions_of(design_->network, layer) *
                                           static_cast<std::uint64_t>(design_->mapping.format.signs()));
        }
        subject_.worst_case = design_->worst_case;
    }

    study::AdcSubject run() {
        ask_the_engine();
        std::vector<ChipRun> runs;
        for (study::AdcOutcome& outcome : subject_.outcomes)
            runs.push_back(costed(outcome.widths, study_.chip, outcome.cost));
        on_chip(runs, "allocations on the chip");
        if (sharing()) share_converters();
        ablate();
        return std::move(subject_);
    }

  private:
    [[nodiscard]] std::size_t slices() const { return static_cast<std::size_t>(study_.chip.slices()); }

    /// Converters shared by several arrays are asked for, and the chip can have them.
    [[nodiscard]] bool sharing() const {
        return options_.shared && study_.chip.tile.arrays_per_pe % kSharingArrays == 0;
    }

    [[nodiscard]] mapping::AdcWidths uniform(const std::vector<int>& by_slice) const {
        mapping::AdcWidths widths;
        widths.bits.assign(subject_.layers.size(), by_slice);
        return widths;
    }
    [[nodiscard]] mapping::AdcWidths uniform(int bits) const {
        return uniform(std::vector<int>(slices(), bits));
    }
    [[nodiscard]] mapping::AdcWidths paper_widths() const {
        std::vector<int> bits(slices(), kOtherBits);
        bits.back() = kTopBits;
        return uniform(bits);
    }
    /// The paper's widths, each with the step that loses least on the profile.
    [[nodiscard]] mapping::AdcWidths paper_widths_with_steps() const {
        mapping::AdcWidths widths = paper_widths();
        for (std::size_t layer = 0; layer < widths.bits.size(); ++layer) {
            widths.drops.emplace_back();
            for (std::size_t slice = 0; slice < slices(); ++slice) {
                std::vector<std::uint64_t> counts;
                for (const mapping::SumHistogram& sign : subject_.profile.groups[layer][slice])
                    mapping::add_counts(sign.counts, counts);
                widths.drops.back().push_back(study::best_drop(counts, widths.bits[layer][slice], kMostDrop));
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
        study::AdcOutcome outcome;
        outcome.key = key;
        outcome.title = title;
        outcome.widths = widths;
        subject_.outcomes.push_back(std::move(outcome));
    }

    void add_allocations(const bitline::FunctionalEngine& engine) {
        using config::AdcGranularity;
        using config::AdcPolicy;
        const bool signs = design_->mapping.format.signs() == 2;
        add(study::kFixedKey, fmt::format("{} bits", kBaselineBits), uniform(kBaselineBits));
        add(study::kPaperKey, fmt::format("paper: {} and {} bits", kTopBits, kOtherBits), paper_widths());
        add(study::kPaperStepsKey, "the same, best steps", paper_widths_with_steps());
        add("worst-case-chip", "lossless, one width",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::chip));
        add("worst-case-slice", "lossless by slice",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::slice));
        add(study::kWorstKey, "lossless by layer",
            policy_widths(AdcPolicy::worst_case, AdcGranularity::layer_slice));
        if (signs)
            add("worst-case-sign", "lossless by sign",
                policy_widths(AdcPolicy::worst_case, AdcGranularity::layer_slice_sign));
        add("profiled", "profiled", policy_widths(AdcPolicy::profiled, AdcGranularity::layer_slice));
        add("percentile", "99.9 % fit",
            policy_widths(AdcPolicy::percentile, AdcGranularity::layer_slice, 99.9));
        add(study::kAccuracyKey, fmt::format("accuracy, {} points", options_.loss), search(engine));
        if (!design_->mapping.rows_in_runs()) return;  // no parts of rows that packing has moved
        mapping::AdcWidths split = uniform(kSplitBits);
        split.split_rows = true;
        add(study::kSplitKey, fmt::format("{} bits, rows in parts", kSplitBits), split);
    }

    mapping::AdcWidths search(const bitline::FunctionalEngine& engine) {
        const CalibrationImages images =
            held_out_images(loaded_, options_.images, test_, options_.count, options_.held_out);
        study_.held_out_first = images.first;
        study_.held_out_count = images.count;
        const LabelledCodes labelled = labelled_codes(design_->network, images);
        const results::Prices prices = results::prices_of(study_.chip);
        study::AccuracyQuestion question{engine,
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
        subject_.search = study::allocate_for_accuracy(question);
        progress_.clear();
        return subject_.search->widths;
    }

    [[nodiscard]] std::uint64_t correct(const EnginePass& pass) const {
        const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
        std::uint64_t right = 0;
        for (std::size_t i = 0; i < pass.images; ++i)
            right += classes[i] == (*test_.set->labels())[i] ? 1 : 0;
        return right;
    }

    void ask_the_engine() {
        bitline::EngineOptions engine_options;
        engine_options.instruction_set = bitline::best_instruction_set();
        engine_options.threads = threads_;
        const bitline::FunctionalEngine engine = engine_of(*design_, study_.chip, engine_options);
        const CalibrationImages profiled =
            calibration_images(loaded_, options_.images, test_, options_.count, Purpose::column_sums);
        study_.calibration = profiled.set->source();
        study_.profile_first = profiled.first;
        study_.profile_count = profiled.count;
        subject_.profile = profile_columns(engine, design_->network, profiled, progress_);
        add_allocations(engine);
        std::optional<EnginePass> lossless;
        for (study::AdcOutcome& outcome : subject_.outcomes) {
            certify(outcome);
            // Converters that can cut nothing give the same logits, whatever their widths.
            EnginePass pass;
            if (outcome.certified_for_all_inputs && lossless)
                pass = *lossless;
            else
                pass = run_engine(engine, design_->network, *test_.set, 0, options_.count, outcome.widths,
                                  fmt::format("{}: {}", subject_.name, outcome.title), progress_);
            if (outcome.certified_for_all_inputs) lossless = pass;
            outcome.images = pass.images;
            outcome.correct = correct(pass);
            outcome.clipped_by_slice = pass.clipped;
            outcome.mean_bits = study::mean_bits(subject_, outcome.widths);
            for (std::size_t layer = 0; layer < pass.clipped.size(); ++layer) {
                outcome.conversions += subject_.conversions[layer] * slices() * pass.images;
                for (const std::uint64_t clipped : pass.clipped[layer]) outcome.clipped += clipped;
            }
        }
        const std::size_t images = std::min(options_.count, kUniformImages);
        for (int bits = kNarrowestUniform; bits <= kWidestUniform; ++bits) {
            const EnginePass pass =
                run_engine(engine, design_->network, *test_.set, 0, images, uniform(bits),
                           fmt::format("{}: {} bits everywhere", subject_.name, bits), progress_);
            subject_.uniform.push_back({bits, correct(pass), images});
        }
    }

    void certify(study::AdcOutcome& outcome) const {
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
                                 study::ChipCost& cost) const {
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
            std::vector<std::unique_ptr<ChildProcess>> children;
            for (std::size_t i = first; i < last; ++i) {
                results.push_back(identified(runs[i]));
                design_->widths = runs[i].widths;
                children.push_back(
                    std::make_unique<ChildProcess>([&, i] { simulate_into(folder(i), results.back()); }));
            }
            for (std::size_t i = first; i < last; ++i) {
                children[i - first]->wait();
                const results::RunResult result = load_result(folder(i));
                runs[i].keep(result);
                fs::remove_all(folder(i));
            }
        }
        progress_.clear();
    }

    [[nodiscard]] fs::path folder(std::size_t run) const { return scratch_.path() / std::to_string(run); }

    [[nodiscard]] results::RunResult identified(const ChipRun& run) const {
        results::RunResult result;
        result.chip = mapping::with_fixed_widths(run.base, design_->mapping, run.widths);
        result.chip_yaml = config::to_yaml(result.chip);
        result.identity.network = loaded_.network.name;
        result.identity.network_sha256 = loaded_.sha256;
        result.identity.images = test_.set->source();
        return result;
    }

    /// In a child: the chip of `result` with the design's widths.
    void simulate_into(const fs::path& folder, results::RunResult& result) const {
        const mapping::Placement placement = place(*design_, result.chip);
        const std::vector<std::int32_t> codes = image_codes(design_->network, *test_.set, 0, 1);
        result.record = simulate(*design_, placement, result.chip, codes, 1, kSettleImages);
        result.columns.resize(result.record.layers.size());
        for (std::size_t layer = 0; layer < result.columns.size(); ++layer) {
            result.columns[layer].worst_case = column_sums(design_->worst_case_sums[layer]);
            result.columns[layer].functional_clipped.assign(slices(), 0);
        }
        OutputFolder files(folder, {});
        files.write("stats.json", results::stats_json(result, results::price(result)));
        files.commit();
    }

    [[nodiscard]] study::ChipCost cost_of(const results::RunResult& result,
                                          const mapping::AdcWidths& widths) const {
        const results::ChipRecord& record = result.record;
        const results::PricedRun priced = results::price(result);
        const results::Prices prices = results::prices_of(result.chip);
        study::ChipCost cost;
        cost.adc_j = priced.total_j[cost::Component::adc];
        cost.total_j = priced.total_j.total();
        cost.latency_s = results::seconds(record.latency_fs());
        cost.interval_s = priced.interval_s;
        cost.area_mm2 = priced.area_mm2.total();
        cost.adc_slice_j.assign(slices(), 0);
        std::uint64_t busy_fs = 0, wait_fs = 0;
        for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
            const results::LayerRecord& counted = record.layers[layer];
            busy_fs += counted.adc_busy_fs;
            wait_fs += counted.adc_wait_fs;
            cost.converters += counted.adcs;
            for (std::size_t slice = 0; slice < slices(); ++slice) {
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
            study::LawEnergy energy;
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
        for (const std::string_view key :
             {study::kFixedKey, study::kPaperKey, study::kWorstKey, study::kAccuracyKey})
            for (const auto& [arrays, bank] :
                 {std::pair{1, config::AdcBank::single}, std::pair{kSharingArrays, config::AdcBank::single},
                  std::pair{kSharingArrays, config::AdcBank::per_slice}}) {
                study::SharedOutcome shared;
                shared.allocation = key;
                shared.arrays_per_adc = arrays;
                shared.bank = bank;
                subject_.shared.push_back(std::move(shared));
            }
        std::vector<ChipRun> runs;
        for (study::SharedOutcome& shared : subject_.shared) {
            chip.adc.arrays_per_adc = shared.arrays_per_adc;
            chip.adc.bank = shared.bank;
            runs.push_back(costed(subject_.outcome(shared.allocation)->widths, chip, shared.cost));
        }
        on_chip(runs, "shared converters on the chip");
    }

    void ablate() {
        const mapping::AdcWidths baseline = uniform(kBaselineBits);
        const mapping::AdcWidths& narrow = subject_.outcome(study::kAccuracyKey)->widths;
        std::vector<study::AblationRun> kept(study::kAblationChips.size());
        std::vector<ChipRun> runs;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const study::AblationChip& chip = study::kAblationChips[i];
            const mapping::AdcWidths& widths = chip.column_sums ? narrow : baseline;
            study::AblationRun& run = kept[i];
            runs.push_back({widths, chip.of(study_.chip), [&run](const results::RunResult& result) {
                                for (const results::LayerRecord& layer : result.record.layers)
                                    run.actions += layer.actions;
                                const results::PricedRun priced = results::price(result);
                                run.skip_area_mm2 = priced.area_mm2[cost::Component::skip_logic];
                                run.latency_s = results::seconds(result.record.latency_fs());
                                run.interval_s = priced.interval_s;
                            }});
            // Alone an effect's energy is asked for, not its time.
            if (!sharing() || i >= study::kAblationSteps) continue;
            config::ChipConfig shared = chip.of(study_.chip);
            shared.adc.time = config::ConversionTime::per_bit;
            shared.adc.arrays_per_adc = kSharingArrays;
            runs.push_back({widths, shared, [&run](const results::RunResult& result) {
                                run.shared_interval_s = results::price(result).interval_s;
                            }});
        }
        on_chip(runs, "ablation on the chip");
        const results::Prices prices = results::prices_of(study_.chip);
        subject_.ablation = study::ablation_of(kept, study_.chip, prices.units, *prices.law);
        subject_.ablation->allocation = study::kAccuracyKey;
    }

    const AdcStudyOptions& options_;
    study::AdcStudy& study_;
    LoadedNetwork loaded_;
    TestImages test_;
    int threads_;
    const ScratchFolder& scratch_;
    Progress& progress_;
    std::unique_ptr<Design> design_;
    study::AdcSubject subject_;
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
    for (const int bits : {kTopBits, kOtherBits, kSplitBits, kBaselineBits}) {
        std::string reason;
        if (!prices.law->supports(bits, &reason))
            refuse("--adc-law {}: has no cost for {}, which the study needs; the band shows this law anyway",
                   chip.adc.law, reason);
    }
}

void adc(AdcStudyOptions options) {
    refuse_allocations(options.chip.set);
    if (options.networks.empty())
        options.networks = {"vgg11-fashion-dense", "vgg11-fashion-pruned", "vgg11-fashion-l1",
                            "vgg11-fashion-bitslice"};
    (void)distinct_names(options.networks, "--network");
    if (!(options.loss >= 0 && options.loss <= 100))
        refuse("--loss: value {}: must be from 0 to 100 points", options.loss);
    std::optional<OutputFolder> folder;
    if (!options.out.empty())
        folder.emplace(options.out, OutputRules{"sliver study adc", "--out", options.force,
                                                input_files(options.chip, options.networks, options.images)});
    study::AdcStudy study;
    study.version = SLIVER_VERSION;
    study.chip = load_chip(options.chip);
    refuse_devices(study.chip);
    refuse_skipping(study.chip);
    refuse_narrow_law(study.chip);
    study.chip_yaml = config::to_yaml(study.chip);
    study.count = options.count;
    study.loss_points = options.loss;
    study.budget = options.budget;
    const ScratchFolder scratch("study");
    Progress progress;
    for (const std::string& network : options.networks)
        study.subjects.push_back(SubjectStudy(options, study, network, scratch, progress).run());
    const std::string text = study::adc_text(study);
    if (folder) {
        folder->write("adc.json", study::adc_json(study));
        folder->write("adc.csv", study::adc_csv(study));
        folder->write("adc.txt", text);
        folder->commit();
    }
    fmt::print("{}", text);
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

}  // namespace

void add_study_adc(CLI::App& study, Action& chosen) {
    auto options = std::make_shared<AdcStudyOptions>();
    options->chip.chip = "isaac";
    CLI::App& command = *study.add_subcommand(
        "adc", "How narrow may the converters be, and what does that buy? Every policy, method and ADC law");
    command.footer(kAdcStudyFooter);
    command
        .add_option(
            "--network", options->networks,
            "A shipped name or an ONNX file; may be given again; default: VGG-11 on Fashion-MNIST by all "
            "four methods")
        ->allow_extra_args(false);
    command.add_option("--chip", options->chip.chip, "Chip: a shipped name or a YAML file")
        ->capture_default_str();
    command.add_option("--adc-law", options->chip.adc_law, "ADC cost law of the tables and of the search");
    command.add_option("--accounting", options->chip.accounting,
                       "What a crossbar read is charged for: whole, used, driven or conducting");
    command.add_option("--set", options->chip.set, "Any chip key but those of adc widths and policies")
        ->allow_extra_args(false);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Test images");
    add_count(command, "--held-out", options->held_out,
              "Held-out images that the search measures accuracy on");
    add_count(command, "--sensitivity", options->sensitivity,
              "Of these, images that sensitivities are measured on");
    add_count(command, "--budget", options->budget, "Allocations whose accuracy the search measures");
    command.add_option("--loss", options->loss, "Top-1 that the search may lose, in points")
        ->capture_default_str();
    command.add_flag("!--no-shared", options->shared, "Leave out the runs with shared converters");
    add_threads(command, options->threads);
    command.add_option("--out", options->out, "Folder for adc.json, adc.csv and adc.txt");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { adc(*options); }; });
}

}  // namespace sliver::cli
