/// What a processor's multipliers could do if nothing ever had to be fetched: the yardstick of `pouw bench`.
#pragma once

#include <cstdint>
#include <string_view>

namespace pouw::inline v1::cli {

/// A loop that multiplies and adds in registers alone.
struct PeakLoop {
    std::string_view instruction;
    /// Runs `iterations` rounds; returns the multiplications and additions done.
    std::uint64_t (*run)(std::uint64_t iterations);
};

/// The loop of the instruction that a backend names (`pow::Backend::instruction`); `run` is null where there
/// is none. Expects: a machine that has the instruction.
[[nodiscard]] PeakLoop int8_peak_of(std::string_view instruction);

/// The fastest loop of float32 multiply-adds of this machine.
[[nodiscard]] PeakLoop float32_peak();

}  // namespace pouw::inline v1::cli
