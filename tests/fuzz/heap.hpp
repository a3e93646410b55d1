/// The heap of a program that replays targets: every allocation is counted.
#pragma once

#include <cstdint>

namespace pouw::inline v1::fuzz {

/// The number of bytes that are allocated now.
[[nodiscard]] std::uint64_t bytes_allocated() noexcept;

/// The largest number of bytes that were allocated at one time since the last call of `forget_peak`.
[[nodiscard]] std::uint64_t peak_of_bytes_allocated() noexcept;
void forget_peak() noexcept;

}  // namespace pouw::inline v1::fuzz
