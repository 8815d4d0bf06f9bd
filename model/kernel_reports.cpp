#include "model/kernel_reports.h"

#include <systemc>

// The kernel's own lists of its messages, read once more: a message's text is its type.
#undef SC_DEFINE_MESSAGE
#undef SC_KERNEL_IDS_H
#undef SC_COMMUNICATION_IDS_H
#undef SC_TRACING_IDS_H
#undef SC_UTILS_IDS_H
#undef SC_BIT_IDS_H
#undef SC_FX_IDS_H
#undef SC_INT_IDS_H
#define SC_DEFINE_MESSAGE(id, number, text) text,

namespace sliver::model {
namespace {

const char* const kKernelReports[] = {
#include <sysc/communication/sc_communication_ids.h>
#include <sysc/datatypes/bit/sc_bit_ids.h>
#include <sysc/datatypes/fx/sc_fx_ids.h>
#include <sysc/datatypes/int/sc_int_ids.h>
#include <sysc/kernel/sc_kernel_ids.h>
#include <sysc/tracing/sc_tracing_ids.h>
#include <sysc/utils/sc_utils_ids.h>
};

constexpr const char* kOwnReports[] = {"/sliver/accelerator", "/sliver/adc",  "/sliver/bitline",
                                       "/sliver/host",        "/sliver/mesh", "/sliver/packet",
                                       "/sliver/pe",          "/sliver/tile"};

}  // namespace

void make_own_warnings_errors() {
    for (const char* const type : kKernelReports)
        sc_core::sc_report_handler::set_actions(type, sc_core::SC_WARNING, sc_core::SC_THROW);
    for (const char* const type : kOwnReports)
        sc_core::sc_report_handler::set_actions(type, sc_core::SC_WARNING, sc_core::SC_THROW);
}

}  // namespace sliver::model

#undef SC_DEFINE_MESSAGE
