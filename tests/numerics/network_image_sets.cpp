// Image files: IDX plain and gzip with their labels, CIFAR-10 and CIFAR-100, .npy; padding and normalisation;
// every kind of bad file in one line.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "network/images.h"
#include "network/npy.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_image_sets)

namespace fs = std::filesystem;
using namespace sliver::network;
using test::one_line_with;

namespace {

const test::TemporaryFolder kFolder;

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((value >> shift) & 0xFF);
    return bytes;
}

std::string idx(const std::vector<std::uint32_t>& shape, const std::string& payload, char type = 8) {
    std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
    for (const std::uint32_t extent : shape) bytes += big_endian(extent);
    return bytes + payload;
}

std::string counting(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 251);
    return bytes;
}

std::string cifar(std::size_t records, std::size_t head, int label) {
    std::string bytes;
    for (std::size_t i = 0; i < records; ++i)
        bytes += std::string(head, static_cast<char>(label)) + counting(3072);
    return bytes;
}

std::string refusal_of(const fs::path& path, Shape wanted, std::size_t classes = 10,
                       const ImageOptions& options = {}) {
    return test::refusal([&] { ImageSet set(path, wanted, classes, options); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(idx_files_with_labels_plain_and_packed) {
    const std::string images = idx({3, 2, 4}, counting(24)),
                      labels = idx({3}, std::string("\x07\x00\x09", 3));
    const test::TemporaryFolder plain, packed;
    plain.write("t10k-images-idx3-ubyte", images);
    plain.write("t10k-labels-idx1-ubyte", labels);
    plain.write("train-images-idx3-ubyte", idx({1, 2, 4}, counting(8)));
    packed.write("t10k-images-idx3-ubyte.gz", test::gzip(images));
    packed.write("t10k-labels-idx1-ubyte.gz", test::gzip(labels));
    for (const fs::path& source : {plain.path(), plain.path() / "t10k-images-idx3-ubyte", packed.path()}) {
        const ImageSet set(source, {1, 2, 4}, 10, {});
        BOOST_TEST(set.count() == 3U);
        BOOST_REQUIRE(set.labels());
        BOOST_TEST((*set.labels() == std::vector<int>{7, 0, 9}));
        BOOST_TEST(set.image(2)[7] == 23 / 255.0F);
    }
    ImageOptions train;
    train.split = Split::train;
    const ImageSet unlabelled(plain.path(), {1, 2, 4}, 10, train);
    BOOST_TEST(unlabelled.count() == 1U);
    BOOST_TEST(!unlabelled.labels());
    train.labels = plain.write("own.npy", npy_bytes({1}, std::vector<std::int64_t>{4}));
    BOOST_TEST((ImageSet(plain.path(), {1, 2, 4}, 10, train).labels().value() == std::vector<int>{4}));
    const ImageSet list(plain.path(), {8, 1, 1}, 10, {});  // a fully connected network
    BOOST_TEST((list.shape() == Shape{8, 1, 1}));
    BOOST_TEST(list.image(1)[3] == 11 / 255.0F);
}

BOOST_AUTO_TEST_CASE(padding_comes_before_normalisation) {
    const fs::path path =
        kFolder.write("two-channels.idx", idx({1, 2, 1, 2}, std::string("\x33\xFF\x00\x66", 4)));
    ImageOptions options;
    options.mean = {0.25, 0.5};
    options.std = {0.5, 0.25};
    options.pad = 1;
    const ImageSet set(path, {2, 3, 4}, 0, options);
    const std::vector<float> got = set.image(0);
    BOOST_REQUIRE_EQUAL(got.size(), 24U);
    for (std::size_t i = 0; i < 24; ++i) {
        const float mean = i < 12 ? 0.25F : 0.5F, deviation = i < 12 ? 0.5F : 0.25F;
        const float byte = i == 5 ? 51.0F : i == 6 ? 255.0F : i == 18 ? 102.0F : 0.0F;
        BOOST_TEST(got[i] == (byte / 255.0F - mean) / deviation, "value " << i);
    }
    options.mean = {0.25};
    options.std = {0.5};
    BOOST_TEST(ImageSet(path, {2, 3, 4}, 0, options).image(0)[18] == (102 / 255.0F - 0.25F) / 0.5F);
    options.mean = {0.1, 0.2, 0.3};
    BOOST_TEST(one_line_with(refusal_of(path, {2, 3, 4}, 0, options), "mean: 3 values", "2 channel"));
    options.mean = {};
    options.std = {0.0};
    BOOST_TEST(one_line_with(refusal_of(path, {2, 3, 4}, 0, options), "std: 0 is not a positive"));
    options.std = {std::nan("")};
    BOOST_TEST(one_line_with(refusal_of(path, {2, 3, 4}, 0, options), "std: nan"));
    options.std = {};
    options.pad = -1;
    BOOST_TEST(one_line_with(refusal_of(path, {2, 3, 4}, 0, options), "pad: -1"));
}

BOOST_AUTO_TEST_CASE(cifar_batches) {
    const ImageSet ten(kFolder.write("batch.bin", cifar(3, 1, 6)), {3, 32, 32}, 10, {});
    BOOST_TEST(ten.count() == 3U);
    BOOST_TEST((*ten.labels() == std::vector<int>{6, 6, 6}));
    BOOST_TEST(ten.image(2)[1000] == (1000 % 251) / 255.0F);
    std::string record = cifar(2, 2, 3);
    record[1] = 77;
    const ImageSet hundred(kFolder.write("hundred.bin", record), {3, 32, 32}, 100, {});
    BOOST_TEST((*hundred.labels() == std::vector<int>{77, 3}));  // the fine label
    BOOST_TEST(hundred.image(0)[5] == 5 / 255.0F);
    // 3073 * 3074 bytes fit both; the number of classes decides
    const fs::path both = kFolder.write("both.bin", std::string(3073 * 3074, '\x05'));
    BOOST_TEST(ImageSet(both, {3, 32, 32}, 10, {}).count() == 3074U);
    BOOST_TEST(ImageSet(both, {3, 32, 32}, 100, {}).count() == 3073U);
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("label.bin", cifar(2, 1, 10)), {3, 32, 32}),
                             "record 0 has label 10"));
    // a class-0 image whose first bytes look like IDX
    std::string black = cifar(1, 1, 0);
    black.replace(0, 4, std::string("\0\0\x08\x03", 4));
    BOOST_TEST(ImageSet(kFolder.write("black.bin", black), {3, 32, 32}, 10, {}).count() == 1U);
    const test::TemporaryFolder folder;
    folder.write("test_batch.bin", cifar(2, 1, 1));
    for (const int batch : {1, 2, 3, 4})
        folder.write("data_batch_" + std::to_string(batch) + ".bin", cifar(1, 1, batch));
    BOOST_TEST(ImageSet(folder.path(), {3, 32, 32}, 10, {}).count() == 2U);
    ImageOptions train;
    train.split = Split::train;
    BOOST_TEST(
        one_line_with(refusal_of(folder.path(), {3, 32, 32}, 10, train), "data_batch_5.bin", "only part"));
    folder.write("data_batch_5.bin", cifar(2, 1, 5));
    BOOST_TEST(
        (*ImageSet(folder.path(), {3, 32, 32}, 10, train).labels() == std::vector<int>{1, 2, 3, 4, 5, 5}));
}

