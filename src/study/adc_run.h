// `sliver study adc` from request to result: every allocation of converters on every network, its accuracy by
// the functional engine, its energy, time and area by the chip, several chips at a time in processes of their
// own.
//
// Called by the command line and by Python's module. Start it while the process has one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/chip_request.h"
#include "app/image_source.h"
#include "app/progress.h"
#include "study/adc_study.h"

namespace sliver::study {

struct AdcStudyRequest {
    app::ChipRequest chip;
    std::vector<std::string> networks;  ///< empty: the four shipped ones of VGG-11 on Fashion-MNIST
    std::string logits;                 ///< the output to take, of networks that have several
    app::ImageRequest images;
    std::size_t count = 1000;      ///< test images
    std::size_t held_out = 400;    ///< images that the search measures accuracy on
    std::size_t sensitivity = 16;  ///< of these, images that sensitivities are measured on
    std::size_t budget = 10;       ///< allocations whose accuracy the search measures
    double loss = 0.5;             ///< points of top-1 that the search may lose
    bool shared = true;            ///< runs with shared converters, too
    unsigned threads = 0;          ///< 0: one a processor
};

/// InputError for what is wrong with the request, before minutes of work.
void check_adc_study(AdcStudyRequest& request);
AdcStudy run_adc_study(const AdcStudyRequest& request, app::Progress& progress);

}  // namespace sliver::study
