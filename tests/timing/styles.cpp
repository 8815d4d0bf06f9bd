// The two styles (model/style.h) on random chips: the same logits, counts, times and waits, to the
// femtosecond.
//
// CTest compares a fixed part. More of them, and others:
//
//     SLIVER_STYLE_CHIPS=200 SLIVER_STYLE_SEED=1 build/ci/tests/test_chip --run_test=timing_styles
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

#include "any_nodes.h"
#include "in_a_child.h"
#include "results/record_fields.h"
#include "support/sanitized.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_styles)

namespace {

using load_trials::Trial;
using namespace sliver;
using model::Style;

constexpr std::size_t kImages = 3;
constexpr std::uint64_t kAtOnce = 1;  ///< in a process: simulated time is no more than 5 hours
#ifdef SLIVER_SANITIZED
constexpr std::uint64_t kFixedPart = 10;
#else
constexpr std::uint64_t kFixedPart = 60;
#endif

/// A record, a value a line.
class Lines {
  public:
    template <typename Value>
    void add(const std::string& key, const Value& value) {
        lines.push_back(key + " " + std::to_string(value));
    }
    template <typename Value>
    void add(const std::string& key, const std::vector<Value>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) add(key + "." + std::to_string(i), values[i]);
    }
    template <std::size_t count>
    void add(const std::string& key, const std::array<std::uint64_t, count>& values) {
        for (std::size_t i = 0; i < count; ++i) add(key + "." + std::to_string(i), values[i]);
    }
    template <typename Fields, typename Record>
    void add_fields(const std::string& prefix, const Fields& fields, const Record& record) {
        for (const auto& field : fields) add(prefix + std::string(field.key), record.*field.member);
    }
    void add_actions(const std::string& prefix, const cost::Actions& actions) {
        cost::for_each_action(actions, [&](const cost::ActionInfo& info, const auto& value) {
            add(prefix + std::string(info.name), value);
        });
    }
    std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const results::ChipRecord& record) {
    Lines text;
    text.add("logit", record.logits);
    text.add("injected_fs", record.injected_fs);
    text.add("completed_fs", record.completed_fs);
    text.add_fields("", results::kChipFields, record);
    text.add_fields("mesh.", results::kMeshFields, record.mesh);
    text.add_actions("shared.", record.shared);
    for (const results::LayerRecord& layer : record.layers) {
        const std::string prefix = layer.name + ".";
        text.add_fields(prefix, results::kLayerFields, layer);
        text.add_actions(prefix, layer.actions);
        text.add(prefix + "conversions", layer.conversions);
        text.add(prefix + "clipped", layer.clipped);
        text.add(prefix + "adc_busy_by_slice_fs", layer.adc_busy_by_slice_fs);
    }
    const results::SteadyRecord& steady = record.steady;
    text.add("steady.latency_fs", steady.latency_fs);
    text.add("steady.images", steady.images);
    text.add("steady.measured", steady.measured);
    text.add("steady.period", steady.period);
    text.add("steady.measured_fs", steady.measured_fs);
    text.add("steady.latency_sum_fs", steady.latency_sum_fs);
    text.add("steady.latency_max_fs", steady.latency_max_fs);
    // Chips of a bench come to their steady state one after the other: how long they were idle differs.
    for (const results::ResourceRecord& resource : steady.resources) {
        text.add(resource.kind + " " + resource.name + " busy", resource.busy_fs);
        text.add(resource.kind + " " + resource.name + " stalled", resource.stalled_fs);
    }
    return text.lines;
}

/// Chips in both styles, side by side. What differs; empty: nothing.
using MakeTrial = std::function<Trial(std::uint64_t seed)>;

