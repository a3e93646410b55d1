/// Verdicts and rulings: a check or a vote gives a verdict on a result, and the votes give a ruling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pouw::inline v1::validation {

/// The verdict of a check or a vote on a result. Values are stable: votes encode them.
enum class Verdict : std::uint8_t { invalid = 0, valid = 1 };

/// The ruling of the votes on a result.
enum class Ruling : std::uint8_t {
    open,       ///< no majority yet, and votes still count
    valid,      ///< a strict majority of the total weight says valid
    invalid,    ///< a strict majority of the total weight says invalid
    undecided,  ///< the deadline has passed without a majority
};

/// The name of a verdict, as in JSON.
[[nodiscard]] constexpr std::string_view name(Verdict verdict) noexcept {
    return verdict == Verdict::valid ? "valid" : "invalid";
}

/// The name of a ruling, as in JSON.
[[nodiscard]] constexpr std::string_view name(Ruling ruling) noexcept {
    constexpr std::string_view names[] = {"open", "valid", "invalid", "undecided"};
    return names[static_cast<std::size_t>(ruling)];
}

}  // namespace pouw::inline v1::validation
