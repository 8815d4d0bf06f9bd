#include "cost/accounting.h"

#include <stdexcept>

#include "base/error.h"

namespace sliver::cost {
namespace {

struct AccountingInfo {
    Accounting accounting;
    std::string_view name;
    std::string_view description;
};

constexpr std::array kAccountingTable = {
    AccountingInfo{Accounting::whole, "whole", "every row and column of each array read is charged"},
    AccountingInfo{Accounting::used, "used", "rows and columns that hold weights of the layer are charged"},
    AccountingInfo{Accounting::driven, "driven",
                   "columns that hold weights, rows with a non-zero input digit are charged"},
    AccountingInfo{Accounting::conducting, "conducting",
                   "as driven, each cell for the current that it draws at its level"},
};

const AccountingInfo& accounting_info(Accounting accounting) {
    for (const AccountingInfo& info : kAccountingTable)
        if (info.accounting == accounting) return info;
    throw std::logic_error("accounting outside of its enumeration");
}

}  // namespace

std::string_view accounting_name(Accounting accounting) {
    return accounting_info(accounting).name;
}
std::string_view accounting_description(Accounting accounting) {
    return accounting_info(accounting).description;
}

Accounting parse_accounting(std::string_view name) {
    for (const AccountingInfo& info : kAccountingTable)
        if (info.name == name) return info.accounting;
    refuse("accounting '{}': must be whole, used, driven or conducting", name);
}

}  // namespace sliver::cost
