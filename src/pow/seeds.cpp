#include "pouw/pow/seeds.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/blake2b.hpp"

namespace pouw::inline v1::pow {

namespace domain = crypto::domain;
using crypto::Hasher;

RaceSeed race_seed(const ChainState& state) noexcept {
    const core::ByteView chain_id = state.chain_id.bytes();
    return {Hasher{domain::race}
                .update(std::uint64_t{chain_id.size()})
                .update(chain_id)
                .update(state.height.value)
                .update(state.block_hash.view())
                .update(state.beacon.view())
                .finish()
                .bytes};
}

NodeSeed node_seed(core::ByteView public_key) {
    POUW_EXPECTS(public_key.size() >= 1 && public_key.size() <= 64);
    return {Hasher{domain::node}.update(std::uint64_t{public_key.size()}).update(public_key).finish().bytes};
}

RaceKey race_key(const RaceSeed& seed, const core::ModelId& model) noexcept {
    return {Hasher{domain::race_key}.update(seed.view()).update(model.view()).finish().bytes};
}

WeightsKey weights_key(const RaceKey& key) noexcept {
    return {crypto::hash(domain::weights, key.view()).bytes};
}

InputSeed input_seed(const RaceKey& key, const NodeSeed& node, std::uint64_t nonce) noexcept {
    return {Hasher{domain::input}.update(key.view()).update(node.view()).update(nonce).finish().bytes};
}

}  // namespace pouw::inline v1::pow
