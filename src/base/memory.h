// Memory of the process: how the heap gets it from the system and gives it back. Costs and saves time only.
//
// Networks, cells and chips come in blocks of megabytes, many of them only for a moment. Given back to the
// system each time, and fetched from it page by page, as glibc does by default, they cost half of a short
// run's time. Called by the program.
#pragma once

namespace sliver {

/// At the start of the program: freed memory is kept, and the first gigabyte of the heap, which takes nothing
/// as long as it is not touched, comes in huge pages where the system has them. Whatever fails is left.
void use_large_memory();

/// Between two stages that each take gigabytes: the first one's go back to the system, where the heap has
/// them in pieces that the second one cannot use.
void give_back_memory();

}  // namespace sliver
