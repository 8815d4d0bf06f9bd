// What a crossbar read is charged for. Every energy of Sliver names one of these; docs/cost.md explains them
// on one page.
#pragma once

#include <array>
#include <string_view>

namespace sliver::cost {

/// The cells, row drives, samples and conversions that are counted (hardware-parameters.md, 8.3):
///   whole   every row and every column of the array: the nameplate view, 301.0 pJ a read in ISAAC
///   used    only rows and columns that hold weights of the layer
///   driven  used columns, and of their rows only those whose input digit is not zero
///   conducting  as `driven`, but each cell for the current that it draws at its level: V^2 G(level) t
enum class Accounting { whole, used, driven, conducting };

inline constexpr std::array kAccountings = {Accounting::whole, Accounting::used, Accounting::driven,
                                            Accounting::conducting};

std::string_view accounting_name(Accounting accounting);
/// One line for a table's caption.
std::string_view accounting_description(Accounting accounting);
/// The accounting called `name`; InputError that lists the names for any other.
Accounting parse_accounting(std::string_view name);

}  // namespace sliver::cost
