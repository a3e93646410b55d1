/// The digest of evidence, which convictions carry.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/conviction.hpp"

namespace pouw::crypto {

/// `H("pouw.evidence.v1", encoded)`
[[nodiscard]] core::EvidenceDigest evidence_digest(core::ByteView encoded) noexcept;

}  // namespace pouw::crypto
