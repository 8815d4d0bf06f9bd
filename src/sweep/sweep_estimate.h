// Estimates of a sweep's points by closed forms (estimate/closed_form.h), and the screening by them.
//
// Paid once: reading and quantising a network and counting the digits of its first images, for each network,
// image source and number format; mapping it, for each kind of array and weights. Every further point that
// shares these takes well under a millisecond. docs/sweeps.md has the figures.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/loaded_network.h"
#include "app/progress.h"
#include "estimate/mapped_network.h"
#include "sweep/sweep_plan.h"

namespace sliver::sweep {

class PointEstimator {
  public:
    explicit PointEstimator(app::Progress& progress) : progress_(progress) {}

    /// By sweep::metrics(). InputError where a run of the point would be refused.
    std::vector<std::optional<double>> estimate(const PlannedPoint& point);

    /// Processor time, for the terminal only.
    struct Spent {
        std::size_t networks = 0, mappings = 0, points = 0;
        double once_s = 0, points_s = 0;
    };
    [[nodiscard]] const Spent& spent() const { return spent_; }

  private:
    struct Quantised;
    struct Mapped;
    const app::LoadedNetwork& load(const std::string& name, const std::string& logits);
    const Quantised& quantise(const PlannedPoint& point);
    const estimate::MappedNetwork& map(const PlannedPoint& point);

    app::Progress& progress_;
    Spent spent_;
    std::vector<std::pair<std::string, std::unique_ptr<app::LoadedNetwork>>> loaded_;
    std::vector<std::shared_ptr<const Quantised>> quantised_;
    std::vector<std::shared_ptr<const Mapped>> mapped_;
};

/// What was found without a simulation: estimates or messages in the points, and by point whether it is
/// worth a simulation.
struct Screening {
    SweepResults results;
    std::vector<bool> kept;
    std::size_t bounds = 0;             ///< points whose widths are an upper bound
    std::vector<std::string> left_out;  ///< objectives and constraints without an estimate
    PointEstimator::Spent spent;
};

/// InputError where no objective has an estimate.
Screening screen_points(const SweepPlan& plan, double share, app::Progress& progress);

/// A guess at the seconds that the simulations of `tasks` take one after the other, from their reads alone;
/// nothing where no point can be estimated.
std::optional<double> guess_seconds(const SweepPlan& plan, const std::vector<std::size_t>& tasks,
                                    app::Progress& progress);

}  // namespace sliver::sweep
