/// Publicly verifiable secret sharing. A dealer encrypts a share of its secret for every ticket, and anybody
/// can check that the shares are consistent. Any `threshold` tickets recover the group element of the secret,
/// and fewer learn nothing.
///
/// With B the generator and g a second one of unknown logarithm: the dealer takes a polynomial p of degree
/// threshold - 1 and publishes C = p(0)·g and Y_j = p(j)·K_j for ticket j = 1, 2, … with its owner's key K_j.
/// The secret is p(0)·B. Secrecy rests on the decisional Diffie-Hellman assumption for (B, g, s·B, s·g) in
/// the random oracle model, as in Schoenmakers' scheme and SCRAPE; the proof is ALBATROSS's, of one
/// polynomial.
///
/// All functions are pure.
/// Threads: safe.
/// Source: docs/spec/beacon.md section 3.
#pragma once

#include "pouw/beacon/group.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::beacon {

/// The second generator g: the element derived from BLAKE2b-512 of no data under the tag `pouw.beacon-g.v1`.
template <Group G>
[[nodiscard]] POUW_API const typename G::Point& second_generator();

/// A Schnorr proof of knowledge of a secret share key.
template <Group G>
struct POUW_API Possession {
    static constexpr std::size_t size = 2 * G::Scalar::size;

    typename G::Scalar challenge;
    typename G::Scalar response;

    /// The bytes `challenge ‖ response`.
    [[nodiscard]] core::Bytes encode() const {
        core::Bytes out;
        core::append(out, challenge.view());
        core::append(out, response.view());
        return out;
    }
    /// The inverse of `encode`.
    /// Errors: core::errc::wrong_length; crypto::errc::invalid_scalar.
    [[nodiscard]] static core::result<Possession> decode(core::ByteView data) {
        if (data.size() != size) return core::fail(core::errc::wrong_length, "a proof of possession");
        const auto challenge = G::Scalar::decode(data.first(G::Scalar::size));
        if (!challenge) return challenge.error();
        const auto response = G::Scalar::decode(data.last(G::Scalar::size));
        if (!response) return response.error();
        return Possession{*challenge, *response};
    }

    friend bool operator==(const Possession&, const Possession&) = default;
};

/// The decrypted shares of one holder, one element a ticket, with one proof for all of them.
template <Group G>
struct POUW_API Shares {
    std::vector<typename G::Point> elements;
    typename G::Scalar challenge;
    typename G::Scalar response;

    friend bool operator==(const Shares&, const Shares&) = default;
};

/// The binding of a proof: the ceremony, and the node that makes the proof. The ceremony's id is a hash of
/// everything that is frozen (chain, epoch, round, tickets, all keys), so that a proof is valid in one
/// ceremony only.
struct POUW_API Binding {
    crypto::Hash256 ceremony;
    core::NodeId node;
};

/// The key with which a holder decrypts its shares.
/// Threads: shareable.
template <Group G>
class POUW_API ShareKey {
  public:
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static ShareKey derive(const crypto::MasterSeed& master);

    /// The public key x·B.
    [[nodiscard]] const typename G::Point& public_key() const noexcept { return public_key_; }

    /// The proof of possession that `check_possession` checks before a chain registers the key for `node`.
    /// Cost: about 20 µs.
    [[nodiscard]] Possession<G> prove_possession(const core::ChainId& chain_id,
                                                 const core::NodeId& node) const;

    /// The decrypted shares x^-1·Y of the holder's encrypted shares, with the proof that `check_shares`
    /// checks. `recovery` says which recovery the shares are for. The function is deterministic.
    /// Cost: one multiplication for each share, and three.
    [[nodiscard]] Shares<G> decrypt(const Binding& binding, const crypto::Hash256& recovery,
                                    std::span<const typename G::Point> encrypted) const;

  private:
    ShareKey() = default;

    crypto::Locked<typename G::SecretScalar> secret_;
    crypto::DerivedSeed nonce_key_;
    typename G::Point public_key_;
};

