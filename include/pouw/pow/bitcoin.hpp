/// Bitcoin block headers as a source of chain state.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/seeds.hpp"

namespace pouw::inline v1::pow {

/// The hash of an 80-byte block header, as Bitcoin's RPC shows it (the reverse of the internal order). The
/// function checks that the hash meets the target that the header itself states. Only the chain can tell
/// whether this is the right target at this height.
/// Errors: errc::invalid_block_header (another length, or a target that is zero, negative or above 256 bits);
///     errc::insufficient_work.
[[nodiscard]] POUW_API core::result<core::BlockHash> bitcoin_block_hash(core::ByteView header) noexcept;

}  // namespace pouw::inline v1::pow
