/// Amounts in encodings and states: 16 bytes, least significant first.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/result.hpp"

namespace pouw::inline v1::economics {

/// Expects: `amount >= 0`.
inline void append_amount(core::Bytes& out, core::Amount amount) {
    POUW_EXPECTS(amount >= 0);
    core::append(out, core::to_le(static_cast<core::uint128>(amount)));
}

/// The next amount; 0 after the end of the bytes.
/// Errors: core::errc::invalid_amount above 2^127 - 1.
inline core::result<core::Amount> read_amount(core::Reader& reader) {
    const auto bits = reader.integer<core::uint128>();
    if (bits > static_cast<core::uint128>(core::max_amount))
        return core::fail(core::errc::invalid_amount, "above 2^127 - 1");
    return static_cast<core::Amount>(bits);
}

}  // namespace pouw::inline v1::economics
