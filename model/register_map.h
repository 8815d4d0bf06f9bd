// The registers of the accelerator as software sees them: offsets, access, bits. Plain data, no SystemC: a
// driver may include this file, docs/platform.md has its table, accelerator.h serves it.
//
// Registers are 32-bit words at multiples of 4 from the base address that the platform gives the accelerator.
// A 64-bit number takes two of them, low word first, at a multiple of 8; an access of 8 bytes has both at
// once. Reading the low word of a counter alone keeps its high word for the next read of that high word, so
// that the two fit together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sliver::model::reg {

constexpr std::uint32_t kMapBytes = 0x100;  ///< of address space that the registers take
constexpr std::uint32_t kId = 0x534C5652;   ///< "SLVR"
constexpr std::uint32_t kMapVersion = 2;    ///< raised when a register changes its meaning

enum Offset : std::uint32_t {
    id = 0x00,
    map_version = 0x04,
    network_hash_lo = 0x08,
    network_hash_hi = 0x0C,
    input_channels = 0x10,
    input_height = 0x14,
    input_width = 0x18,
    input_format = 0x1C,
    input_exponent = 0x20,
    image_bytes = 0x24,
    output_count = 0x28,
    output_exponent = 0x2C,
    input_address_lo = 0x40,
    input_address_hi = 0x44,
    output_address_lo = 0x48,
    output_address_hi = 0x4C,
    image_count = 0x50,
    doorbell = 0x54,
    status = 0x58,
    interrupt_enable = 0x5C,
    interrupt_status = 0x60,
    control = 0x64,
    images_done_lo = 0x80,
    images_done_hi = 0x84,
    time_lo = 0x88,
    time_hi = 0x8C,
    busy_time_lo = 0x90,
    busy_time_hi = 0x94,
    latency_lo = 0x98,
    latency_hi = 0x9C,
    dynamic_energy_lo = 0xA0,
    dynamic_energy_hi = 0xA4,
    static_energy_lo = 0xA8,
    static_energy_hi = 0xAC,
    conversions_lo = 0xB0,
    conversions_hi = 0xB4,
    clipped_lo = 0xB8,
    clipped_hi = 0xBC,
};

// INPUT_FORMAT
constexpr std::uint32_t kInputBits = 0xFF;  ///< bits of a code
constexpr std::uint32_t kInputSigned = 1U << 8;

// DOORBELL
constexpr std::uint32_t kStart = 1U << 0;

// CONTROL
constexpr std::uint32_t kReset = 1U << 0;

// STATUS
constexpr std::uint32_t kIdle = 1U << 0;
constexpr std::uint32_t kBusy = 1U << 1;
constexpr std::uint32_t kDone = 1U << 2;
constexpr std::uint32_t kErrorBusy = 1U << 8;    ///< a doorbell rang while a job was under way: not taken
constexpr std::uint32_t kErrorJob = 1U << 9;     ///< no job: no image, or addresses that cannot be
constexpr std::uint32_t kErrorRead = 1U << 10;   ///< the platform refused to give input bytes
constexpr std::uint32_t kErrorWrite = 1U << 11;  ///< the platform refused to take logits
constexpr std::uint32_t kErrorInput = 1U << 12;  ///< an input byte is no code of the network's input
constexpr std::uint32_t kErrors = kErrorBusy | kErrorJob | kErrorRead | kErrorWrite | kErrorInput;

// INTERRUPT_ENABLE, INTERRUPT_STATUS
constexpr std::uint32_t kInterruptDone = 1U << 0;   ///< a job has ended, well or not
constexpr std::uint32_t kInterruptError = 1U << 1;  ///< an error bit of STATUS has been set
constexpr std::uint32_t kInterrupts = kInterruptDone | kInterruptError;

enum class Access {
    read_only,
    write_only,
    read_write,
    write_one_to_clear,  ///< read; bits written as 1 are cleared, where they can be
    counter_low,         ///< read only; reading it keeps the high word
    counter_high,        ///< read only; what the last read of the low word has kept
};
std::string_view access_name(Access access);

