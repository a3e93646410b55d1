/// Cryptographic sortition: each validator decides by its VRF which tasks it checks, and proves the decision.
///
/// Validator i checks a task of an executor e with the chance
///
///     min(1, rate · w_i / (W - w_e)),     W the weight of all nodes.
///
/// The VRF of the validator over (chain, epoch, beacon, task, executor) decides, by an exact comparison of
/// 128-bit integers. Nobody else can predict the decision, the validator cannot choose it, and everybody can
/// verify it. `rate` is the expected number of these checks of the task and may exceed 1;
/// economics/reputation.hpp has the rule of the deployed network.
///
/// An expected number of 1 leaves tasks without any check: 36.6% of them among 100 equal nodes. Where the
/// rate is 1 or more, the task therefore has guaranteed validators on top, which everybody derives from the
/// beacon and the id of the task. They are public, so an executor knows them: `unchecked_chance` gives what a
/// coalition gains. All functions are pure.
/// Source: docs/spec/validation.md section 2.
#pragma once

#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/validation/epoch_beacon.hpp"
#include "pouw/validation/task.hpp"
#include "pouw/vrf/vrf.hpp"
#include "pouw/weights/weights.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::validation {

/// The VRF key of a node, as the chain registered it (after `vrf::check_registration`).
struct POUW_API Registration {
    core::NodeId node;
    vrf::PublicKey vrf_key;
    core::Height height;              ///< of the block that registered it
    core::Epoch joins = 0;            ///< the first epoch of which the registration speaks
    core::Epoch leaves = UINT64_MAX;  ///< the first epoch after it without the node; the greatest is never

    friend bool operator==(const Registration&, const Registration&) = default;
};

/// The validators of one epoch: everything that does not depend on the task.
/// Cost: memory of about 85 bytes for each node.
/// Threads: immutable; shareable.
class POUW_API Validators {
  public:
    /// The validators among the nodes of `judges`, the weights that judge the epoch. Convicted nodes count as
    /// nodes without weight; every node of the chain must pass the same convictions, those of blocks before
    /// `epoch.known_at()`. Registrations of nodes without weight are ignored, and those that join after the
    /// epoch. Of the others of a node the youngest one below `epoch.known_at()` counts; later ones do not
    /// count in this epoch. A node whose registration that counts has left has no key. Of several keys that
    /// a node registered in one block the lowest counts; the others are `dropped()`. A key of several nodes,
    /// whose draws would be one draw, counts for the node whose registration that counts is the oldest, of
    /// equal heights for the lesser node. The other nodes have no key, and their registrations are
    /// `dropped()`. `guaranteed` is the number of guaranteed validators of a task whose rate is 1 or more, a
    /// rule of the chain; 0 leaves all checks to the VRF. Cost: two sorts.
    Validators(const EpochBeacon& epoch, const weights::WeightTable& judges,
               std::span<const Registration> registrations, std::span<const core::Conviction> convicted = {},
               std::uint64_t guaranteed = 1);

    /// The registrations below `epoch.known_at()`, of nodes with weight, that are second ones of their node
    /// in their block, and those whose key counts for another node, which leaves their node without a key. In
    /// ascending order of node, height and key. The same registration again is none.
    [[nodiscard]] std::span<const Registration> dropped() const noexcept { return dropped_; }

    [[nodiscard]] const EpochBeacon& beacon() const noexcept { return beacon_; }

    /// The nodes with weight that are not convicted, ascending.
    [[nodiscard]] std::span<const weights::NodeWeight> nodes() const noexcept { return weights_.nodes(); }

    /// The weight of a node; 0 for a node without weight and for a convicted node.
    /// Cost: a binary search.
    [[nodiscard]] std::uint64_t weight_of(const core::NodeId& node) const noexcept {
        return weights_.weight_of(node);
    }

    /// W, the sum of the weights of `nodes()`. It does not include the weight that a cap left unassigned,
    /// which checks nothing, so that the expected number of checks stays the rate.
    [[nodiscard]] std::uint64_t total() const noexcept { return weights_.total() - weights_.unassigned(); }

    /// A node that can be selected.
    struct Validator {
        std::uint64_t weight = 0;
        vrf::PublicKey vrf_key;
    };
    /// The weight and the key of a node that can be selected.
    /// Errors: errc::no_voting_weight; errc::late_registration for a node whose only key was registered too
    ///     late; errc::unregistered_key for a node without a key.
    /// Cost: a binary search.
    [[nodiscard]] core::result<Validator> find(const core::NodeId& node) const;

