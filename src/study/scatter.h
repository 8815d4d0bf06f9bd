// A small scatter plot in characters: accuracy upwards, mean non-zero share to the right on a logarithmic
// scale. Called by the slice study.
#pragma once

#include <string>
#include <vector>

namespace sliver::study {

struct Mark {
    double top1_percent = 0;
    double mean_percent = 0;  ///< a share of 0 is drawn at the left edge
    char letter = 'O';
};

/// Lines with axes and their labels, each ending with a line feed. Where different letters meet stands '&'.
/// Empty without marks.
std::string scatter(const std::vector<Mark>& marks, std::size_t indent);

}  // namespace sliver::study
