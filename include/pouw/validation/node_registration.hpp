/// The registration of a node: all its public keys, each with a proof of possession, and the epochs of its
/// membership, signed by the node.
///
/// A chain takes a registration in a block and keeps it until the first epoch in which its successor joins. A
/// node that leaves, comes back or changes a key registers again, with the next sequence number. Source:
/// docs/spec/validation.md section 8.
#pragma once

#include "pouw/beacon/ceremony.hpp"
#include "pouw/beacon/group.hpp"
#include "pouw/beacon/sharing.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/sealed_prompt.hpp"
#include "pouw/crypto/sealing_possession.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/vrf/vrf.hpp"

#include <cstddef>
#include <cstdint>

namespace pouw::inline v1::validation {

/// The public keys of a node.
struct POUW_API NodeKeys {
    core::NodeId node;                      ///< the signing key, which is the id of the node
    vrf::PublicKey vrf_key;                 ///< selects the tasks that the node checks
    beacon::Ristretto255::Point share_key;  ///< receives the node's shares in ceremonies
    crypto::SealingPublicKey sealing_key;   ///< receives the prompts that are sealed to the node

    friend bool operator==(const NodeKeys&, const NodeKeys&) = default;
};

/// The membership that a registration states.
struct POUW_API Membership {
    std::uint64_t sequence = 0;  ///< the number of registrations of the node before
    core::Epoch joins;           ///< the first epoch of which the registration speaks
    /// The first epoch after it in which the node has no part. A node leaves with a registration that joins
    /// and leaves in the same epoch. The greatest epoch says that the node never leaves.
    core::Epoch leaves = UINT64_MAX;

    /// Whether the node has a part in the epoch, as far as this registration speaks of it.
    [[nodiscard]] constexpr bool includes(core::Epoch epoch) const noexcept {
        return joins <= epoch && (epoch < leaves || leaves == core::Epoch{UINT64_MAX});
    }

    friend bool operator==(const Membership&, const Membership&) = default;
};

/// A signed registration. As decoded it is a claim; `verify` checks it.
struct POUW_API NodeRegistration {
    static constexpr std::size_t size = 492;

    core::ChainDigest chain;
    NodeKeys keys;
    Membership membership;
    vrf::Proof vrf_possession;
    beacon::Possession<beacon::Ristretto255> share_possession;
    crypto::SealingPossession sealing_possession;
    crypto::Signature signature;

    /// The registration of the node of a master seed, by the keys that are derived from the seed.
    /// Expects: `crypto::initialize()` succeeds; a membership that does not leave before it joins.
    /// Cost: about 500 µs.
    [[nodiscard]] static NodeRegistration create(const core::ChainId& chain_id,
                                                 const crypto::MasterSeed& master,
                                                 const Membership& membership);

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it verifies nothing.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version; crypto::errc::invalid_point,
    ///     crypto::errc::invalid_scalar.
    /// Cost: about 20 µs.
    [[nodiscard]] static core::result<NodeRegistration> decode(core::ByteView data);

    /// The digest that the node signs, `H("pouw.node-reg.v1", encoding without signature)`.
    [[nodiscard]] crypto::Hash256 digest() const;

    /// Checks the registration by itself: chain, signature, membership and every proof of possession.
    /// Errors: in this order, errc::other_chain; crypto::errc::invalid_public_key for a node that is no key
    /// of
    ///     prime order; crypto::errc::invalid_signature; errc::invalid_membership for a node that leaves
    ///     before it joins; errc::reused_key; vrf::errc::invalid_vrf_key; crypto::errc::identity_point for
    ///     the share key; crypto::errc::invalid_public_key for the sealing key;
    ///     crypto::errc::false_possession for any of the three, whose name is the detail.
    /// Cost: about 750 µs.
    [[nodiscard]] core::result<void> verify(const core::ChainId& chain_id) const;

    /// The VRF key as `Validators` take it, registered in the block at `height`, with its membership.
    [[nodiscard]] Registration vrf_registration(core::Height height) const {
        return {keys.node, keys.vrf_key, height, membership.joins, membership.leaves};
    }
    /// The node as a ceremony takes it, with its weight. Of the registrations of a node the youngest one that
    /// has joined counts, if its membership includes the epoch of the ceremony.
    [[nodiscard]] beacon::Holder<beacon::Ristretto255> holder(std::uint64_t weight) const {
        return {keys.node, weight, keys.share_key, share_possession};
    }

    friend bool operator==(const NodeRegistration&, const NodeRegistration&) = default;
};

/// Checks that `next` may follow `before`, the latest registration of the node or null for its first one.
/// `now` is the last epoch whose `known_at` is at or below the block of `next`. A registration speaks of
/// later epochs only, because those of the present are frozen, and a copy of an old one never counts again.
/// Expects: registrations of one node, each verified.
/// Errors: errc::stale_registration unless its sequence number is the next one, 0 for the first;
///     errc::invalid_membership unless it joins after `now` and not before `before` does.
[[nodiscard]] POUW_API core::result<void> verify_succession(const NodeRegistration* before,
                                                            const NodeRegistration& next, core::Epoch now);

}  // namespace pouw::inline v1::validation
