// Names of models, data sets and methods: one key for what cards, tables and file names spell in several
// ways, and the title that tables show. An unknown name is its own key and title.
#pragma once

#include <string>
#include <string_view>

namespace sliver::study {

/// "VGG-11: 64-M-128", "vgg11-plain" and "vgg11-fashion-dense" are "vgg11"; empty for an unknown model.
std::string known_model(std::string_view text);
/// The known model, else `text`.
std::string model_key(std::string_view text);
/// "cifar-10" and "CIFAR10" are "cifar10".
std::string data_key(std::string_view text);
/// The method of a training with column budgets is told apart: "bitslice-l1+columns".
std::string method_key(std::string_view method, bool column_budgets);

std::string model_title(const std::string& key);
std::string data_title(const std::string& key);
std::string method_title(const std::string& key);
/// "VGG-11 on CIFAR-10"; the model alone where the data are unknown.
std::string group_title(const std::string& model, const std::string& data);

/// Where tables show a method: dense, pruned, l1, bit-slice l1, then all others.
int method_rank(const std::string& key);
/// The method in a picture: D, P, L, B, C for column budgets, O for others.
char method_letter(const std::string& key);

}  // namespace sliver::study
