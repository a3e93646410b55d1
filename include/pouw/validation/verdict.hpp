/// Verdicts and rulings: what one check says of a result, and what the votes decide about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pouw::inline v1::validation {

/// What a check or a vote says of a result. Values are stable: votes encode them.
enum class Verdict : std::uint8_t { invalid = 0, valid = 1 };

/// What the votes on a result decide.
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
