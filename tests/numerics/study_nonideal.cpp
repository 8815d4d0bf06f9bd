// The study of non-ideal crossbars: figures by hand, answers that follow from them, files that say the same,
// and kept results that are trusted only whole.
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "study/nonideal_files.h"
#include "study/nonideal_study.h"
#include "study/nonideal_text.h"

BOOST_AUTO_TEST_SUITE(study_nonideal)

using namespace sliver;
namespace fs = std::filesystem;
namespace tt = boost::test_tools;
using study::NonidealPoint;
using study::NonidealStudy;

namespace {

NonidealPoint point(const std::string& network, int array, bool rearranged, bool constrained,
                    std::vector<std::uint64_t> correct, std::uint64_t crossbars, double nonideality) {
    NonidealPoint made;
    made.network = network;
    made.array = array;
    made.rearranged = rearranged;
    made.constrained = constrained;
    made.crossbars = crossbars;
    made.unpacked = 100;
    made.mean_siemens = 1e-5;
    made.images = 200;
    made.ideal_correct = 180;
    for (std::size_t seed = 0; seed < correct.size(); ++seed)
        made.seeds.push_back(
            {seed + 1, nonideality, {correct[seed], correct[seed] + 1, correct[seed] + 2}, 0});
    return made;
}

NonidealStudy a_study() {
    NonidealStudy study;
    study.version = "test";
    study.chip.name = "chip";
    study.images = "images";
    study.count = 200;
    study.seeds = {1, 2};
    study.sizes = {64};
    study.networks = {{"pruned", "a", "pruned", "twin", "b"}, {"solid", "c", "dense", "", ""}};
    study.points = {point("pruned", 64, false, false, {100, 110}, 40, 0.3),
                    point("pruned", 64, true, false, {120, 130}, 40, 0.25),
                    point("pruned", 64, false, true, {110, 110}, 40, 0.2),
                    point("solid", 64, false, false, {150, 150}, 100, 0.1)};
    study.points[3].cost = study::NonidealCost{1e-4, 5e-5, 1e-6, 2e-3, 12.5};
    return study;
}

struct Folder {
    Folder() : path(fs::temp_directory_path() / ("sliver-kept-" + std::to_string(::getpid()))) {
        fs::remove_all(path);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

}  // namespace

BOOST_AUTO_TEST_CASE(means_and_spreads_by_hand) {
    const NonidealPoint made = a_study().points.front();
    BOOST_TEST(made.compression() == 2.5);
    BOOST_TEST(made.ideal_top1() == 0.9);
    BOOST_TEST(made.top1(study::kNoGain) == 0.525, tt::tolerance(1e-12));
    BOOST_TEST(made.top1(study::kColumnGain) == 0.535, tt::tolerance(1e-12));
    BOOST_TEST(made.spread(study::kNoGain) == 0.05 / std::sqrt(2.0), tt::tolerance(1e-12));
    BOOST_TEST(made.lost(study::kNoGain) == 0.375, tt::tolerance(1e-12));
    BOOST_TEST(made.nonideality() == 0.3, tt::tolerance(1e-12));
    NonidealPoint single = made;
    single.seeds.resize(1);
    BOOST_TEST(single.spread(study::kNoGain) == 0);
}

BOOST_AUTO_TEST_CASE(answers_follow_from_the_figures) {
    NonidealStudy study = a_study();
    BOOST_TEST(study.baseline().name == "solid");
    const auto said = [&](std::size_t question) {
        return study::answers(study).at(question).sentences.at(0);
    };
    BOOST_TEST(said(0) ==
               "64 x 64, without a gain: solid loses 15.0 points (NF 0.100); more: pruned 37.5 (2.50 times "
               "fewer arrays, NF 0.300).");
    BOOST_TEST(study::answers(study)[0].sentences.at(1) ==
               "64 x 64, a gain for each array: solid loses 14.5 points (NF 0.100); more: pruned 37.0 (2.50 "
               "times fewer arrays, NF 0.300).");
    BOOST_TEST(said(1) == "64 x 64, without a gain, points of top-1: pruned (R +10.0, WCT +2.5).");
    BOOST_TEST(
        said(2) ==
        "pruned, 90.0 % on ideal crossbars; without a gain: 64 52.5 %; a gain for each array: 64 53.0 %.");
    BOOST_TEST(said(4).find("with R +10.0: R still adds up to 10.0 points") != std::string::npos);
    BOOST_TEST(said(3).find("Nothing in this study can say") == 0);
    study.points[0].seeds = {{1, 0.3, {170, 170, 170}, 0}};
    BOOST_TEST(said(0).find("; not more: pruned 5.0") != std::string::npos);
    study.networks[0].method = "bitslice-l1";
    BOOST_TEST(said(3).find("pruned loses 5.0 points") != std::string::npos);
    BOOST_TEST(said(3).find("it helps") != std::string::npos);
    study.widths = {{"solid", 64, 0, 50, 45, 40}, {"solid", 64, 4, 50, 40, 25}};
    BOOST_TEST(said(5).find("lossless 90 and 80 %, 4 bits 80 and 50 %") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_say_what_the_study_holds) {
    const NonidealStudy study = a_study();
    const auto json = nlohmann::json::parse(study::nonideal_json(study));
    BOOST_TEST(json.at("points").size() == study.points.size());
    BOOST_TEST(json["points"][0]["top1"].get<double>() == study.points[0].top1(study::kNoGain));
    BOOST_TEST(json["points"][0]["seeds"][1]["correct_gain_by_column"] == 112);
    BOOST_TEST(json["points"][0]["cost"].is_null());
    BOOST_TEST(json["points"][3]["cost"]["area_in_use_mm2"] == 12.5);
    BOOST_TEST(json["networks"][0]["weight_constrained"] == "twin");
    BOOST_TEST(json["networks"][1]["weight_constrained"].is_null());
    std::istringstream csv(study::nonideal_csv(study));
    std::string line;
    std::size_t lines = 0, commas = 0;
    while (std::getline(csv, line)) {
        const auto here = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
        if (lines++ == 0) commas = here;
        BOOST_TEST(here == commas);
    }
    BOOST_TEST(lines == study.points.size() + 1);
    const std::string text = study::nonideal_text(study);
    BOOST_TEST(text.find("T + WCT") != std::string::npos);
    BOOST_TEST(text.find("52.5 +- 3.5") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(kept_results_are_trusted_only_whole) {
    const Folder folder;
    const study::KeptResults kept(folder.path);
    const study::NonidealSeed seed{3, 0.1234567890123, {1, 2, 3}, 1.5e-5};
    BOOST_TEST(!kept.find_seed("key"));
    kept.keep("key", seed);
    BOOST_REQUIRE(kept.find_seed("key").has_value());
    BOOST_TEST(kept.find_seed("key")->nonideality == seed.nonideality);
    BOOST_TEST(kept.find_seed("key")->correct == seed.correct, tt::per_element());
    BOOST_TEST(kept.find_seed("key")->mean_siemens == 1.5e-5);
    BOOST_TEST(!kept.find_seed("another key"));
    BOOST_TEST(!kept.find_cost("key"));
    kept.keep("cost", study::NonidealCost{1, 2, 3, 4, 5});
    BOOST_TEST(kept.find_cost("cost")->area_mm2 == 5);
    for (const auto& entry : fs::directory_iterator(folder.path)) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream in(entry.path());
        std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        const std::size_t digit = text.find("0.1234");
        if (digit == std::string::npos) {
            std::ofstream(entry.path()) << text.substr(0, text.size() / 2);
        } else {
            text[digit + 3] = '9';
            std::ofstream(entry.path()) << text;
        }
    }
    BOOST_TEST(!kept.find_seed("key"));
    BOOST_TEST(!kept.find_cost("cost"));
    kept.keep("key", seed);
    BOOST_TEST(kept.find_seed("key").has_value());
    std::ofstream(folder.path / "file") << "x";
    BOOST_CHECK_THROW(study::KeptResults(folder.path / "file"), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
