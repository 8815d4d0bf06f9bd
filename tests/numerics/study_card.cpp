// What a card says about a training, and that it may not say other slices than were counted.
#include <boost/test/unit_test.hpp>

#include "network_test_support.h"
#include "study/names.h"
#include "study/training_card.h"

BOOST_AUTO_TEST_SUITE(study_card)

using namespace sliver::study;
using sliver::network::test::one_line_with;
using sliver::network::test::refusal;
using sliver::network::test::TemporaryFolder;

namespace {

TrainingCard card_of(const std::string& text) {
    const TemporaryFolder folder;
    return read_training_card(folder.write("net.yaml", text));
}

std::string refusal_of(const std::string& text) {
    return refusal([&] { static_cast<void>(card_of(text)); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_method_has_one_short_name) {
    BOOST_TEST(card_of("name: n\nmethod: \"l1\"\n").method == "l1");
    BOOST_TEST(card_of("method: long words\nhyper_parameters:\n  method: pruned\n").method == "pruned");
    BOOST_TEST(
        card_of("method: long words\nhyper_parameters:\n  stage1: {method: l1}\n  stage2: {\"method\": "
                "\"bitslice-l1\"}\n")
            .method == "bitslice-l1");
    BOOST_TEST(card_of("hyper_parameters: {method: bitslice-l1, column_bits: [2, 4, 4, 4]}\n").method ==
               "bitslice-l1+columns");
    BOOST_TEST(card_of("hyper_parameters: {method: l1, column_bits: null}\n").method == "l1");
    BOOST_TEST(card_of("hyper_parameters: {alpha: 1}\nmethod: dense\n").method == "dense");
    BOOST_TEST(card_of("name: n\n").method == "");
}

BOOST_AUTO_TEST_CASE(accuracy_is_sliver_s_where_there_is_one) {
    BOOST_TEST(!card_of("name: n\n").top1().has_value());
    BOOST_TEST(!card_of("top1: {float: 0.9}\n").top1().has_value());
    BOOST_TEST(card_of("top1: {float: 0.9, fixed_point: 0.8}\n").top1().value() == 0.8);
    BOOST_TEST(card_of("top1: {fixed_point: 0.8, sliver: 0.7}\n").top1().value() == 0.7);
}

BOOST_AUTO_TEST_CASE(wrong_values_are_named) {
    BOOST_TEST(one_line_with(refusal_of("name: n\ntop1: {fixed_point: 92.9}\n"),
                             "net.yaml:2:21: top1.fixed_point: value 92.9: must be a number from 0 to 1"));
    BOOST_TEST(one_line_with(refusal_of("top1: high\n"), ":1:7: top1: value high: must be a map"));
    BOOST_TEST(one_line_with(refusal_of("sparsity: {B3: .nan}\n"), "sparsity.B3", "must be a number"));
    BOOST_TEST(one_line_with(refusal_of("sparsity: {mean: 101}\n"), "sparsity.mean: value 101"));
    BOOST_TEST(one_line_with(refusal_of("method: [l1]\n"), "method: value [l1]: must be a text"));
    BOOST_TEST(one_line_with(refusal_of("- a\n"), "must be a map"));
}

BOOST_AUTO_TEST_CASE(a_card_may_not_claim_other_slices) {
    const SliceShares counted = shares_of({2.13046, 2.12204, 2.1257, 0.56414});  // B0 first
    const auto complaint = [&](const std::string& sparsity) {
        const TrainingCard card = card_of("sparsity: {" + sparsity + "}\n");
        return refusal([&] { require_counted(card, counted); });
    };
    BOOST_TEST(complaint("B3: 0.5641, B2: 2.1257, B1: 2.122, B0: 2.1305, mean: 1.7356, std: 0.6763") == "");
    BOOST_TEST(complaint("") == "");
    BOOST_TEST(one_line_with(complaint("B3: 0.5643"), "net.yaml:1:16: sparsity.B3: value 0.5643", "0.5641"));
    BOOST_TEST(one_line_with(complaint("B0: 0.5641"), "sparsity.B0", "2.1305"));
    BOOST_TEST(one_line_with(complaint("mean: 1.74"), "sparsity.mean", "1.7356"));
    BOOST_TEST(
        one_line_with(complaint("std: 0.7809"), "sparsity.std"));  // of a sample, not of the population
}

BOOST_AUTO_TEST_CASE(one_key_for_many_spellings) {
    for (const char* text : {"vgg11", "VGG-11: 64-M-128", "vgg11-plain", "vgg11-fashion-dense"})
        BOOST_TEST(model_key(text) == "vgg11");
    BOOST_TEST(model_key("ResNet-20, 16-32-64") == "resnet20");
    BOOST_TEST(model_key("resnet-200") == "resnet-200");
    BOOST_TEST(model_key("vgg") == "vgg");
    BOOST_TEST(known_model("my-net") == "");
    BOOST_TEST(data_key("CIFAR-10") == "cifar10");
    BOOST_TEST(data_key("cifar100") == "cifar100");
    BOOST_TEST(data_key("fashion-mnist") == "fashionmnist");
    BOOST_TEST(data_key("my digits") == "my digits");
    BOOST_TEST(group_title("vgg11", "cifar10") == "VGG-11 on CIFAR-10");
    BOOST_TEST(group_title("my-net", "") == "my-net");
    BOOST_TEST(method_title("bitslice-l1+columns") == "bit-slice l1, columns");
    BOOST_TEST(method_letter("bitslice-l1+columns") == 'C');
    BOOST_TEST(method_letter("l1") == 'L');
    BOOST_TEST(method_letter("else") == 'O');
}

BOOST_AUTO_TEST_SUITE_END()
