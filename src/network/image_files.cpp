#include "network/image_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "network/npy.h"

namespace sliver::network {
namespace fs = std::filesystem;

namespace {

constexpr const char *kTestBatch = "test_batch.bin", *kFirstBatch = "data_batch_1.bin",
                     *kTestHundred = "test.bin", *kTrainHundred = "train.bin";

bool is_npy(const std::string& bytes) {
    return bytes.compare(0, 6, "\x93NUMPY") == 0;
}

/// IDX begins with two zeros, the type (8 to 14) and the rank.
bool is_idx(const std::string& bytes) {
    return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 8 && bytes[2] <= 14 &&
           bytes[3] >= 1 && bytes[3] <= 4;
}

struct Idx {
    std::vector<std::uint64_t> shape;
    std::size_t start = 0;  ///< of the values
};

Idx parse_idx(const std::string& bytes, const std::string& source) {
    if (!is_idx(bytes)) refuse("{}: is not an IDX file (wrong magic number)", source);
    if (bytes[2] != 8)
        refuse("{}: IDX type 0x{:02x}; only unsigned bytes (0x08) are read", source,
               static_cast<int>(bytes[2]));
    Idx idx;
    const auto rank = static_cast<std::size_t>(bytes[3]);
    idx.start = 4 + 4 * rank;
    if (bytes.size() < idx.start) refuse("{}: the IDX header is cut short", source);
    const std::uint64_t present = bytes.size() - idx.start;
    std::uint64_t wanted = 1;
    std::string text;
    for (std::size_t i = 0; i < rank; ++i) {
        std::uint64_t extent = 0;
        for (std::size_t k = 0; k < 4; ++k)
            extent = extent << 8 | static_cast<unsigned char>(bytes[4 + 4 * i + k]);
        idx.shape.push_back(extent);
        text += (text.empty() ? "" : "x") + std::to_string(extent);
        wanted = extent != 0 && wanted > (std::uint64_t{1} << 62) / extent ? std::uint64_t{1} << 62
                                                                           : wanted * extent;
    }
    if (wanted != present)
        refuse("{}: the IDX header promises {} bytes ({}), but {} follow", source, wanted, text, present);
    return idx;
}

std::vector<int> idx_labels(const std::string& bytes, const std::string& source) {
    const Idx idx = parse_idx(bytes, source);
    if (idx.shape.size() != 1)
        refuse("{}: holds {}-dimensional data; a list of labels is wanted", source, idx.shape.size());
    std::vector<int> labels;
    for (std::size_t i = idx.start; i < bytes.size(); ++i)
        labels.push_back(static_cast<unsigned char>(bytes[i]));
    return labels;
}

Shape checked_shape(const std::string& source, std::uint64_t channels, std::uint64_t height,
                    std::uint64_t width) {
    // No network takes more (kLargestMap); the bound keeps extents inside int.
    std::uint64_t left = kLargestMap;
    for (const std::uint64_t side : {channels, height, width}) {
        if (side == 0 || side > left)
            refuse("{}: holds images of {}x{}x{}; images of 1 to {} values are read", source, channels,
                   height, width, kLargestMap);
        left /= side;
    }
    return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
}

bool has_ending(const std::string& name, const std::string& ending) {
    return name.size() > ending.size() &&
           name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

/// `name` or its gzip twin in `folder`, if there is one.
std::optional<fs::path> file_in(const fs::path& folder, const std::string& name) {
    const std::string twin = has_ending(name, ".gz") ? name.substr(0, name.size() - 3) : name + ".gz";
    std::error_code error;
    for (const std::string& candidate : {name, twin})
        if (fs::is_regular_file(folder / candidate, error)) return folder / candidate;
    return std::nullopt;
}

/// NAME of NAME.npy and NAME.npy.gz; nothing for other files and for labels.
std::optional<std::string> npy_stem(const fs::path& path) {
    const std::string name = path.filename().string();
    for (const std::string& ending : {std::string(".npy"), std::string(".npy.gz")}) {
        if (!has_ending(name, ending)) continue;
        std::string stem = name.substr(0, name.size() - ending.size());
        if (stem != "labels" && !has_ending(stem, ".labels")) return stem;
    }
    return std::nullopt;
}

/// The labels that lie beside an image file by the usual names, if they do.
std::optional<fs::path> labels_beside(const fs::path& images) {
    const fs::path folder = images.parent_path();
    if (const std::optional<std::string> stem = npy_stem(images))
        return file_in(folder, *stem + ".labels.npy");
    std::string name = images.filename().string();
    const std::string from = "images-idx3", to = "labels-idx1";
    const std::size_t at = name.find(from);
    if (at == std::string::npos) return std::nullopt;
    return file_in(folder, name.replace(at, from.size(), to));
}

RawImages idx_images(const std::string& source, const std::string& bytes) {
    RawImages images;
    images.source = source;
    const Idx idx = parse_idx(bytes, images.source);
    if (idx.shape.size() != 3 && idx.shape.size() != 4)
        refuse("{}: holds {}-dimensional data; images are wanted", images.source, idx.shape.size());
    const bool has_channels = idx.shape.size() == 4;
    const std::size_t last = idx.shape.size() - 1;
    if (idx.shape[0] != 0)
        images.shape = checked_shape(images.source, has_channels ? idx.shape[1] : 1, idx.shape[last - 1],
                                     idx.shape[last]);
    images.count = static_cast<std::size_t>(idx.shape[0]);
    images.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(idx.start), bytes.end());
    return images;
}

RawImages cifar_images(const std::string& source, const std::string& bytes, std::size_t classes) {
    constexpr std::size_t kPixels = 3072;
    const bool fits_10 = bytes.size() % (kPixels + 1) == 0, fits_100 = bytes.size() % (kPixels + 2) == 0;
    const bool hundred = fits_100 && classes != 10 && (!fits_10 || classes == 100);
    if (!fits_10 && !hundred)
        refuse("{}: {} bytes are no whole number of 3073-byte CIFAR-10 records", source, bytes.size());
    const std::size_t head = hundred ? 2 : 1;  // CIFAR-100: coarse label, fine label
    const int highest = hundred ? 99 : 9;
    RawImages images;
    images.source = source;
    images.shape = {3, 32, 32};
    images.count = bytes.size() / (kPixels + head);
    images.labels.emplace();
    images.bytes.reserve(images.count * kPixels);
    for (std::size_t i = 0; i < images.count; ++i) {
        const auto record = bytes.begin() + static_cast<std::ptrdiff_t>(i * (kPixels + head));
        const int label = static_cast<unsigned char>(record[static_cast<std::ptrdiff_t>(head) - 1]);
        if (label > highest)
            refuse("{}: record {} has label {}; CIFAR-{} has 0 to {}", source, i, label, highest + 1,
                   highest);
        images.labels->push_back(label);
        images.bytes.insert(images.bytes.end(), record + static_cast<std::ptrdiff_t>(head),
                            record + static_cast<std::ptrdiff_t>(head + kPixels));
    }
    return images;
}

RawImages npy_images(const std::string& source, const std::string& bytes) {
    const NpyArray array = parse_npy(bytes, source);
    const std::vector<std::size_t>& shape = array.shape;
    RawImages images;
    images.source = source;
    if (!array.is_real() && array.type != NpyType::uint8)
        refuse("{}: holds integers; float32, float64 or uint8 images are wanted", source);
    // What else the axes may mean, the network says (network/images.h).
    if (shape.size() == 4)
        images.shape = checked_shape(source, shape[1], shape[2], shape[3]);
    else if (shape.size() == 3)
        images.shape = checked_shape(source, 1, shape[1], shape[2]);
    else if (shape.size() == 2)
        images.shape = checked_shape(source, shape[1], 1, 1);
    else if (shape.size() == 1)
        images.shape = checked_shape(source, shape[0], 1, 1);
    else
        refuse("{}: holds {}-dimensional data; (n, channels, height, width) is wanted", source, shape.size());
    images.count = shape.size() == 1 ? 1 : shape[0];
    images.dims = shape;
    images.files = 1;
    if (!array.is_real()) {
        images.bytes.assign(array.bytes.begin(), array.bytes.end());
        return images;
    }
    images.reals.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        images.reals.push_back(array.real(i));
        if (!std::isfinite(images.reals.back()))
            refuse("{}: image {} holds {}; pixels must be finite", source, i / images.shape.size(),
                   std::isnan(images.reals.back()) ? "NaN" : "infinity");
    }
    return images;
}

RawImages file_images(const fs::path& path, std::size_t classes) {
    RawImages images = parse_images(read_unpacked(path, kDataFile), path.string(), classes);
    if (!images.labels)
        if (const auto labels = labels_beside(path)) images.labels = read_labels(*labels);
    return images;
}

void join(RawImages& all, const RawImages& next) {
    all.count += next.count;
    all.bytes.insert(all.bytes.end(), next.bytes.begin(), next.bytes.end());
    all.reals.insert(all.reals.end(), next.reals.begin(), next.reals.end());
    if (all.labels && next.labels)
        all.labels->insert(all.labels->end(), next.labels->begin(), next.labels->end());
}

std::string dims_text(const std::vector<std::size_t>& dims) {
    return fmt::format("({})", fmt::join(dims, ", "));
}

/// Files of a .npy set, one behind the other; labels beside each of them, or in labels.npy for all.
RawImages npy_set(const std::vector<fs::path>& files, std::size_t classes) {
    RawImages all;
    for (const fs::path& path : files) {
        RawImages next = file_images(path, classes);
        if (path == files.front()) {
            all = std::move(next);
            continue;
        }
        const bool fits = next.dims.size() == all.dims.size() && next.reals.empty() == all.reals.empty() &&
                          std::equal(next.dims.begin() + 1, next.dims.end(), all.dims.begin() + 1);
        if (!fits)
            refuse(
                "{}: holds {} of shape {}, but {} holds {} of {}: a set has one type and images of one shape",
                path.string(), next.reals.empty() ? "bytes" : "floats", dims_text(next.dims),
                files.front().string(), all.reals.empty() ? "bytes" : "floats", dims_text(all.dims));
        if (next.labels.has_value() != all.labels.has_value())
            refuse("{}: {} labels beside it, but {} {}: label all files of a set or none", path.string(),
                   next.labels ? "has" : "has no", files.front().string(), all.labels ? "has" : "has none");
        const bool alike = all.files != 0 && all.dims[0] == all.files * next.dims[0];
        join(all, next);
        all.files = alike ? all.files + 1 : 0;
        all.dims[0] += next.dims[0];
    }
    const auto for_all = file_in(files.front().parent_path(), "labels.npy");
    if (!all.labels && for_all) all.labels = read_labels(*for_all);
    return all;
}

/// The .npy files of a folder by name, labels left out.
std::vector<fs::path> npy_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (npy_stem(entry->path())) files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    return files;
}

