/// Who does a task, who passes it on, and which tasks are made up. docs/spec/validation.md section 4.
///
/// Everything here is drawn from randomness that is younger than the request it is applied to, so that
/// whoever asks cannot choose who answers, and in proportion to weight, so that many names gain nothing. All
/// functions are pure; given the same chain everybody computes the same.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/validation/epoch.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::validation {

using RequestId = core::FixedBytes<struct RequestIdTag, 32>;

/// A request to the network.
///
/// Two ways to fix its id before the randomness, both of which chains use:
///   * the request itself is in a block, and a beacon of a later block decides: `content` is the digest of
///   the request;
///   * the requester's account is older than the epoch's beacon, and its requests of the epoch are numbered
///   without gaps: the
///     number alone makes the id (`content` is zero), so that every answerer is decided before the epoch
///     begins and what is asked does not matter. The chain refuses numbers out of order: each draw has to be
///     paid for.
struct Request {
    crypto::PublicKey requester;
    std::uint64_t sequence = 0;  ///< unique for the requester
    crypto::Hash256 content;
    std::uint64_t fixed_at = 0;  ///< the block after which nothing of the above can change any more

    /// `H("pouw.val-req.v1", requester ‖ LE64(sequence) ‖ content)`.
    [[nodiscard]] RequestId id() const;
};

/// A random value, and the first block at which anybody may know it.
struct Randomness {
    crypto::Hash256 value;
    std::uint64_t known_at = 0;
};

/// One request and what decides about it.
class Drawing {
  public:
    /// Errors: errc::early_randomness unless `randomness.known_at > request.fixed_at`.
    [[nodiscard]] static core::result<Drawing> create(const core::ChainDigest& chain, std::uint64_t epoch,
                                                      const Randomness& randomness, const Request& request);

    /// `H(tag, chain ‖ LE64(epoch) ‖ randomness ‖ request id)`.
    [[nodiscard]] crypto::Hash256 key(const crypto::DomainTag& tag) const noexcept;

    /// The id under which the task is checked: `key("pouw.val-task.v1")`. Neither the requester nor the
    /// executor can choose it, nor therefore who checks.
    [[nodiscard]] core::TaskId task() const noexcept;

  private:
    Drawing() = default;

    core::ChainDigest chain_;
    std::uint64_t epoch_ = 0;
    crypto::Hash256 randomness_;
    RequestId request_;
};

/// The nodes that can be drawn, by weight. Immutable; shareable between threads. Memory: 40 bytes a node.
class Providers {
  public:
    /// All nodes of the table.
    explicit Providers(const weights::WeightTable& table);

    /// The first `count` nodes in the order in which they are asked: each drawn in proportion to weight among
    /// those that are neither excluded nor drawn before. When the first refuses, the second is the provider,
    /// and so on; fewer than `count` when no more are left. `excluded` is in any order: the requester's own
    /// node, the relay, those that the chain knows to be away; the caller takes it from the chain's state at
    /// `fixed_at`. Errors: errc::no_provider when nobody is left at all. Cost: that of sorting `excluded`,
    /// and O(count + excluded) for each node drawn.
    [[nodiscard]] core::result<std::vector<crypto::PublicKey>> executors(
        const Drawing& drawing, std::span<const crypto::PublicKey> excluded, std::uint64_t count) const;

    /// The node through which the request goes, so that the executor does not learn who asks: drawn by weight
    /// among those not excluded. It does not do the task: exclude it from the executors. Errors:
    /// errc::no_provider.
    [[nodiscard]] core::result<crypto::PublicKey> relay(const Drawing& drawing,
                                                        std::span<const crypto::PublicKey> excluded) const;

  private:
    [[nodiscard]] core::result<std::vector<crypto::PublicKey>> draw(
        const crypto::Hash256& key, std::span<const crypto::PublicKey> excluded, std::uint64_t count) const;
    [[nodiscard]] std::vector<std::size_t> positions(std::span<const crypto::PublicKey> nodes) const;

    std::vector<crypto::PublicKey> nodes_;
    std::vector<std::uint64_t> ends_;  // cumulative weights
};

/// Whether slot number `slot` of the epoch holds a dummy task that everybody may recognise, and the seed of
/// its prompt: the number of such slots is a share `rate` of all. Expects `rate.denominator >= 1` and
/// `rate.numerator <= rate.denominator`.
[[nodiscard]] std::optional<crypto::Hash256> open_dummy(const Epoch& epoch, std::uint64_t slot,
                                                        const core::Fraction& rate);

/// A dummy task that looks like a user's request until its origin opens it.
///
/// Every request carries 32 random bytes, its salt. A node that its VRF selects for a slot sends a request
/// whose salt, prompt and payer all follow from the VRF's output: nobody else can tell, and the node cannot
/// choose. Afterwards it publishes the proof, and everybody sees that the request was a dummy, whose it was,
/// and that it was made by the rule.
struct HiddenDummy {
    vrf::Proof proof;         ///< kept until the task is settled, then published
    crypto::Hash256 salt;     ///< of the request
    crypto::Hash256 prompt;   ///< seed of the chain's generator of prompts
    std::uint64_t payer = 0;  ///< place in the list of accounts that pay for dummies

    friend bool operator==(const HiddenDummy&, const HiddenDummy&) = default;
};

/// What decides about hidden dummies: the chance of a node is `min(1, rate · weight / W)` a slot. The
/// accounts are a list that was fixed before the beacon.
struct DummyTerms {
    core::Fraction rate;       ///< expected dummies a slot; denominator at least 1
    std::uint64_t payers = 1;  ///< length of the list, at least 1
};

/// The dummy task that this node is to send in the slot, if any. Errors: those of `Validators::find`;
/// errc::unregistered_key when `key` is not the one registered. Cost: one VRF proof.
[[nodiscard]] core::result<std::optional<HiddenDummy>> hidden_dummy(const Validators& validators,
                                                                    const crypto::PublicKey& origin,
                                                                    const vrf::SecretKey& key,
                                                                    std::uint64_t slot,
                                                                    const DummyTerms& terms);

/// What everybody sees of the request of a dummy task.
struct SeenRequest {
    crypto::Hash256 salt;
    std::uint64_t payer = 0;  ///< place in the list of accounts that pay for dummies
};

/// The seed of the prompt that the request must have had, if `proof` shows that `origin` was to send it as a
/// dummy in the slot. Errors: those of `Validators::find`; vrf::errc::false_vrf_proof,
/// vrf::errc::invalid_vrf_proof, vrf::errc::invalid_vrf_key; errc::not_selected; errc::false_dummy for
/// another salt or payer. Cost: one VRF verification.
[[nodiscard]] core::result<crypto::Hash256> open_hidden_dummy(const Validators& validators,
                                                              const crypto::PublicKey& origin,
                                                              std::uint64_t slot, const DummyTerms& terms,
                                                              const SeenRequest& seen,
                                                              const vrf::Proof& proof);

}  // namespace pouw::validation
