// The tables and answers of the study of non-ideal crossbars, for the terminal and nonideal.txt.
#pragma once

#include <string>

#include "study/nonideal_study.h"

namespace sliver::study {

std::string nonideal_text(const NonidealStudy& study);

/// "T", "T + R", "T + WCT", "T + R + WCT".
std::string mitigation_text(const NonidealPoint& point);

}  // namespace sliver::study