/// The .npy files that make up `split` of a folder.
std::vector<fs::path> npy_split(const fs::path& folder, Split split) {
    const auto named = [&](const char* name) -> std::vector<fs::path> {
        if (auto file = file_in(folder, std::string(name) + ".npy")) return {std::move(*file)};
        std::error_code error;
        if (fs::is_directory(folder / name, error)) return npy_files(folder / name);
        return {};
    };
    std::vector<fs::path> files = named(split == Split::test ? "test" : "train");
    // Without names of splits all are test images.
    if (files.empty() && split == Split::test && named("train").empty()) files = npy_files(folder);
    return files;
}

/// The files of a folder that make up `split`, in order; none where it is not there.
std::vector<fs::path> split_files(const fs::path& folder, Split split) {
    const bool test = split == Split::test;
    const std::string idx = std::string(test ? "t10k" : "train") + "-images-idx3-ubyte";
    std::error_code error;
    for (const std::string& name : {idx + ".gz", idx})
        if (fs::exists(folder / name, error)) return {folder / name};
    if (test && fs::exists(folder / kTestBatch, error)) return {folder / kTestBatch};
    if (!test && fs::exists(folder / kFirstBatch, error)) {
        std::vector<fs::path> batches = {folder / kFirstBatch};
        for (int batch = 2; batch <= 5; ++batch)
            batches.push_back(folder / fmt::format("data_batch_{}.bin", batch));
        return batches;
    }
    const char* hundred = test ? kTestHundred : kTrainHundred;
    if (fs::exists(folder / hundred, error)) return {folder / hundred};
    return npy_split(folder, split);
}

