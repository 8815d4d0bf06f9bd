/* The generated header as a driver in C has it: it compiles, alone, and its numbers are those of docs/platform.md. */
#include "../../share/registers/sliver_accelerator.h"

typedef char id_is[SLIVER_ID_VALUE == 0x534C5652u ? 1 : -1];
typedef char map_is[SLIVER_REGISTERS_BYTES == 256u ? 1 : -1];
typedef char doorbell_is[SLIVER_REG_DOORBELL == 0x54u && SLIVER_DOORBELL_START == 1u ? 1 : -1];
typedef char status_is[SLIVER_REG_STATUS == 0x58u && SLIVER_STATUS_DONE == 4u && SLIVER_STATUS_ERROR_INPUT == 0x1000u ? 1 : -1];
typedef char format_is[SLIVER_INPUT_FORMAT_BITS == 0xFFu && SLIVER_INPUT_FORMAT_BITS_SHIFT == 0 ? 1 : -1];
typedef char last_is[SLIVER_REG_CLIPPED_HI == 0xBCu ? 1 : -1];

unsigned status_of(const volatile unsigned* registers);
unsigned status_of(const volatile unsigned* registers) {
    return registers[SLIVER_REG_STATUS / sizeof *registers] & SLIVER_STATUS_BUSY;
}
