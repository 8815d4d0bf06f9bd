#include "study/paper_slices.h"

namespace sliver::study {

const std::vector<PaperRow>& paper_rows() {
    // In the braces B0, B1, B2, B3.
    static const std::vector<PaperRow> rows = {
        {"mlp", "mnist", "pruned", 97.99, {17.42, 8.42, 5.87, 1.08}, 8.20, 5.94},
        {"mlp", "mnist", "l1", 97.99, {11.36, 7.01, 5.21, 1.19}, 6.19, 3.65},
        {"mlp", "mnist", "bitslice-l1", 97.67, {9.58, 4.27, 4.02, 0.84}, 4.68, 3.14},
        {"vgg11", "cifar10", "pruned", 88.93, {33.39, 34.14, 28.30, 0.86}, 24.17, 13.65},
        {"vgg11", "cifar10", "l1", 89.39, {22.19, 18.43, 9.37, 0.39}, 12.59, 8.45},
        {"vgg11", "cifar10", "bitslice-l1", 89.33, {10.71, 7.09, 3.57, 0.21}, 5.40, 3.92},
        {"resnet20", "cifar10", "pruned", 89.22, {43.96, 21.92, 8.07, 1.10}, 18.76, 16.36},
        {"resnet20", "cifar10", "l1", 90.62, {33.16, 14.37, 4.71, 0.44}, 13.17, 12.60},
        {"resnet20", "cifar10", "bitslice-l1", 89.66, {31.39, 11.99, 3.34, 0.31}, 11.76, 12.12},
    };
    return rows;
}

std::string_view paper_network(std::string_view model) {
    // From the authors' code, which quantises activations to 8 bits as well.
    if (model == "mlp") return "784-100-10, ReLU, biases, no batch norm";
    if (model == "vgg11")
        return "no batch norm, biases, a 512-512-10 classifier with dropout, which the code leaves on at "
               "test "
               "time: its accuracies may be too low by an unknown amount";
    if (model == "resnet20")
        return "16-32-64 channels, 1x1 convolutions in the shortcuts, batch norm left in float and out of "
               "the "
               "count";
    return "";
}

}  // namespace sliver::study