std::string compare(std::uint64_t first_seed, std::uint64_t count, const MakeTrial& make) {
    tb::ChipBench bench;
    std::vector<std::string> texts;
    std::vector<std::vector<std::int32_t>> golden;
    for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
        const Trial trial = make(seed);
        golden.push_back(chip_trials::golden_logits(trial.network, trial.images, kImages));
        texts.push_back("seed " + std::to_string(seed) + ": " + load_trials::to_text(trial.chip) + " | " +
                        load_trials::to_text(trial.network));
        for (const Style style : {Style::loosely_timed, Style::approximately_timed}) {
            tb::ChipBench::Options options = tb::ChipBench::Options::streamed(kImages);
            options.widths = &trial.widths;
            options.style = style;
            bench.add(trial.network, trial.chip, trial.images, options);
        }
    }
    bench.run();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::vector<std::string> loose = lines_of(bench.record(2 * i)),
                                       approximate = lines_of(bench.record(2 * i + 1));
        if (bench.record(2 * i).logits != golden[i]) return texts[i] + ": other logits";
        if (loose.size() != approximate.size()) return texts[i] + ": other parts";
        const auto [one, other] = std::mismatch(loose.begin(), loose.end(), approximate.begin());
        if (one != loose.end()) return "lt " + *one + ", at " + *other + ": " + texts[i];
    }
    return bench.violations().empty() ? "" : bench.violations().front() + ": " + texts.front();
}

void check(std::uint64_t chips, const MakeTrial& make) {
    const std::uint64_t first = in_a_child::from_environment("SLIVER_STYLE_SEED", 9000),
                        count = in_a_child::from_environment("SLIVER_STYLE_CHIPS", chips);
    for (std::uint64_t done = 0; done < count; done += kAtOnce) {
        const std::string difference = in_a_child::answer_of(
            in_a_child::ask([&] { return compare(first + done, std::min(kAtOnce, count - done), make); }));
        BOOST_TEST(difference == "", "from seed " << first + done << ": " << difference);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_chips) {
    check(kFixedPart, [](std::uint64_t seed) { return load_trials::random_trial(seed, kImages); });
}

BOOST_AUTO_TEST_CASE(nodes_of_any_kind) {
    check(kFixedPart / 2, [](std::uint64_t seed) {
        return load_trials::random_trial(seed, kImages, any_nodes::any_network);
    });
}

BOOST_AUTO_TEST_CASE(digit_columns) {
    check(kFixedPart / 3, [](std::uint64_t seed) { return load_trials::random_digit_trial(seed, kImages); });
}

// What a timeline shows, and so its files and signals: spans come when they are known, so in another order.
BOOST_AUTO_TEST_CASE(timelines) {
    for (std::uint64_t seed = 9000; seed < 9008; ++seed) {
        const std::string difference = in_a_child::answer_of(in_a_child::ask([&] {
            const Trial trial = load_trials::random_trial(seed, kImages);
            tb::ChipBench bench;
            std::array<model::Timeline, 2> observers{model::Timeline({}), model::Timeline({})};
            for (const Style style : {Style::loosely_timed, Style::approximately_timed}) {
                tb::ChipBench::Options options;
                options.images = kImages;
                options.widths = &trial.widths;
                options.style = style;
                options.timeline = &observers[style == Style::loosely_timed ? 0 : 1];
                bench.add(trial.network, trial.chip, trial.images, options);
            }
            bench.run();
            std::array<std::vector<std::string>, 2> shown;
            for (std::size_t i = 0; i < shown.size(); ++i) {
                const results::TimelineRecord record = observers[i].take(bench.record(i).elapsed_fs);
                for (const results::TimelineEvent& event : record.events) {
                    std::string text =
                        record.lanes[event.lane].name + ", " + results::text_of(event.kind).name;
                    for (const std::uint64_t value :
                         {event.start_fs, event.duration_fs, std::uint64_t{event.lane},
                          std::uint64_t{event.image}, std::uint64_t{event.window}, event.details[0],
                          event.details[1], event.details[2], event.details[3]})
                        text += " " + std::to_string(value);
                    shown[i].push_back(std::move(text));
                }
                std::sort(shown[i].begin(), shown[i].end());
            }
            if (shown[0].size() < 10) return std::string("hardly anything is shown");
            if (shown[0].size() != shown[1].size()) return std::string("another number of events");
            const auto [one, other] = std::mismatch(shown[0].begin(), shown[0].end(), shown[1].begin());
            return one == shown[0].end() ? std::string() : "lt " + *one + ", at " + *other;
        }));
        BOOST_TEST(difference == "", "seed " << seed << ": " << difference);
    }
}

BOOST_AUTO_TEST_SUITE_END()
