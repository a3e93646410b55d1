/// The digest of evidence, which convictions carry.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"

namespace pouw::inline v1::crypto {

/// The digest of encoded evidence, `H("pouw.evidence.v1", encoded)`.
[[nodiscard]] POUW_API core::EvidenceDigest evidence_digest(core::ByteView encoded) noexcept;

}  // namespace pouw::inline v1::crypto