    /// The nodes with weight that have no key that counts, ascending. Nobody can select them, so
    /// `economics::Settlement` takes them as nodes that missed their share of the checks.
    [[nodiscard]] std::vector<core::NodeId> unregistered() const;

    /// Whether the node at this position of `nodes()` has a key that counts.
    [[nodiscard]] bool has_key(std::size_t position) const {
        return entries_.at(position).state == Key::valid;
    }

    /// The number of guaranteed validators of a task of this rate, if so many other nodes have a key.
    [[nodiscard]] std::uint64_t guaranteed_count(const core::Fraction& rate) const noexcept {
        return rate < core::Fraction{1, 1} ? 0 : guaranteed_;
    }

    /// The guaranteed validators of the task, in the order in which they are drawn; none where the rate is
    /// below 1. They check it whatever their VRF says. They are drawn in proportion to weight among the nodes
    /// with a key that counts, by the beacon and the id of the task; the executor is passed over. An executor
    /// that refuses the task therefore leaves it to the next one with the same guaranteed validators.
    /// Cost: about 1 µs.
    [[nodiscard]] std::vector<core::NodeId> guaranteed(const Task& task, const core::Fraction& rate) const;

  private:
    enum class Key : std::uint8_t { none, late, valid };
    struct Entry {
        Key state = Key::none;
        vrf::PublicKey key;
    };

    EpochBeacon beacon_;
    weights::WeightTable weights_;
    std::vector<Entry> entries_;       // in the order of weights_.nodes()
    std::vector<std::uint64_t> ends_;  // cumulative weights of the nodes with a key that counts
    std::vector<Registration> dropped_;
    std::uint64_t guaranteed_ = 0;
};

/// The weights from which a probability of selection follows.
struct POUW_API Odds {
    std::uint64_t weight = 0;           ///< of the validator
    std::uint64_t executor_weight = 0;  ///< 0 for an executor that is no validator
    std::uint64_t total = 0;            ///< of all nodes, both included
};

/// The threshold of a selection, `floor(2^128 · min(1, rate · weight / (total - executor_weight)))`, exactly.
/// 0 never selects (weight 0, rate 0), and 2^128 always does. Equal rates give equal thresholds.
/// Errors: errc::inconsistent_weights when weight and executor_weight exceed the total.
/// Cost: about 50 ns.
[[nodiscard]] POUW_API core::result<core::uint256> selection_threshold(const Odds& odds,
                                                                       const core::Fraction& rate);

/// The number that is compared with the threshold: the first 16 bytes of `beta`, most significant first.
[[nodiscard]] POUW_API core::uint128 selection_draw(const vrf::Output& output) noexcept;

/// Whether the output selects: its draw lies strictly below the threshold.
[[nodiscard]] POUW_API bool is_selected(const vrf::Output& output, const core::uint256& threshold) noexcept;

/// The VRF's input, 152 bytes: `"pouw.val-sel.v1" 0x00 ‖ chain ‖ LE64(epoch) ‖ beacon ‖ task ‖ executor`. A
/// proof therefore holds for one chain, epoch, task and executor.
[[nodiscard]] POUW_API core::Bytes selection_input(const EpochBeacon& epoch, const Task& task);

/// The decision about one validator and one task, with everything from which it follows.
struct POUW_API Selection {
    bool selected = false;    ///< the VRF selects the validator, or the task has it as a guaranteed one
    bool guaranteed = false;  ///< the task has it as a guaranteed validator
    vrf::Proof proof;
    vrf::Output output;
    core::uint256 threshold;
};

/// The decision of the VRF alone whether the owner of `key` checks the task, with its proof. The caller gives
/// the odds. Guaranteed validators follow from `Validators` only.
/// Errors: errc::inconsistent_weights.
/// Cost: one VRF proof, about 250 µs.
[[nodiscard]] POUW_API core::result<Selection> select(const EpochBeacon& epoch, const Task& task,
                                                      const Odds& odds, const core::Fraction& rate,
                                                      const vrf::SecretKey& key);

/// The decision of the VRF alone that a proof by `key` shows, a selection or not. The caller gives the odds.
/// Errors: errc::inconsistent_weights; vrf::errc::false_vrf_proof for a proof of another chain, epoch,
///     beacon, task, executor or key; vrf::errc::invalid_vrf_proof; vrf::errc::invalid_vrf_key.
/// Cost: one VRF verification, about 310 µs.
[[nodiscard]] POUW_API core::result<Selection> check_proof(const EpochBeacon& epoch, const Task& task,
                                                           const Odds& odds, const core::Fraction& rate,
                                                           const vrf::PublicKey& key,
                                                           const vrf::Proof& proof);

