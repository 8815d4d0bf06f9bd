// The slice study for programs: slices.json and slices.csv (docs/studies.md). Lists by slice begin with slice
// 0; every number is finite; what has no value is null in JSON and empty in CSV.
#pragma once

#include <string>

#include "study/slice_study.h"

namespace sliver::study {

inline constexpr int kSlicesSchema = 1;

std::string slices_json(const SliceStudy& study);
/// One row a network: the paper's, ours, those of the curves.
std::string slices_csv(const SliceStudy& study);

}  // namespace sliver::study
