#include "pouw/crypto/evidence.hpp"

#include "pouw/crypto/blake2b.hpp"

namespace pouw::inline v1::crypto {

core::EvidenceDigest evidence_digest(core::ByteView encoded) noexcept {
    return {hash(domain::evidence, encoded).bytes};
}

}  // namespace pouw::inline v1::crypto
