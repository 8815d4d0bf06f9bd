// Which reports of SystemC end a program of Sliver's own.
//
// Errors do, as SystemC has it. Warnings of the kernel and of Sliver's blocks are mistakes, too, in a program
// that simulates nothing but a chip: they become errors there. What other models report is left alone. A
// platform that holds an accelerator calls nothing of this; its own settings stand.
#pragma once

namespace sliver::model {

/// For the main function of a program, once: warnings of SystemC's kernel, channels, data types and tracing,
/// and those of "/sliver/...", throw.
void make_own_warnings_errors();

}  // namespace sliver::model
