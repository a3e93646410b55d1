/// Assignment: the executor of a task, its relay, and the dummy tasks.
///
/// Every draw uses a beacon output that is younger than the request, so that the requester cannot choose who
/// answers. It is in proportion to weight, so that a node gains nothing from several names. All functions are
/// pure.
/// Source: docs/spec/validation.md section 4.
#pragma once

#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/validation/epoch_beacon.hpp"
#include "pouw/validation/selection.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pouw::inline v1::validation {

/// The id of a request.
using RequestId = core::FixedBytes<struct RequestIdTag, 32>;

/// A request to the network.
///
/// There are two ways to fix its id before the beacon output that assigns it:
///   * The request is in a block, and the beacon of a later block decides. `content` is the digest of the
///     request.
///   * The requester's account is older than the epoch's beacon, and its requests of the epoch are numbered
///     without gaps. `content` is zero: the number alone makes the id, so that what is asked does not matter.
///     The chain refuses numbers out of order, so that each draw is paid for.
struct POUW_API Request {
    core::NodeId requester;
    std::uint64_t sequence = 0;  ///< unique for the requester
    crypto::Hash256 content;
    core::Height fixed_at;  ///< the block after which none of the above can change

    /// `H("pouw.val-req.v1", requester ‖ LE64(sequence) ‖ content)`.
    [[nodiscard]] RequestId id() const;
};

/// A request and the beacon output that assigns it.
class POUW_API Drawing {
  public:
    /// The drawing of a request.
    /// Errors: errc::early_output unless `beacon.known_at() > request.fixed_at`.
    [[nodiscard]] static core::result<Drawing> create(const EpochBeacon& beacon, const Request& request);

    /// The key of a draw, `H(tag, chain ‖ LE64(epoch) ‖ output ‖ request id)`.
    [[nodiscard]] crypto::Hash256 key(const crypto::DomainTag& tag) const noexcept;

    /// The id under which the task is checked, `key("pouw.val-task.v1")`. Neither the requester nor the
    /// executor can choose it, and therefore neither can choose who checks.
    [[nodiscard]] core::TaskId task() const noexcept;

  private:
    Drawing(const EpochBeacon& beacon, const RequestId& request) : beacon_{beacon}, request_{request} {}

    EpochBeacon beacon_;
    RequestId request_;
};

/// The nodes that can be drawn, by weight.
/// Cost: memory of 40 bytes for each node.
/// Threads: immutable; shareable.
class POUW_API NodePool {
  public:
    /// The pool of all nodes of the table that are not convicted.
    explicit NodePool(const weights::WeightTable& table, std::span<const core::Conviction> convicted = {});

    /// The first `count` nodes in the order in which they are asked, or fewer when no more are left. Each is
    /// drawn in proportion to weight among the nodes that are neither excluded nor drawn before. When the
    /// first node refuses, the second is the executor, and so on. `excluded`, in any order, names the
    /// requester's own node, the relay, and the nodes that the chain's state at `fixed_at` knows to be away.
    /// Errors: errc::no_executor when no node is left.
    /// Cost: a sort of `excluded`, and O(count + excluded) for each node drawn.
    [[nodiscard]] core::result<std::vector<core::NodeId>> executors(const Drawing& drawing,
                                                                    std::span<const core::NodeId> excluded,
                                                                    std::uint64_t count) const;

    /// The relay: the node that receives the request and hands it to the executor, which therefore does not
    /// learn who asks. The relay does not do the task; exclude it from the executors.
    /// Errors: errc::no_executor when no node is left.
    [[nodiscard]] core::result<core::NodeId> relay(const Drawing& drawing,
                                                   std::span<const core::NodeId> excluded) const;

  private:
    [[nodiscard]] core::result<std::vector<core::NodeId>> draw(const crypto::Hash256& key,
                                                               std::span<const core::NodeId> excluded,
                                                               std::uint64_t count) const;
    [[nodiscard]] std::vector<std::size_t> positions(std::span<const core::NodeId> nodes) const;

    std::vector<core::NodeId> nodes_;
    std::vector<std::uint64_t> ends_;  // cumulative weights
};

/// The seed of the prompt of an open dummy task, when the slot number `slot` of the epoch holds one; nothing
/// otherwise. Everybody may recognise an open dummy task. The share of such slots is `rate`.
/// Expects: `rate` of at most 1.
[[nodiscard]] POUW_API std::optional<crypto::Hash256> open_dummy(const EpochBeacon& epoch, std::uint64_t slot,
                                                                 const core::Fraction& rate);

/// A hidden dummy task: it looks like a user's request until its origin opens it.
///
/// Every request carries a salt of 32 random bytes. A node that its VRF selects for a slot sends a request
/// whose salt, prompt and payer follow from the VRF's output. Nobody else can recognise it, and the node
/// cannot choose them. Afterwards it publishes the proof, which shows that the request was a dummy of this
/// node and was made by the rule.
struct POUW_API HiddenDummy {
    vrf::Proof proof;         ///< published once the task is settled, secret until then
    crypto::Hash256 salt;     ///< of the request
    crypto::Hash256 prompt;   ///< seed of the chain's generator of prompts
    std::uint64_t payer = 0;  ///< position in the list of accounts that pay for dummies

    friend bool operator==(const HiddenDummy&, const HiddenDummy&) = default;
};

/// The rule of hidden dummies. A node sends one in a slot with probability `min(1, rate · weight / W)`. The
/// list of accounts that pay for dummies is fixed before the beacon.
struct POUW_API DummyTerms {
    core::Fraction rate;       ///< expected dummies a slot
    std::uint64_t payers = 1;  ///< length of the list, at least 1
};

/// The dummy task that this node sends in the slot, if any.
/// Expects: `terms.payers >= 1`.
/// Errors: those of `Validators::find`; errc::unregistered_key when `key` is not the registered one.
/// Cost: one VRF proof.
[[nodiscard]] POUW_API core::result<std::optional<HiddenDummy>> hidden_dummy(const Validators& validators,
                                                                             const core::NodeId& origin,
                                                                             const vrf::SecretKey& key,
                                                                             std::uint64_t slot,
                                                                             const DummyTerms& terms);

/// The public part of the request of a dummy task.
struct POUW_API SeenRequest {
    crypto::Hash256 salt;
    std::uint64_t payer = 0;  ///< position in the list of accounts that pay for dummies
};

/// The seed of the prompt that the request must have had, when `proof` shows that `origin` had to send it as
/// a dummy in the slot.
/// Expects: `terms.payers >= 1`.
/// Errors: those of `Validators::find`; vrf::errc::false_vrf_proof, vrf::errc::invalid_vrf_proof,
///     vrf::errc::invalid_vrf_key; errc::not_selected; errc::false_dummy for another salt or payer.
/// Cost: one VRF verification.
[[nodiscard]] POUW_API core::result<crypto::Hash256> open_hidden_dummy(
    const Validators& validators, const core::NodeId& origin, std::uint64_t slot, const DummyTerms& terms,
    const SeenRequest& seen, const vrf::Proof& proof);

}  // namespace pouw::inline v1::validation
