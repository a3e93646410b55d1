#include "pouw/crypto/chain_digest.hpp"

#include "pouw/crypto/blake2b.hpp"

namespace pouw::inline v1::crypto {

core::ChainDigest chain_digest(const core::ChainId& chain_id) noexcept {
    return {hash(domain::chain, chain_id.bytes()).bytes};
}

}  // namespace pouw::inline v1::crypto
