// Curves of networks that are not shipped: read strictly, line by line; which points no other beats; the
// picture.
#include <boost/test/unit_test.hpp>

#include "network_test_support.h"
#include "study/scatter.h"
#include "study/trade_off.h"

BOOST_AUTO_TEST_SUITE(study_trade_off)

using namespace sliver::study;
using sliver::network::test::one_line_with;
using sliver::network::test::refusal;
using sliver::network::test::TemporaryFolder;

namespace {

const std::string kHeader =
    "network,data,method,alpha,prune,column_bits,epochs,seed,top1,B3,B2,B1,B0,mean,std,adc_bits_worst,note\n";
const std::string kGood = "vgg11,cifar10,bitslice-l1,0.5,0.9,,2.5,1,0.8912,1,2,3,6,3,1.8708,5.16,\n";

std::vector<TradeOffPoint> read(const std::string& text) {
    const TemporaryFolder folder;
    return read_trade_off(folder.write("c.csv", text));
}

std::string refusal_of(const std::string& text) {
    return refusal([&] { static_cast<void>(read(text)); });
}

/// kGood with field `index` replaced.
std::string with(std::size_t index, const std::string& value) {
    std::size_t begin = 0;
    for (; index > 0; --index) begin = kGood.find(',', begin) + 1;
    return kHeader + kGood +
           std::string(kGood).replace(begin, kGood.find_first_of(",\n", begin) - begin, value);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_row_is_read) {
    const std::vector<TradeOffPoint> points = read(kHeader + kGood);
    BOOST_REQUIRE(points.size() == 1U);
    const TradeOffPoint& point = points.front();
    BOOST_TEST(point.model == "vgg11");
    BOOST_TEST(point.data == "cifar10");
    BOOST_TEST(point.method == "bitslice-l1");
    BOOST_TEST(point.alpha == 0.5);
    BOOST_TEST(point.prune == 0.9);
    BOOST_TEST(point.column_bits == "");
    BOOST_TEST(point.epochs == 2.5);
    BOOST_TEST(point.seed == 1);
    BOOST_TEST(point.top1 == 0.8912);
    BOOST_TEST(point.shares.percent == (std::vector<double>{6, 3, 2, 1}), boost::test_tools::per_element());
    BOOST_TEST(point.shares.mean == 3.0);
    BOOST_TEST(point.adc_bits == 5.16);
}

BOOST_AUTO_TEST_CASE(quotes_line_ends_and_widths) {
    BOOST_TEST(read(with(16, "\"a, \"\"b\"\"\"")).at(1).note == "a, \"b\"");
    BOOST_TEST(read(with(5, "2 4 4 4")).at(1).method == "bitslice-l1+columns");
    BOOST_TEST(read(with(5, "4")).at(1).column_bits == "4");
    BOOST_TEST(read(with(5, "0")).at(1).column_bits == "");
    std::string windows = kHeader + kGood;
    for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
        windows.insert(at, "\r");
    BOOST_TEST(read(windows).size() == 1U);
    BOOST_TEST(read(kHeader).empty());
    BOOST_TEST(read(kHeader + kGood.substr(0, kGood.size() - 1)).size() == 1U);  // no line feed at the end
}

BOOST_AUTO_TEST_CASE(wrong_lines_are_named) {
    BOOST_TEST(one_line_with(refusal_of(""), "c.csv", "is empty"));
    BOOST_TEST(one_line_with(refusal_of("network,dat\n"), "c.csv:1: column 2 is 'dat': wanted 'data'"));
    BOOST_TEST(one_line_with(refusal_of("network\n"), "c.csv:1: 1 columns: wanted 17"));
    BOOST_TEST(
        one_line_with(refusal_of(kHeader.substr(0, kHeader.size() - 1) + ",more\n"), "c.csv:1: 18 columns"));
    BOOST_TEST(one_line_with(refusal_of(kHeader + "a,b\n"), "c.csv:2: 2 fields: wanted 17"));
    BOOST_TEST(one_line_with(refusal_of(kHeader + "\n" + kGood), "c.csv:2: 1 fields"));
    BOOST_TEST(one_line_with(refusal_of(with(0, "")), "c.csv:3: network: is missing"));
    BOOST_TEST(one_line_with(refusal_of(with(2, "")), "c.csv:3: method: is missing"));
    BOOST_TEST(
        one_line_with(refusal_of(with(3, "half")), "c.csv:3: alpha: value half: must be a finite number"));
    BOOST_TEST(one_line_with(refusal_of(with(3, "nan")), "alpha: value nan"));
    BOOST_TEST(one_line_with(refusal_of(with(3, "inf")), "alpha: value inf"));
    BOOST_TEST(one_line_with(refusal_of(with(3, "-1")), "alpha: value -1: must be at least 0"));
    BOOST_TEST(one_line_with(refusal_of(with(4, "90")), "prune: value 90: must be from 0 to 1"));
    for (const char* widths : {"2 4 4", "2,4", "13", "4 ", "a", "2  4 4 4"})
        BOOST_TEST(refusal_of(with(5, widths)) != "", widths);
    BOOST_TEST(one_line_with(refusal_of(with(7, "1.5")), "seed: value 1.5: must be a whole number"));
    BOOST_TEST(one_line_with(refusal_of(with(8, "89.12")), "top1: value 89.12: must be from 0 to 1"));
    BOOST_TEST(one_line_with(refusal_of(with(9, "101")), "B3: value 101: must be from 0 to 100"));
    BOOST_TEST(
        one_line_with(refusal_of(with(13, "3.02")), "mean: value 3.02: B3 to B0 of this line give 3.0000"));
    BOOST_TEST(one_line_with(refusal_of(with(14, "2.16")), "std: value 2.16"));  // of a sample
    BOOST_TEST(one_line_with(refusal_of(with(15, "0")), "adc_bits_worst: value 0: must be from 1 to 12"));
    BOOST_TEST(one_line_with(refusal_of(with(16, "\"open")), "c.csv:3: a quote is not closed"));
    BOOST_TEST(one_line_with(refusal_of(with(16, "\"a\"b")), "c.csv:3: text behind the closing quote"));
    BOOST_TEST(one_line_with(refusal_of(with(16, "\xff")), "c.csv:3: byte 0xff"));
}

BOOST_AUTO_TEST_CASE(curves_of_a_folder_by_name) {
    const TemporaryFolder folder;
    BOOST_TEST(read_curves(folder.path()).empty());
    std::filesystem::create_directories(folder.path() / "curves");
    folder.write("curves/b.csv", kHeader + kGood);
    folder.write("curves/a.csv", with(7, "5"));
    folder.write("curves/readme.txt", "no curve");
    const std::vector<TradeOffPoint> points = read_curves(folder.path());
    BOOST_REQUIRE(points.size() == 3U);
    BOOST_TEST(points[0].seed == 1);
    BOOST_TEST(points[1].seed == 5);
    BOOST_TEST(points[2].seed == 1);
}

BOOST_AUTO_TEST_CASE(unbeaten_points) {
    // Most accurate; in between; beaten by the second; as sparse as the fifth but less accurate; sparsest.
    const std::vector<bool> marks = unbeaten({{0.93, 50}, {0.92, 5}, {0.91, 6}, {0.90, 1}, {0.91, 1}});
    BOOST_TEST(marks == (std::vector<bool>{true, true, false, false, true}),
               boost::test_tools::per_element());
    BOOST_TEST(unbeaten({{0.9, 1}, {0.9, 1}}) == (std::vector<bool>{true, true}),
               boost::test_tools::per_element());
    BOOST_TEST(unbeaten({}).empty());
}

BOOST_AUTO_TEST_CASE(corners_of_the_picture) {
    const std::string text = scatter({{80, 1, 'A'}, {90, 100, 'B'}, {85, 10, 'M'}}, 0);
    std::vector<std::string> lines(1);
    for (const char c : text) {
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += c;
    }
    BOOST_REQUIRE(lines.size() == 17U);  // title, 12 rows, axis, ticks, label, the end
    BOOST_TEST(lines[1] == "  90.00 |" + std::string(55, ' ') + "B");
    BOOST_TEST(lines[12] == "  80.00 |A");
    // The geometric mean of both ends lies in the middle of a logarithmic axis.
    const bool sixth = lines[6].find('M') != std::string::npos;
    const std::size_t at = (sixth ? lines[6] : lines[7]).find('M');
    BOOST_TEST((at == 9 + 27 || at == 9 + 28));
    for (const char* tick : {"1.00", "10.00", "100.00"})
        BOOST_TEST(lines[14].find(tick) != std::string::npos);
    BOOST_TEST(scatter({}, 0) == "");
    // Points in one place, and a share of zero, which has no logarithm.
    BOOST_TEST(scatter({{90, 5, 'A'}, {90, 5, 'A'}}, 0).find('&') == std::string::npos);
    BOOST_TEST(scatter({{90, 5, 'A'}, {90, 5, 'B'}}, 0).find('&') != std::string::npos);
    BOOST_TEST(scatter({{90, 0, 'A'}}, 0).find("0.01") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