/// Checks that the owner of `node` knows the secret of `key`.
/// Errors: crypto::errc::false_possession; crypto::errc::identity_point for the identity as key.
/// Cost: about 90 µs.
template <Group G>
[[nodiscard]] POUW_API core::result<void> check_possession(const core::ChainId& chain_id,
                                                           const core::NodeId& node,
                                                           const typename G::Point& key,
                                                           const Possession<G>& possession);

/// Checks that `shares` are the true decryptions of `encrypted` under `key`. The identity is a legal share,
/// because a dealer may deal it.
/// Errors: core::errc::wrong_length unless there is one share for each of `encrypted`; errc::invalid_shares.
/// Cost: two multiplications for each share, and four.
template <Group G>
[[nodiscard]] POUW_API core::result<void> check_shares(const Binding& binding,
                                                       const crypto::Hash256& recovery,
                                                       const typename G::Point& key,
                                                       std::span<const typename G::Point> encrypted,
                                                       const Shares<G>& shares);

/// A dealer's message: C, Y_1 … Y_N, and the proof (e, z).
template <Group G>
struct POUW_API Deal {
    typename G::Point commitment;
    std::vector<typename G::Point> shares;
    typename G::Scalar challenge;
    std::vector<typename G::Scalar> response;

    friend bool operator==(const Deal&, const Deal&) = default;
};

/// The key from which a dealer derives one polynomial for every ceremony. The same ceremony gives the same
/// deal, byte for byte: a dealer that restarts cannot equivocate, and needs to store nothing in order to
/// reveal.
template <Group G>
class POUW_API DealerKey {
  public:
    /// Expects: `crypto::initialize()` succeeds.
    [[nodiscard]] static DealerKey derive(const crypto::MasterSeed& master);

    /// The deal for the owners' keys of all tickets, in the order of the tickets. Use one `binding.ceremony`
    /// with one list of keys and one threshold.
    /// Expects: 1 <= threshold <= keys.size().
    /// Cost: two multiplications a ticket, 14 ms for 128 tickets.
    [[nodiscard]] Deal<G> deal(const Binding& binding, std::span<const typename G::Point> keys,
                               std::uint32_t threshold) const;

    /// The secret p(0) of that deal, in the clear. Publish it in the reveal window and not before.
    [[nodiscard]] typename G::Scalar reveal(const Binding& binding) const;

  private:
    DealerKey() = default;

    crypto::DerivedSeed seed_;
};

/// Checks that `deal` shares one secret by one polynomial of degree below the threshold, made by this node
/// for this ceremony.
/// Expects: 1 <= threshold <= keys.size().
/// Errors: core::errc::wrong_length unless there are keys.size() shares and `threshold` coefficients;
///     crypto::errc::identity_point for an identity among C and Y_j; errc::invalid_deal.
/// Cost: two multiplications for each ticket, 11 ms for 128 tickets.
template <Group G>
[[nodiscard]] POUW_API core::result<void> check_deal(const Binding& binding,
                                                     std::span<const typename G::Point> keys,
                                                     std::uint32_t threshold, const Deal<G>& deal);

/// Whether `secret` is the one that `deal` shares, C = secret·g.
/// Cost: one multiplication.
template <Group G>
[[nodiscard]] POUW_API bool opens(const Deal<G>& deal, const typename G::Scalar& secret);

/// A decrypted share and its ticket, counted from 1.
template <Group G>
struct POUW_API TicketShare {
    std::uint32_t ticket = 0;
    typename G::Point element;
};

/// The element p(0)·B, recovered from `threshold` decrypted shares. Any such shares give the same element.
/// Expects: distinct tickets other than zero.
/// Cost: one multiplication for each share.
template <Group G>
[[nodiscard]] POUW_API typename G::Point recover(std::span<const TicketShare<G>> shares);

extern template class POUW_API ShareKey<Ristretto255>;
extern template class POUW_API DealerKey<Ristretto255>;

}  // namespace pouw::inline v1::beacon