BOOST_AUTO_TEST_CASE(npy_images) {
    const std::vector<float> values{0.5F, -1.25F, 3, 4, 5, 6, 7, 8};
    ImageOptions options;  // of no concern to float images: they are the input as it stands
    options.mean = {0.5};
    options.std = {0.1};
    options.pad = 4;
    const ImageSet set(kFolder.write("f.npy", npy_bytes({2, 1, 2, 2}, values)), {1, 2, 2}, 10, options);
    BOOST_TEST(set.count() == 2U);
    BOOST_TEST(!set.labels());
    BOOST_TEST((set.image(0) == std::vector<float>{0.5F, -1.25F, 3, 4}));
    BOOST_TEST((set.image(1) == std::vector<float>{5, 6, 7, 8}));
    BOOST_TEST(ImageSet(kFolder.write("l.npy", npy_bytes({2, 4}, values)), {4, 1, 1}, 10, {}).image(1)[3] ==
               8.0F);
    const std::vector<std::uint8_t> bytes{0, 51, 102, 255};
    BOOST_TEST(ImageSet(kFolder.write("b.npy", npy_bytes({1, 2, 2}, bytes)), {1, 2, 2}, 10, {}).image(0)[1] ==
               0.2F);
    BOOST_TEST(
        ImageSet(kFolder.write("c.npy", npy_bytes({1, 4, 1, 1}, bytes)), {4, 1, 1}, 10, {}).image(0)[2] ==
        0.4F);
    std::vector<float> bad = values;
    bad[5] = std::nanf("");
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("n.npy", npy_bytes({2, 1, 2, 2}, bad)), {1, 2, 2}),
                             "image 1 holds NaN"));
    bad[5] = HUGE_VALF;
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("n.npy", npy_bytes({2, 1, 2, 2}, bad)), {1, 2, 2}),
                             "image 1 holds infinity"));
    BOOST_TEST(one_line_with(
        refusal_of(kFolder.write("i.npy", npy_bytes({1, 1, 1, 1}, std::vector<std::int32_t>{1})), {1, 1, 1}),
        "holds integers"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("d.npy", npy_bytes({8}, values)), {1, 2, 2}),
                             "its shape is (8), and (n, 1, 2, 2) or (n, 2, 2) is wanted"));
    BOOST_TEST(one_line_with(
        refusal_of(kFolder.write("z.npy", npy_bytes({0, 1, 2, 2}, std::vector<float>{})), {1, 2, 2}),
        "no images"));
}

