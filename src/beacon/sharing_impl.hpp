// Definitions of sharing.hpp, for sharing.cpp and for tests with another group.
#pragma once

#include "pouw/beacon/errc.hpp"
#include "pouw/beacon/sharing.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/domain.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/polynomial.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace pouw::inline v1::beacon {
namespace detail {

template <Group G>
typename G::Scalar to_scalar(crypto::Hasher512& hasher) {
    return G::Scalar::reduce(hasher.finish().view());
}

inline core::Bytes concatenate(std::initializer_list<core::ByteView> parts) {
    core::Bytes out;
    for (const core::ByteView part : parts) core::append(out, part);
    return out;
}

inline crypto::Hasher512 bound_hasher(const crypto::DomainTag& tag, const Binding& binding) {
    crypto::Hasher512 hasher{tag};
    hasher.update(binding.ceremony.bytes).update(binding.node.bytes);
    return hasher;
}

template <Group G>
typename G::Scalar possession_challenge(const core::ChainId& chain_id, const core::NodeId& node,
                                        const typename G::Point& key, const typename G::Point& commitment) {
    crypto::Hasher512 hasher{crypto::domain::share_possession};
    const core::ByteView raw = chain_id.bytes();
    hasher.update(std::uint64_t{raw.size()}).update(raw).update(node.bytes);
    hasher.update(key.view()).update(commitment.view());
    return to_scalar<G>(hasher);
}

/// Shares and their ciphertexts, folded into one pair by weights that nobody can choose: M = sum of
/// rho_j·S_j, Z = sum of rho_j·Y_j. The pair satisfies Z = x·M only if every share does.
template <Group G>
struct Folded {
    typename G::Point shares;
    typename G::Point encrypted;
};

template <Group G>
Folded<G> fold(const Binding& binding, const crypto::Hash256& recovery, const typename G::Point& key,
               std::span<const typename G::Point> encrypted, std::span<const typename G::Point> shares) {
    crypto::Hasher512 hasher = bound_hasher(crypto::domain::decryption_weights, binding);
    hasher.update(recovery.bytes).update(key.view());
    for (std::size_t i = 0; i < shares.size(); ++i)
        hasher.update(encrypted[i].view()).update(shares[i].view());
    const crypto::Hash512 all = hasher.finish();
    Folded<G> folded;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        crypto::Hasher512 weight_hasher{crypto::domain::decryption_weights};
        weight_hasher.update(all.bytes).update(static_cast<std::uint32_t>(i));
        const auto weight = to_scalar<G>(weight_hasher);
        folded.shares = folded.shares + weight * shares[i];
        folded.encrypted = folded.encrypted + weight * encrypted[i];
    }
    return folded;
}

template <Group G>
typename G::Scalar decryption_challenge(const Binding& binding, const crypto::Hash256& recovery,
                                        const typename G::Point& key, const Folded<G>& folded,
                                        const typename G::Point& base_commitment,
                                        const typename G::Point& share_commitment) {
    crypto::Hasher512 hasher = bound_hasher(crypto::domain::decryption_proof, binding);
    hasher.update(recovery.bytes).update(key.view());
    hasher.update(folded.shares.view()).update(folded.encrypted.view());
    hasher.update(base_commitment.view()).update(share_commitment.view());
    return to_scalar<G>(hasher);
}

/// The challenge of the proof of one polynomial: over the ceremony's id (and by it chain, epoch, round and
/// ticket table), the dealer, threshold and keys, and all that the dealer chose.
template <Group G>
class SharingTranscript {
  public:
    SharingTranscript(const Binding& binding, std::span<const typename G::Point> keys,
                      std::uint32_t threshold, const typename G::Point& commitment,
                      std::span<const typename G::Point> shares)
        : hasher_{bound_hasher(crypto::domain::sharing_proof, binding)} {
        hasher_.update(threshold).update(static_cast<std::uint32_t>(keys.size()));
        for (const auto& key : keys) hasher_.update(key.view());
        hasher_.update(commitment.view());
        for (const auto& share : shares) hasher_.update(share.view());
    }
    /// a_0, a_1, … a_N in this order.
    void add(const typename G::Point& point) { hasher_.update(point.view()); }
    typename G::Scalar challenge() { return to_scalar<G>(hasher_); }

  private:
    crypto::Hasher512 hasher_;
};

/// The coefficients of a dealer's polynomial, or of the one that hides it in the proof.
template <Group G>
std::vector<typename G::SecretScalar> coefficients(const crypto::DerivedSeed& seed,
                                                   const crypto::DomainTag& tag, core::ByteView context,
                                                   std::uint32_t count) {
    std::vector<typename G::SecretScalar> out;
    out.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const crypto::WideSecret wide =
            crypto::derive_wide(seed, tag, concatenate({context, core::to_le(i)}));
        out.push_back(G::SecretScalar::reduce(wide.reveal()));
    }
    return out;
}

