/// The common parts of saved states: their start, their end, and the signed integers in them.
///
/// A state is what `save` of a state machine writes and `restore` reads: a magic of eight characters, the
/// version of the specification, then the fields, little-endian. docs/spec gives the bytes of each.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/version.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <concepts>
#include <string_view>
#include <type_traits>

namespace pouw::inline v1::core {

/// The start of a state: its magic and the version of the specification.
[[nodiscard]] inline Bytes start_state(std::string_view magic) {
    Bytes out{magic.begin(), magic.end()};
    append(out, to_le(spec_version));
    return out;
}

/// Takes the start of a state.
/// Errors: errc::truncated, errc::invalid_magic, errc::unsupported_version.
[[nodiscard]] inline result<void> take_state_start(Reader& reader, std::string_view magic) {
    const ByteView start = reader.take(magic.size());
    if (!reader.ok()) return fail(errc::truncated, "the magic of a state");
    if (!std::equal(start.begin(), start.end(), magic.begin())) return fail(errc::invalid_magic);
    const auto written = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(errc::truncated, "the version of a state");
    if (written != spec_version) return fail(errc::unsupported_version);
    return {};
}

/// Checks that a state was read to its end, and no further.
/// Errors: errc::truncated, errc::trailing_bytes.
[[nodiscard]] inline result<void> check_state_end(const Reader& reader) {
    if (!reader.ok()) return fail(errc::truncated, "a state");
    if (!reader.rest().empty()) return fail(errc::trailing_bytes, "a state");
    return {};
}

/// Takes the number of the items that follow, each of at least `item_size` bytes.
/// Errors: errc::truncated; errc::count_too_large for more items than the bytes can hold.
[[nodiscard]] inline result<std::uint32_t> take_count(Reader& reader, std::size_t item_size) {
    const auto count = reader.integer<std::uint32_t>();
    if (!reader.ok()) return fail(errc::truncated, "a count");
    if (count > reader.rest().size() / item_size) return fail(errc::count_too_large);
    return count;
}

/// Takes a signed integer of 64 or 128 bits, in two's complement. `to_le` appends it.
template <typename Signed>
[[nodiscard]] Signed take_signed(Reader& reader) {
    static_assert(std::same_as<Signed, std::int64_t> || std::same_as<Signed, int128>);
    using Unsigned = std::conditional_t<sizeof(Signed) == 8, std::uint64_t, uint128>;
    return static_cast<Signed>(reader.integer<Unsigned>());
}

}  // namespace pouw::inline v1::core