/// Whether the node is a guaranteed validator of the task.
/// Cost: about 1 µs.
[[nodiscard]] POUW_API bool is_guaranteed(const Validators& validators, const core::NodeId& node,
                                          const Task& task, const core::Fraction& rate);

/// The decision whether this validator of the epoch checks the task. A guaranteed validator does, and makes
/// its proof all the same: reports have one form.
/// Errors: errc::own_work for the executor itself; errc::no_voting_weight; errc::late_registration;
///     errc::unregistered_key, also when `key` is not the registered one.
/// Cost: one VRF proof, and less than 1 µs for any number of nodes.
[[nodiscard]] POUW_API core::result<Selection> select(const Validators& validators,
                                                      const core::NodeId& validator,
                                                      const vrf::SecretKey& key, const Task& task,
                                                      const core::Fraction& rate);

/// The decision that the proof of another validator of the epoch shows, a selection or not. The proof of a
/// guaranteed validator shows a selection whatever its output is.
/// Errors: those of `select` for the validator, and those of the proof.
/// Cost: one VRF verification, and less than 1 µs.
[[nodiscard]] POUW_API core::result<Selection> check_proof(const Validators& validators,
                                                           const core::NodeId& validator, const Task& task,
                                                           const core::Fraction& rate,
                                                           const vrf::Proof& proof);

/// Verifies that the validator was selected, by its VRF or as a guaranteed one.
/// Errors: those of `check_proof`; errc::not_selected.
[[nodiscard]] POUW_API core::result<void> verify_selection(const Validators& validators,
                                                           const core::NodeId& validator, const Task& task,
                                                           const core::Fraction& rate,
                                                           const vrf::Proof& proof);

/// Verifies that the validator was not selected, and is no guaranteed one.
/// Errors: those of `check_proof`; errc::was_selected.
[[nodiscard]] POUW_API core::result<void> verify_non_selection(const Validators& validators,
                                                               const core::NodeId& validator,
                                                               const Task& task, const core::Fraction& rate,
                                                               const vrf::Proof& proof);

/// An expected number of checks, exactly: the VRF selects `certain + numerator / denominator` validators, not
/// reduced. Of the guaranteed ones some are selected by the VRF too: the sum of both is an upper bound.
struct POUW_API ExpectedChecks {
    std::uint64_t certain = 0;  ///< validators whose chance is capped at 1
    core::uint128 numerator = 0;
    core::uint128 denominator = 1;
    std::uint64_t guaranteed = 0;  ///< guaranteed validators

    friend bool operator==(const ExpectedChecks&, const ExpectedChecks&) = default;
};

/// The expected number of checks of a task of this executor: the sum of the chances of all nodes with a
/// registered key, and beside it the guaranteed validators. The sum of the chances equals the rate where all
/// nodes are registered and no chance is capped. What is missing for lack of keys is charged to
/// `Validators::unregistered`.
/// Cost: about 5 ns a node.
[[nodiscard]] POUW_API ExpectedChecks expected_checks(const Validators& validators,
                                                      const core::NodeId& executor,
                                                      const core::Fraction& rate);

/// Bounds of a probability in units of 2^-128: `low <= chance <= high`, each from 0 to 2^128.
struct POUW_API ChanceBounds {
    core::uint256 low;
    core::uint256 high;

    friend bool operator==(const ChanceBounds&, const ChanceBounds&) = default;
};

/// The probability that nobody outside the coalition checks a task of this executor: the product of
/// `1 - chance` over all other nodes with a registered key and, where the rate is 1 or more, of the chance
/// that all guaranteed validators are of the coalition. Without a coalition it is the chance that nobody
/// checks at all: 0 where the rate is 1 or more and another node has a key. `coalition` is in any order; the
/// executor need not be in it. Rounded outwards at every step: the bounds differ by about two units for each
/// node, and by more only for two or more guaranteed validators and a coalition of unequal weights. Cost:
/// about 25 ns for each node, and a sort of the coalition.
[[nodiscard]] POUW_API ChanceBounds unchecked_chance(const Validators& validators,
                                                     const core::NodeId& executor, const core::Fraction& rate,
                                                     std::span<const core::NodeId> coalition = {});

}  // namespace pouw::inline v1::validation