RawImages folder_images(const fs::path& folder, Split split, std::size_t classes) {
    const std::vector<fs::path> files = split_files(folder, split);
    const bool test = split == Split::test;
    if (files.empty())
        refuse("{}: holds neither {}-images-idx3-ubyte[.gz] nor {} nor {} nor .npy files{}", folder.string(),
               test ? "t10k" : "train", test ? kTestBatch : kFirstBatch, test ? kTestHundred : kTrainHundred,
               test ? "" : " of a split (train.npy)");
    const std::string name = files.front().filename().string();
    if (name == kTestBatch || name == kFirstBatch) classes = 10;
    if (name == kTestHundred || name == kTrainHundred) classes = 100;
    RawImages all;
    if (npy_stem(files.front())) {
        all = npy_set(files, classes);
        all.source = files.size() == 1 ? files.front().string() : folder.string();
        return all;
    }
    if (files.size() == 1) return file_images(files.front(), classes);
    for (const fs::path& path : files) {
        std::error_code error;
        if (!fs::exists(path, error))
            refuse("{}: no such file; the folder holds only part of CIFAR-10", path.string());
        RawImages next = cifar_images(path.string(), read_unpacked(path, kDataFile), classes);
        if (path == files.front())
            all = std::move(next);
        else
            join(all, next);
    }
    all.source = folder.string();
    return all;
}

}  // namespace