template <Group G>
std::vector<typename G::SecretScalar> dealt_polynomial(const crypto::DerivedSeed& seed,
                                                       const Binding& binding, std::uint32_t threshold) {
    return coefficients<G>(seed, crypto::domain::polynomial,
                           concatenate({binding.ceremony.bytes, binding.node.bytes}), threshold);
}

}  // namespace detail

template <Group G>
const typename G::Point& second_generator() {
    static const typename G::Point g =
        G::Point::from_hash(crypto::Hasher512{crypto::domain::beacon_generator}.finish().view());
    return g;
}

template <Group G>
ShareKey<G> ShareKey<G>::derive(const crypto::MasterSeed& master) {
    POUW_EXPECTS(crypto::initialize().has_value());
    ShareKey key;
    key.nonce_key_ = crypto::derive_seed(master, crypto::domain::share_key);
    const crypto::WideSecret wide = crypto::derive_wide(key.nonce_key_, crypto::domain::share_key, {});
    *key.secret_ = G::SecretScalar::reduce(wide.reveal());
    key.public_key_ = G::Point::multiply_base(*key.secret_);
    POUW_ENSURES(!key.public_key_.is_identity());
    return key;
}

template <Group G>
Possession<G> ShareKey<G>::prove_possession(const core::ChainId& chain_id, const core::NodeId& node) const {
    const core::ByteView raw = chain_id.bytes();
    const auto length = core::to_le(std::uint64_t{raw.size()});
    const auto& tag = crypto::domain::share_possession.bytes;
    const crypto::WideSecret wide =
        crypto::derive_wide(nonce_key_, crypto::domain::proof_nonce,
                            detail::concatenate({tag, length, raw, node.view(), public_key_.view()}));
    const auto nonce = G::SecretScalar::reduce(wide.reveal());
    const auto challenge =
        detail::possession_challenge<G>(chain_id, node, public_key_, G::Point::multiply_base(nonce));
    return {challenge, respond(nonce, challenge, *secret_)};
}

template <Group G>
core::result<void> check_possession(const core::ChainId& chain_id, const core::NodeId& node,
                                    const typename G::Point& key, const Possession<G>& possession) {
    if (key.is_identity()) return core::fail(crypto::errc::identity_point, "a share key");
    const typename G::Point response_base = G::Point::multiply_base(possession.response);
    const typename G::Point commitment = response_base - possession.challenge * key;
    if (detail::possession_challenge<G>(chain_id, node, key, commitment) != possession.challenge) {
        return core::fail(crypto::errc::false_possession);
    }
    return {};
}

template <Group G>
Shares<G> ShareKey<G>::decrypt(const Binding& binding, const crypto::Hash256& recovery,
                               std::span<const typename G::Point> encrypted) const {
    const typename G::SecretScalar inverse = (*secret_).inverse();
    Shares<G> out;
    out.elements.reserve(encrypted.size());
    for (const auto& point : encrypted) out.elements.push_back(inverse * point);

    const detail::Folded<G> folded = detail::fold<G>(binding, recovery, public_key_, encrypted, out.elements);
    const auto& tag = crypto::domain::decryption_proof.bytes;
    const crypto::WideSecret wide = crypto::derive_wide(
        nonce_key_, crypto::domain::proof_nonce,
        detail::concatenate({tag, binding.ceremony.view(), binding.node.view(), recovery.view(),
                             folded.shares.view(), folded.encrypted.view()}));
    const auto nonce = G::SecretScalar::reduce(wide.reveal());
    out.challenge = detail::decryption_challenge<G>(binding, recovery, public_key_, folded,
                                                    G::Point::multiply_base(nonce), nonce * folded.shares);
    out.response = respond(nonce, out.challenge, *secret_);
    return out;
}

template <Group G>
core::result<void> check_shares(const Binding& binding, const crypto::Hash256& recovery,
                                const typename G::Point& key, std::span<const typename G::Point> encrypted,
                                const Shares<G>& shares) {
    if (shares.elements.size() != encrypted.size()) {
        return core::fail(core::errc::wrong_length, "one share a ticket");
    }
    const detail::Folded<G> folded = detail::fold<G>(binding, recovery, key, encrypted, shares.elements);
    const typename G::Point response_base = G::Point::multiply_base(shares.response);
    const typename G::Point base_commitment = response_base - shares.challenge * key;
    const typename G::Point response_shares = shares.response * folded.shares;
    const typename G::Point share_commitment = response_shares - shares.challenge * folded.encrypted;
    if (detail::decryption_challenge<G>(binding, recovery, key, folded, base_commitment, share_commitment) !=
        shares.challenge) {
        return core::fail(errc::invalid_shares);
    }
    return {};
}