struct Register {
    Offset offset;
    std::string_view name;
    Access access;
    std::string_view meaning;
};

// The only list of the registers: decoding and documentation walk it.
inline constexpr std::array kRegisters = {
    Register{id, "ID", Access::read_only, "0x534C5652, \"SLVR\""},
    Register{map_version, "MAP_VERSION", Access::read_only, "Version of this map: 2"},
    Register{network_hash_lo, "NETWORK_HASH_LO", Access::read_only,
             "Second 8 hexadecimal digits of the network file's SHA-256; 0: the platform gave none"},
    Register{network_hash_hi, "NETWORK_HASH_HI", Access::read_only, "First 8 digits of it"},
    Register{input_channels, "INPUT_CHANNELS", Access::read_only, "Channels of an image"},
    Register{input_height, "INPUT_HEIGHT", Access::read_only, "Rows of pixels"},
    Register{input_width, "INPUT_WIDTH", Access::read_only, "Pixels of a row"},
    Register{input_format, "INPUT_FORMAT", Access::read_only,
             "Bits 7..0: bits of an input code; bit 8: codes are signed (two's complement)"},
    Register{input_exponent, "INPUT_EXPONENT", Access::read_only,
             "Signed: an input code c stands for c * 2^exponent"},
    Register{image_bytes, "IMAGE_BYTES", Access::read_only, "Bytes of an image in memory, one a code"},
    Register{output_count, "OUTPUT_COUNT", Access::read_only, "Logits of an image, 4 bytes each"},
    Register{output_exponent, "OUTPUT_EXPONENT", Access::read_only,
             "Signed: a logit v stands for v * 2^exponent"},
    Register{input_address_lo, "INPUT_ADDRESS_LO", Access::read_write,
             "Where the first image lies; the others follow it"},
    Register{input_address_hi, "INPUT_ADDRESS_HI", Access::read_write, "Its bits 63..32"},
    Register{output_address_lo, "OUTPUT_ADDRESS_LO", Access::read_write,
             "Where the logits of the first image go, a multiple of 4; those of the others follow"},
    Register{output_address_hi, "OUTPUT_ADDRESS_HI", Access::read_write, "Its bits 63..32"},
    Register{image_count, "IMAGE_COUNT", Access::read_write, "Images of the job"},
    Register{doorbell, "DOORBELL", Access::write_only,
             "Bit 0: start a job with the addresses and the count as they are now; they may then be changed. "
             "Refused while a job is under way (STATUS bit 8)"},
    Register{
        status, "STATUS", Access::write_one_to_clear,
        "Bit 0: idle; 1: busy; 2: done, the last job has ended (cleared by the next one). Errors that start "
        "nothing: 8: doorbell while busy; 9: IMAGE_COUNT 0, OUTPUT_ADDRESS no multiple of 4, or a range past "
        "the end of the address space. Errors that end a job early: 10: images could not be read; 11: "
        "logits could not be written; 12: an input byte outside of INPUT_FORMAT. Bits 2 and 8 to 12 are "
        "cleared by writing 1"},
    Register{interrupt_enable, "INTERRUPT_ENABLE", Access::read_write,
             "Which bits of INTERRUPT_STATUS raise the interrupt"},
    Register{
        interrupt_status, "INTERRUPT_STATUS", Access::write_one_to_clear,
        "Bit 0: a job has ended; 1: an error bit was set. The interrupt is high while an enabled bit is"},
    Register{control, "CONTROL", Access::write_only,
             "Bit 0: reset, at once: jobs, images and counters are gone, registers are as at the beginning"},
    Register{images_done_lo, "IMAGES_DONE_LO", Access::counter_low,
             "Images whose logits are in memory, of all jobs"},
    Register{images_done_hi, "IMAGES_DONE_HI", Access::counter_high, ""},
    Register{time_lo, "TIME_LO", Access::counter_low,
             "fs since the simulation began or since the last reset"},
    Register{time_hi, "TIME_HI", Access::counter_high, ""},
    Register{busy_time_lo, "BUSY_TIME_LO", Access::counter_low,
             "fs with a job under way, from doorbell to last logit in memory"},
    Register{busy_time_hi, "BUSY_TIME_HI", Access::counter_high, ""},
    Register{
        latency_lo, "LATENCY_LO", Access::counter_low,
        "fs of the image that was finished last, from its first row on the chip's link to its last logit"},
    Register{latency_hi, "LATENCY_HI", Access::counter_high, ""},
    Register{dynamic_energy_lo, "DYNAMIC_ENERGY_LO", Access::counter_low,
             "fJ of everything the chip has done, under its ADC law and accounting"},
    Register{dynamic_energy_hi, "DYNAMIC_ENERGY_HI", Access::counter_high, ""},
    Register{static_energy_lo, "STATIC_ENERGY_LO", Access::counter_low, "fJ of static power over TIME"},
    Register{static_energy_hi, "STATIC_ENERGY_HI", Access::counter_high, ""},
    Register{conversions_lo, "CONVERSIONS_LO", Access::counter_low,
             "ADC conversions of columns that hold weights"},
    Register{conversions_hi, "CONVERSIONS_HI", Access::counter_high, ""},
    Register{clipped_lo, "CLIPPED_LO", Access::counter_low, "Of these, cut at the converter's largest code"},
    Register{clipped_hi, "CLIPPED_HI", Access::counter_high, ""},
};

