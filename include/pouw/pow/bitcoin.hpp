/// Bitcoin block headers as a source of chain state.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/seeds.hpp"

namespace pouw::inline v1::pow {

/// The hash of an 80-byte block header, as Bitcoin's RPC shows it (the reverse of the internal order), after
/// checking that it meets the target that the header itself states. Whether that target is the one the chain
/// demands at this height is for the chain to know. Errors: errc::invalid_block_header (another length, or a
/// target that is zero, negative or above 256 bits); errc::insufficient_work.
[[nodiscard]] POUW_API core::result<BlockHash> bitcoin_block_hash(core::ByteView header) noexcept;

}  // namespace pouw::inline v1::pow
