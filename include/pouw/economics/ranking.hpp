/// Ranking: requests for compute that cost nothing, served in the order of what their senders hold.
///
/// Who holds coins signs a request that names a model and the most IPS that it may use. The balances of one
/// block rank the requests. A holder gains no higher place by several keys, because its balance is divided
/// among them.
/// Source: "Morpheus Yellowstone Compute Model"; docs/spec/economics.md section 13.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/keys.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::economics {

/// The id of a request for compute: the digest that its sender signs.
using ComputeRequestId = core::FixedBytes<struct ComputeRequestIdTag, 32>;

/// A signed request for compute ("RFC" of the article).
struct POUW_API ComputeRequest {
    static constexpr std::size_t size = 180;

    core::ChainDigest chain;
    crypto::PublicKey sender;    ///< the account that holds coins
    std::uint64_t sequence = 0;  ///< unique for the sender, so that a request is served once
    core::InferenceModelId model;
    std::uint64_t most_ips = 0;  ///< the most inferences a second ("IPSMax"), at least 1
    crypto::Signature signature;

    /// The id, `H("pouw.eco-rfc.v1", encoding without signature)`, which is also the digest to sign.
    [[nodiscard]] ComputeRequestId id() const;

    /// The encoding, of `size` bytes.
    [[nodiscard]] core::Bytes encode() const;
    /// The inverse of `encode`, and of nothing else; it does not verify the signature.
    /// Errors: core::errc::wrong_length, core::errc::unsupported_version; core::errc::non_canonical for a
    ///     request of no IPS.
    [[nodiscard]] static core::result<ComputeRequest> decode(core::ByteView data);

    /// Checks that a request is of the chain and signed by its sender.
    /// Errors: core::errc::non_canonical for a request of no IPS; validation::errc::other_chain;
    ///     crypto::errc::invalid_public_key; crypto::errc::invalid_signature.
    /// Cost: about 90 µs.
    [[nodiscard]] core::result<void> verify(const core::ChainDigest& expected) const;

    friend bool operator==(const ComputeRequest&, const ComputeRequest&) = default;
};

/// The signed request of the owner of `key`.
[[nodiscard]] POUW_API ComputeRequest sign_request(const core::ChainDigest& chain, std::uint64_t sequence,
                                                   const core::InferenceModelId& model,
                                                   std::uint64_t most_ips, const crypto::SigningKey& key);

/// A request, and what its sender holds.
struct POUW_API FundedRequest {
    ComputeRequest request;
    core::Amount balance = 0;  ///< in base units
};

/// The places of the requests in the order in which they are served: the largest balance first, among equal
/// balances the lowest id. Requests of senders without coins are left out, and of equal requests all but
/// one. Signatures are not verified. The result does not depend on the order of the requests, except for
/// the places themselves.
/// Errors: core::errc::invalid_amount for a negative balance.
/// Cost: O(n log n), and one hash for each request.
[[nodiscard]] POUW_API core::result<std::vector<std::size_t>> rank(std::span<const FundedRequest> requests);

}  // namespace pouw::inline v1::economics
