// The slice study for people: the table, where ours differ from the paper in words, the trade-off and a
// picture of it.
#pragma once

#include <string>

#include "study/slice_study.h"

namespace sliver::study {

/// ASCII but for the sign of plus or minus; lines end with a line feed.
std::string slices_text(const SliceStudy& study);
/// One network by layer.
std::string layers_text(const StudiedNetwork& network);

}  // namespace sliver::study
