// `sliver study nonideal` from request to result: every network on arrays of every size, programmed anew for
// every seed.
//
// Called by the command line and by Python's module. Start it while the process has one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/chip_request.h"
#include "app/image_source.h"
#include "app/progress.h"
#include "study/nonideal_study.h"

namespace sliver::study {

struct NonidealStudyRequest {
    app::ChipRequest chip;
    std::string devices = "paper";      ///< or chip: cells and wires of the chip's file
    std::vector<std::string> networks;  ///< NAME or NAME:CONSTRAINED; empty: two shipped ones
    std::string logits;                 ///< the output to take, of networks that have several
    std::vector<int> sizes = {16, 32, 64, 128};
    std::string order = "light-first";  ///< or heavy-first: how R sorts columns
    std::vector<std::string> with = {"T", "R", "WCT", "R+WCT"};
    app::ImageRequest images;
    std::size_t count = 200;      ///< test images
    std::size_t seeds = 5;        ///< of variation, from 1
    std::size_t adc_images = 50;  ///< test images of the part about ADC widths; 0 leaves it out
    int adc_array = 64;           ///< array size of that part
    bool cost = true;             ///< energy, latency and area, too
    unsigned threads = 0;         ///< 0: one a processor
    std::string keep;             ///< folder of finished parts; empty: none
};

/// InputError for what is wrong with the request, before hours of work. Fills in what is left out.
void check_nonideal_study(NonidealStudyRequest& request);
/// The files of all networks, twins too.
std::vector<std::string> networks_of(const NonidealStudyRequest& request);
NonidealStudy run_nonideal_study(const NonidealStudyRequest& request, app::Progress& progress);

}  // namespace sliver::study
