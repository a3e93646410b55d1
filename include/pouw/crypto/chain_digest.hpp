/// The digest of a chain's id.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"

namespace pouw::inline v1::crypto {

/// The digest of a chain id, `H("pouw.val-chn.v1", chain_id)`: an id of any length in 32 bytes.
[[nodiscard]] POUW_API core::ChainDigest chain_digest(const core::ChainId& chain_id) noexcept;

}  // namespace pouw::inline v1::crypto
