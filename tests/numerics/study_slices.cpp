// The table of slices: the paper's rows recomputed, groups, ratios, what is missing, the words and the files.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/chip_config_loader.h"
#include "network_test_support.h"
#include "study/slice_files.h"
#include "study/slice_study.h"
#include "study/slices_text.h"

BOOST_AUTO_TEST_SUITE(study_slices)

using namespace sliver::study;

namespace {

/// `nonzero` of 1000 weights have the code 255, so every 2-bit slice has that share.
StudiedNetwork network(const std::string& name, const std::string& method, double top1, std::uint64_t nonzero,
                       const std::string& data = "cifar10") {
    StudiedNetwork made;
    made.name = name;
    made.card.method = method;
    if (top1 > 0) made.card.top1_fixed_point = top1;
    CodeCounts layer;
    layer.name = "fc";
    layer.weights_of[0] = 1000 - nonzero;
    layer.weights_of[255] = nonzero;
    made.layers = {layer};
    made.columns = {{{3, 3, 3, 3}, {2, 2, 2, 2}, 10}};
    complete(made, data, 2);
    return made;
}

SliceStudy study_of(std::vector<StudiedNetwork> networks) {
    SliceStudy study;
    study.chip = sliver::config::parse_chip("name: test\n", "test");
    study.networks = std::move(networks);
    return study;
}

const Group& group(const std::vector<Group>& groups, const std::string& model, const std::string& data) {
    for (const Group& candidate : groups)
        if (candidate.model == model && candidate.data == data) return candidate;
    BOOST_REQUIRE_MESSAGE(false, model << " on " << data);
    return groups.front();
}

bool holds(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

/// Words of a text that was broken into lines.
std::string unbroken(const std::string& text) {
    std::string result;
    for (const char c : text)
        if (c != '\n' && c != ' ')
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    return result;
}

}  // namespace

// Mean and population deviation of B3..B0 give all nine printed rows, to the digits printed.
BOOST_AUTO_TEST_CASE(the_paper_s_rows_agree_with_themselves) {
    constexpr double kPrinted = 0.005 + 1e-9;  // two decimals, a tie either way
    BOOST_TEST(paper_rows().size() == 9U);
    for (const PaperRow& row : paper_rows()) BOOST_TEST_CONTEXT(row.model << " " << row.method) {
            const SliceShares shares = shares_of({row.percent.begin(), row.percent.end()});
            BOOST_TEST(std::fabs(shares.mean - row.mean) <= kPrinted);
            BOOST_TEST(std::fabs(shares.std - row.std) <= kPrinted);
        }
}

BOOST_AUTO_TEST_CASE(the_paper_s_ratios) {
    const SliceStudy study = study_of({});
    const std::vector<Group> groups = groups_of(study);
    const auto ratio = [&](const std::string& model, const std::string& data) {
        return std::round(100 * paper_ratio(group(groups, model, data)).value().sparsity) / 100;
    };
    BOOST_TEST(ratio("mlp", "mnist") == 1.32);
    BOOST_TEST(ratio("vgg11", "cifar10") == 2.33);
    BOOST_TEST(ratio("resnet20", "cifar10") == 1.12);
    BOOST_TEST(paper_ratio(group(groups, "vgg11", "cifar10"))->top1_points.value() == -0.06,
               boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(groups_and_their_order) {
    SliceStudy study =
        study_of({network("vgg16-b", "dense", 0.9, 700), network("vgg11-z", "l1", 0.9, 300),
                  network("vgg11-c", "else", 0.9, 200), network("vgg11-b", "bitslice-l1", 0.9, 100),
                  network("vgg11-a", "l1", 0.9, 200), network("vgg11-f", "dense", 0.9, 9, "mnist")});
    const std::vector<Group> groups = groups_of(study);
    std::string titles;
    for (const Group& one : groups) titles += one.model + "/" + one.data + " ";
    BOOST_TEST(titles == "mlp/mnist vgg11/cifar10 resnet20/cifar10 vgg11/mnist vgg16/cifar10 ");
    std::string names;
    for (const StudiedNetwork* one : groups[1].networks) names += one->name + " ";
    BOOST_TEST(names == "vgg11-a vgg11-z vgg11-b vgg11-c ");
    BOOST_TEST(groups[1].paper.size() == 3U);
    study.whole = false;
    BOOST_TEST(groups_of(study).size() == 3U);
    study.slice_bits = 1;
    BOOST_TEST(group(groups_of(study), "vgg11", "cifar10").paper.empty());
}

BOOST_AUTO_TEST_CASE(ratios_take_the_l1_network_nearest_in_accuracy) {
    const SliceStudy study =
        study_of({network("vgg11-l1-a", "l1", 0.93, 500), network("vgg11-l1-b", "l1", 0.905, 250),
                  network("vgg11-b", "bitslice-l1", 0.9, 100), network("vgg11-none", "bitslice-l1", 0.9, 0)});
    const std::vector<Ratio> ratios = our_ratios(group(groups_of(study), "vgg11", "cifar10"));
    BOOST_REQUIRE(ratios.size() == 1U);  // nothing is sparser than nothing by a number
    BOOST_TEST(ratios[0].l1->name == "vgg11-l1-b");
    BOOST_TEST(ratios[0].sparsity == 2.5);
    BOOST_TEST(ratios[0].top1_points.value() == -0.5, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(what_is_missing) {
    BOOST_TEST(missing_networks(study_of({})).size() == 5U);
    const std::vector<Wanted> missing = missing_networks(
        study_of({network("vgg16-a", "dense", 0.9, 700), network("vgg16-b", "bitslice-l1", 0.9, 700),
                  network("vgg11-a", "l1", 0.9, 1), network("vgg11-b", "bitslice-l1+columns", 0.9, 1)}));
    BOOST_REQUIRE(missing.size() == 4U);
    BOOST_TEST(missing[1].model == "vgg11");
    BOOST_TEST(missing[1].methods == (std::vector<std::string>{"dense", "pruned", "bitslice-l1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_with_numbers) {
    const SliceStudy study =
        study_of({network("vgg11-d", "dense", 0.92, 900), network("vgg11-l", "l1", 0.9, 300),
                  network("vgg11-b", "bitslice-l1", 0.8953, 27), network("vgg11-x", "pruned", 0, 300)});
    const std::string text = unbroken(slices_text(study));
    BOOST_TEST_CONTEXT(text) {
        BOOST_TEST(holds(text,
                         "vgg11-b against the paper's bit-slice l1: 0.20 points more accurate, 2.00 times "
                         "sparser (2.70 % against 5.40 % non-zero)."));
        BOOST_TEST(
            holds(text, "vgg11-l against the paper's l1: 0.61 points more accurate, 2.38 times denser"));
        BOOST_TEST(holds(text, "vgg11-x against the paper's pruned: accuracy unknown, 1.24 times denser"));
        BOOST_TEST(holds(text, "vgg11-b against vgg11-d: 2.47 points less accurate, 33.33 times sparser"));
        BOOST_TEST(holds(text,
                         "mean non-zero shares of vgg11-l and vgg11-b: 11.11x, 0.47 points less accurate; "
                         "the paper's 2.33x, 0.06 points less accurate."));
        BOOST_TEST(holds(text, "MLP on MNIST: dense, pruned, l1, bit-slice l1;"));
        BOOST_TEST(!holds(text, "VGG-11 on CIFAR-10: dense"));
        BOOST_TEST(holds(text, "Accuracy against sparsity, VGG-11 on CIFAR-10"));  // three with an accuracy
    }
}

BOOST_AUTO_TEST_CASE(curves_are_marked_and_sorted) {
    SliceStudy study = study_of({network("vgg11-d", "dense", 0.92, 900)});
    for (const auto& [top1, percent, seed] :
         {std::tuple{0.91, 10.0, 1}, std::tuple{0.90, 12.0, 2}, std::tuple{0.90, 5.0, 3}}) {
        TradeOffPoint point;
        point.model = "vgg11";
        point.data = "cifar10";
        point.method = "l1";
        point.top1 = top1;
        point.seed = seed;
        point.shares = shares_of({percent, percent, percent, percent});
        study.points.push_back(point);
    }
    const auto json = nlohmann::json::parse(slices_json(study));
    std::string order;
    for (const auto& curve : json["curves"])
        order += std::to_string(curve["seed"].get<int>()) + (curve["unbeaten"].get<bool>() ? "* " : " ");
    BOOST_TEST(order == "3* 1* 2 ");
    const std::string text = slices_text(study);
    BOOST_TEST(holds(text, "Trade-off, VGG-11 on CIFAR-10"));
    BOOST_TEST(holds(text, "shipped: vgg11-d"));
}

BOOST_AUTO_TEST_CASE(files_say_the_same) {
    StudiedNetwork strange = network("odd, \"name\"", "l1", 0, 500);
    SliceStudy study = study_of({network("vgg11-b", "bitslice-l1", 0.9, 100), strange});
    const auto json = nlohmann::json::parse(slices_json(study));
    BOOST_TEST(json["paper"].size() == 9U);
    BOOST_REQUIRE(json["networks"].size() == 2U);
    const auto& first = json["networks"][0];
    BOOST_TEST(first["name"] == "vgg11-b");
    BOOST_TEST(first["top1"]["fixed_point"] == 0.9);
    BOOST_TEST(first["top1"]["sliver"].is_null());
    BOOST_TEST(first["mean_percent"] == 10.0);
    BOOST_TEST(first["layers"][0]["largest_code"] == 255);
    BOOST_TEST(first["adc_bits_mean"] == 2.0);
    const std::string csv = slices_csv(study);
    BOOST_TEST(holds(csv, "source,model,data,method,name,top1,B3,B2,B1,B0,mean,std,adc_bits_mean\n"));
    BOOST_TEST(holds(csv, "paper,vgg11,cifar10,l1,,0.8939,0.39,9.37,18.43,22.19,12.59,8.45,\n"));
    BOOST_TEST(holds(csv, "network,vgg11,cifar10,bitslice-l1,vgg11-b,0.9,10,10,10,10,10,0,2\n"));
    BOOST_TEST(holds(csv, ",l1,\"odd, \"\"name\"\"\",,50,50,50,50,50,0,2\n"));
    BOOST_TEST(slices_json(study) == slices_json(study));
}

BOOST_AUTO_TEST_CASE(a_card_with_other_slices_is_refused) {
    StudiedNetwork made = network("vgg11-b", "l1", 0.9, 100);
    made.card.sparsity = {{"net.yaml:3:7", "B1", 10.0}};
    complete(made, "cifar10", 1);  // cards speak of 2-bit slices, whatever is looked at
    made.card.sparsity[0].value = 11;
    const std::string text = sliver::network::test::refusal([&] { complete(made, "cifar10", 4); });
    BOOST_TEST(text == "net.yaml:3:7: sparsity.B1: value 11: counted in the network's file 10.0000");
}

BOOST_AUTO_TEST_SUITE_END()