/// Bits of a register that mean something of their own.
struct Field {
    Offset place;
    std::string_view name;
    unsigned first = 0, bits = 1;
    Access access;
    std::string_view meaning;
};

inline constexpr std::array kFields = {
    Field{input_format, "BITS", 0, 8, Access::read_only, "Bits of an input code"},
    Field{input_format, "SIGNED", 8, 1, Access::read_only, "Codes are signed, in two's complement"},
    Field{doorbell, "START", 0, 1, Access::write_only, "Start a job"},
    Field{status, "IDLE", 0, 1, Access::read_only, "No job is under way"},
    Field{status, "BUSY", 1, 1, Access::read_only, "A job is under way"},
    Field{status, "DONE", 2, 1, Access::write_one_to_clear, "The last job has ended"},
    Field{status, "ERROR_BUSY", 8, 1, Access::write_one_to_clear,
          "The doorbell rang while a job was under way"},
    Field{status, "ERROR_JOB", 9, 1, Access::write_one_to_clear, "A job that cannot be was asked for"},
    Field{status, "ERROR_READ", 10, 1, Access::write_one_to_clear, "Images could not be read"},
    Field{status, "ERROR_WRITE", 11, 1, Access::write_one_to_clear, "Logits could not be written"},
    Field{status, "ERROR_INPUT", 12, 1, Access::write_one_to_clear, "An input byte outside of INPUT_FORMAT"},
    Field{interrupt_enable, "DONE", 0, 1, Access::read_write, "The end of a job raises the interrupt"},
    Field{interrupt_enable, "ERROR", 1, 1, Access::read_write, "An error bit raises the interrupt"},
    Field{interrupt_status, "DONE", 0, 1, Access::write_one_to_clear, "A job has ended"},
    Field{interrupt_status, "ERROR", 1, 1, Access::write_one_to_clear, "An error bit was set"},
    Field{control, "RESET", 0, 1, Access::write_only, "Reset the accelerator"},
};

/// The register at `offset`; null where there is none.
const Register* find_register(std::uint64_t offset);
/// Whether `low` is the low word of a 64-bit number, whose high word follows it: an access of 8 bytes has
/// both.
bool is_low_word(const Register& low);

/// The Markdown table of docs/platform.md.
std::string register_table();
/// The map as a C header and as SystemRDL 2.0: share/registers, `sliver list registers --format ...`.
std::string c_header();
std::string system_rdl();

}  // namespace sliver::model::reg