RawImages parse_images(const std::string& bytes, const std::string& source, std::size_t classes) {
    if (bytes.empty()) refuse("{}: is empty; images are wanted", source);
    if (is_npy(bytes)) return npy_images(source, bytes);
    // A CIFAR batch may begin like an IDX file by chance (a class-0 image with a black corner): its name
    // decides.
    const bool fits_cifar = bytes.size() % 3073 == 0 || bytes.size() % 3074 == 0;
    if (is_idx(bytes) && !(fits_cifar && fs::path(source).extension() == ".bin"))
        return idx_images(source, bytes);
    if (fits_cifar) return cifar_images(source, bytes, classes);
    refuse(
        "{}: is neither IDX, .npy nor CIFAR binary (its {} bytes are no whole number of 3073- or 3074-byte "
        "records)",
        source, bytes.size());
}

std::vector<int> read_labels(const fs::path& path) {
    return parse_labels(read_unpacked(path, kDataFile), path.string());
}

std::vector<int> parse_labels(const std::string& bytes, const std::string& source) {
    if (!is_npy(bytes)) return idx_labels(bytes, source);
    const NpyArray array = parse_npy(bytes, source);
    if (array.is_real() || array.shape.size() != 1)
        refuse("{}: a one-dimensional list of integer labels is wanted", source);
    std::vector<int> labels;
    for (std::size_t i = 0; i < array.size(); ++i) {
        const std::int64_t label = array.integer(i);
        if (label < 0 || label > std::numeric_limits<int>::max())
            refuse("{}: label {} of image {}", source, label, i);
        labels.push_back(static_cast<int>(label));
    }
    return labels;
}

bool has_split(const fs::path& folder, Split split) {
    std::error_code error;
    return fs::is_directory(folder, error) && !split_files(folder, split).empty();
}

std::vector<fs::path> image_files(const fs::path& source) {
    std::error_code error;
    std::vector<fs::path> files = {source};
    if (fs::is_directory(source, error)) {
        files = split_files(source, Split::test);
        for (fs::path& file : split_files(source, Split::train)) files.push_back(std::move(file));
    }
    const std::size_t images = files.size();
    for (std::size_t i = 0; i < images; ++i) {
        if (auto labels = labels_beside(files[i])) files.push_back(std::move(*labels));
        const bool last = i + 1 == images || files[i].parent_path() != files[i + 1].parent_path();
        if (last && files[i] != source && npy_stem(files[i]))
            if (auto labels = file_in(files[i].parent_path(), "labels.npy"))
                files.push_back(std::move(*labels));
    }
    return files;
}

RawImages read_images(const fs::path& source, Split split, std::size_t classes) {
    std::error_code error;
    RawImages images = fs::is_directory(source, error) ? folder_images(source, split, classes)
                                                       : file_images(source, classes);
    images.source = cleaned(images.source);
    if (images.count == 0) refuse("{}: holds no images", images.source);
    return images;
}

}  // namespace sliver::network