// What the axes of a .npy mean depends on the network.
BOOST_AUTO_TEST_CASE(npy_axes) {
    std::vector<float> values(24);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    const std::vector<float> plain(values.begin(), values.begin() + 12);
    ImageOptions last;
    last.layout = ImageLayout::channels_last;
    const auto set = [&](const std::vector<std::size_t>& dims, Shape wanted, const ImageOptions& options) {
        return ImageSet(kFolder.write("axes.npy", npy_bytes(dims, values)), wanted, 0, options);
    };
    // (n, c, h, w), and (n, h, w, c) where the network's file has it so
    BOOST_TEST((set({2, 3, 2, 2}, {3, 2, 2}, {}).image(0) == plain));
    const std::vector<float> turned{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11};
    BOOST_TEST((set({2, 2, 2, 3}, {3, 2, 2}, last).image(0) == turned));
    BOOST_TEST(set({2, 2, 2, 3}, {3, 2, 2}, last).image(1)[1] == 15.0F);
    BOOST_TEST((set({2, 3, 2, 2}, {3, 2, 2}, last).image(0) == plain));  // cannot be anything else
    BOOST_TEST(one_line_with(test::refusal([&] {
                                 set({2, 2, 2, 3}, {3, 2, 2}, {});
                             }),
                             "(2, 2, 2, 3), and (n, 3, 2, 2) is wanted (numpy: x.transpose(0, 3, 1, 2))"));
    // one image alone
    BOOST_TEST(set({6, 2, 2}, {6, 2, 2}, {}).count() == 1U);
    BOOST_TEST(set({2, 2, 6}, {6, 2, 2}, last).image(0)[1] == 6.0F);
    BOOST_TEST(set({4, 6}, {1, 4, 6}, {}).count() == 1U);
    BOOST_TEST(set({24}, {24, 1, 1}, {}).count() == 1U);
    // a batch comes first: two images of one channel, not one of two
    BOOST_TEST(set({2, 3, 4}, {1, 3, 4}, {}).count() == 2U);
    // along time: (n, c, w) and (n, w, c)
    BOOST_TEST((set({2, 3, 4}, {3, 1, 4}, {}).image(0) == plain));
    BOOST_TEST(set({2, 4, 3}, {3, 1, 4}, last).image(0)[1] == 3.0F);
    // any images for a network that takes a list
    BOOST_TEST((set({2, 3, 2, 2}, {12, 1, 1}, {}).image(0) == plain));
    // bytes, with a mean for each channel, padded
    const std::vector<std::uint8_t> bytes{51, 102, 153, 204};
    last.pad = 1;
    last.mean = {0.0, 0.4};
    last.std = {0.2, 0.4};
    const ImageSet padded(kFolder.write("bytes.npy", npy_bytes({1, 2, 2}, bytes)), {2, 3, 4}, 0, last);
    BOOST_REQUIRE_EQUAL(padded.image(0).size(), 24U);
    BOOST_TEST(padded.image(0)[5] == (51 / 255.0F - 0.0F) / 0.2F);
    BOOST_TEST(padded.image(0)[18] == (204 / 255.0F - 0.4F) / 0.4F);
}

