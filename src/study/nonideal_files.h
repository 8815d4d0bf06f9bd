// nonideal.json and nonideal.csv of `sliver study nonideal` (docs/studies.md), and single results that a
// study keeps so that it can go on where it was stopped.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "study/nonideal_study.h"

namespace sliver::study {

std::string nonideal_json(const NonidealStudy& study);
/// One line a point.
std::string nonideal_csv(const NonidealStudy& study);

/// A folder with finished parts of studies, one small file each, named by the SHA-256 of all that it depends
/// on. A file that cannot be read is worked out again, never trusted; files are renamed into place.
class KeptResults {
  public:
    /// InputError when `folder` cannot be made or written.
    explicit KeptResults(std::filesystem::path folder);
    [[nodiscard]] std::optional<NonidealSeed> find_seed(const std::string& key) const;
    void keep(const std::string& key, const NonidealSeed& seed) const;
    [[nodiscard]] std::optional<NonidealCost> find_cost(const std::string& key) const;
    void keep(const std::string& key, const NonidealCost& cost) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace sliver::study