template <Group G>
DealerKey<G> DealerKey<G>::derive(const crypto::MasterSeed& master) {
    POUW_EXPECTS(crypto::initialize().has_value());
    DealerKey key;
    key.seed_ = crypto::derive_seed(master, crypto::domain::dealer_key);
    return key;
}

template <Group G>
Deal<G> DealerKey<G>::deal(const Binding& binding, std::span<const typename G::Point> keys,
                           std::uint32_t threshold) const {
    POUW_EXPECTS(threshold >= 1 && threshold <= keys.size());
    using SecretScalar = typename G::SecretScalar;
    const std::vector<SecretScalar> polynomial = detail::dealt_polynomial<G>(seed_, binding, threshold);
    Deal<G> out;
    out.commitment = polynomial[0] * second_generator<G>();
    out.shares.reserve(keys.size());
    for (std::uint32_t j = 1; j <= keys.size(); ++j) {
        const SecretScalar value = crypto::evaluate<SecretScalar>(polynomial, j);
        out.shares.push_back(value * keys[j - 1]);
    }

    // The nonces depend on everything that the challenge depends on: another statement never meets them
    // again.
    crypto::Hasher512 statement = detail::bound_hasher(crypto::domain::proof_nonce, binding);
    statement.update(threshold);
    for (const auto& key : keys) statement.update(key.view());
    statement.update(out.commitment.view());
    for (const auto& share : out.shares) statement.update(share.view());
    const std::vector<SecretScalar> nonces =
        detail::coefficients<G>(seed_, crypto::domain::proof_nonce, statement.finish().view(), threshold);
    detail::SharingTranscript<G> transcript{binding, keys, threshold, out.commitment, out.shares};
    transcript.add(nonces[0] * second_generator<G>());
    for (std::uint32_t j = 1; j <= keys.size(); ++j) {
        const SecretScalar value = crypto::evaluate<SecretScalar>(nonces, j);
        transcript.add(value * keys[j - 1]);
    }
    out.challenge = transcript.challenge();
    out.response.reserve(threshold);
    for (std::uint32_t i = 0; i < threshold; ++i) {
        out.response.push_back(respond(nonces[i], out.challenge, polynomial[i]));
    }
    return out;
}

template <Group G>
typename G::Scalar DealerKey<G>::reveal(const Binding& binding) const {
    return detail::dealt_polynomial<G>(seed_, binding, 1)[0].disclose();
}

template <Group G>
core::result<void> check_deal(const Binding& binding, std::span<const typename G::Point> keys,
                              std::uint32_t threshold, const Deal<G>& deal) {
    using Scalar = typename G::Scalar;
    POUW_EXPECTS(threshold >= 1 && threshold <= keys.size());
    if (deal.shares.size() != keys.size()) return core::fail(core::errc::wrong_length, "one share a ticket");
    if (deal.response.size() != threshold) {
        return core::fail(core::errc::wrong_length, "as many coefficients as the threshold");
    }
    const auto is_identity = [](const typename G::Point& point) { return point.is_identity(); };
    if (is_identity(deal.commitment) || std::any_of(deal.shares.begin(), deal.shares.end(), is_identity)) {
        return core::fail(crypto::errc::identity_point, "a deal");
    }
    detail::SharingTranscript<G> transcript{binding, keys, threshold, deal.commitment, deal.shares};
    const typename G::Point response_commitment = deal.response[0] * second_generator<G>();
    transcript.add(response_commitment - deal.challenge * deal.commitment);
    for (std::uint32_t j = 1; j <= keys.size(); ++j) {
        const Scalar value = crypto::evaluate<Scalar>(deal.response, j);
        const typename G::Point response_share = value * keys[j - 1];
        transcript.add(response_share - deal.challenge * deal.shares[j - 1]);
    }
    if (transcript.challenge() != deal.challenge) return core::fail(errc::invalid_deal);
    return {};
}

template <Group G>
bool opens(const Deal<G>& deal, const typename G::Scalar& secret) {
    return secret * second_generator<G>() == deal.commitment;
}

template <Group G>
typename G::Point recover(std::span<const TicketShare<G>> shares) {
    std::vector<std::uint32_t> tickets;
    tickets.reserve(shares.size());
    for (const auto& share : shares) tickets.push_back(share.ticket);
    std::vector<std::uint32_t> sorted = tickets;
    std::sort(sorted.begin(), sorted.end());
    POUW_EXPECTS(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    const auto weights = crypto::lagrange_at_zero<typename G::Scalar>(tickets);
    typename G::Point sum;
    for (std::size_t i = 0; i < shares.size(); ++i) sum = sum + weights[i] * shares[i].element;
    return sum;
}

}  // namespace pouw::inline v1::beacon