BOOST_AUTO_TEST_CASE(folders_and_labels_of_npy) {
    const auto image = [](float first, std::size_t count) {
        std::vector<float> values(4 * count, 0.0F);
        for (std::size_t i = 0; i < count; ++i) values[4 * i] = first + static_cast<float>(i);
        return values;
    };
    const auto labels = [](const std::vector<std::int64_t>& values) {
        return npy_bytes({values.size()}, values);
    };
    const test::TemporaryFolder alone;  // one image a file, labels for all
    for (const int i : {0, 1, 2})
        alone.write(fmt::format("image-{}.npy", i), npy_bytes({2, 2}, image(static_cast<float>(i), 1)));
    alone.write("labels.npy", labels({4, 5, 6}));
    const ImageSet three(alone.path(), {1, 2, 2}, 10, {});
    BOOST_TEST(three.count() == 3U);
    BOOST_TEST(three.image(2)[0] == 2.0F);
    BOOST_TEST((three.labels().value() == std::vector<int>{4, 5, 6}));
    BOOST_TEST(!has_split(alone.path(), Split::train));
    BOOST_TEST(image_files(alone.path()).size() == 4U);

    const test::TemporaryFolder batches;  // several a file, labels beside each
    batches.write("a.npy", npy_bytes({1, 1, 2, 2}, image(7, 1)));
    batches.write("a.labels.npy", labels({1}));
    batches.write("b.npy.gz", test::gzip(npy_bytes({2, 1, 2, 2}, image(8, 2))));
    batches.write("b.labels.npy.gz", test::gzip(labels({2, 3})));
    const ImageSet joined(batches.path(), {1, 2, 2}, 10, {});
    BOOST_TEST(joined.count() == 3U);
    BOOST_TEST(joined.image(2)[0] == 9.0F);
    BOOST_TEST((joined.labels().value() == std::vector<int>{1, 2, 3}));
    BOOST_TEST((ImageSet(batches.path() / "b.npy.gz", {1, 2, 2}, 10, {}).labels().value() ==
                std::vector<int>{2, 3}));
    batches.write("c.npy", npy_bytes({1, 1, 2, 2}, image(1, 1)));
    BOOST_TEST(one_line_with(refusal_of(batches.path(), {1, 2, 2}), "c.npy", "has no labels beside it"));
    batches.write("c.npy", npy_bytes({1, 2, 2, 1}, image(1, 1)));
    BOOST_TEST(one_line_with(refusal_of(batches.path(), {1, 2, 2}), "c.npy", "images of one shape"));

    const test::TemporaryFolder splits;  // a file or a folder for each
    splits.write("test.npy", npy_bytes({1, 2, 2}, image(1, 1)));
    fs::create_directory(splits.path() / "train");
    splits.write("train/x.npy", npy_bytes({2, 2, 2}, image(5, 2)));
    splits.write("train/labels.npy", labels({8, 9}));
    ImageOptions train;
    train.split = Split::train;
    BOOST_TEST(ImageSet(splits.path(), {1, 2, 2}, 10, {}).image(0)[0] == 1.0F);
    BOOST_TEST((ImageSet(splits.path(), {1, 2, 2}, 10, train).labels().value() == std::vector<int>{8, 9}));
    BOOST_TEST(has_split(splits.path(), Split::train));
    BOOST_TEST(image_files(splits.path()).size() == 3U);
}

BOOST_AUTO_TEST_CASE(bad_files_in_one_line) {
    const std::string images = idx({3, 2, 4}, counting(24));
    for (std::size_t part = 0; part < 16; ++part) {
        const std::size_t size = images.size() * part / 16;
        BOOST_TEST(
            one_line_with(refusal_of(kFolder.write("cut.idx", images.substr(0, size)), {1, 2, 4}), "cut.idx"),
            size);
        const std::string packed = test::gzip(images);
        BOOST_TEST(one_line_with(
            refusal_of(kFolder.write("cut.gz", packed.substr(0, packed.size() * part / 16)), {1, 2, 4}),
            "cut.gz"));
        const std::string batch = cifar(2, 1, 1);
        BOOST_TEST(one_line_with(
            refusal_of(kFolder.write("cut.bin", batch.substr(0, batch.size() * part / 16 + 1)), {3, 32, 32}),
            "cut.bin"));
    }
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("long.idx", images + "x"), {1, 2, 4}),
                             "promises 24 bytes (3x2x4), but 25 follow"));
    // a header that claims 2^31 images, or more bytes than 64 bits count, allocates nothing
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("huge.idx", idx({1U << 31, 28, 28}, "x")), {1, 28, 28}),
                             "promises 1683627180032"));
    BOOST_TEST(one_line_with(
        refusal_of(kFolder.write("huge.idx", idx({~0U, ~0U, ~0U, ~0U}, "x")), {1, 28, 28}), "but 1 follow"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("type.idx", idx({1, 1, 1}, "abcd", 0x0D)), {1, 1, 1}),
                             "IDX type 0x0d"));
    BOOST_TEST(
        one_line_with(refusal_of(kFolder.write("list.idx", idx({4}, "abcd")), {1, 1, 1}), "1-dimensional"));
    BOOST_TEST(
        one_line_with(refusal_of(kFolder.write("none.idx", idx({0, 2, 2}, "")), {1, 2, 2}), "no images"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("text.txt", "hello"), {1, 2, 2}),
                             "neither IDX, .npy nor CIFAR"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.write("empty", ""), {1, 2, 2}), "empty"));
    BOOST_TEST(one_line_with(refusal_of(kFolder.path() / "absent", {1, 2, 2}), "no such file"));
    BOOST_TEST(one_line_with(refusal_of(test::TemporaryFolder().path(), {1, 2, 2}),
                             "holds neither t10k-images-idx3-ubyte[.gz]", "nor .npy files"));
    const fs::path good = kFolder.write("good.idx", images);
    BOOST_TEST(
        one_line_with(refusal_of(good, {3, 32, 32}), "images are 1x2x4, but the network's input is 3x32x32"));
    ImageOptions padded;
    padded.pad = 2;
    BOOST_TEST(one_line_with(refusal_of(good, {1, 2, 4}, 10, padded), "padded by 2 to 1x6x8"));
    ImageOptions labelled;
    labelled.labels = kFolder.write("labels.idx", idx({2}, "ab"));
    BOOST_TEST(one_line_with(refusal_of(good, {1, 2, 4}, 0, labelled), "3 images, but 2 labels"));
    labelled.labels = kFolder.write("labels.idx", idx({3}, std::string("\x01\x0A\x02", 3)));
    BOOST_TEST(one_line_with(refusal_of(good, {1, 2, 4}, 10, labelled),
                             "image 1 has label 10, but the network has 10 outputs"));
    labelled.labels = good;
    BOOST_TEST(one_line_with(refusal_of(good, {1, 2, 4}, 10, labelled), "a list of labels is wanted"));
    labelled.labels = kFolder.write("negative.npy", npy_bytes({1}, std::vector<std::int64_t>{-1}));
    BOOST_TEST(one_line_with(refusal_of(good, {1, 2, 4}, 10, labelled), "label -1 of image 0"));
}

BOOST_AUTO_TEST_SUITE_END()
