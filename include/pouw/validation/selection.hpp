/// Who checks which task: each validator for itself, by its VRF, and provably. docs/spec/validation.md
/// section 2.
///
/// Validator i checks a task of an executor e with the chance
///
///     min(1, rate · w_i / (W - w_e)),     W the weight of all nodes,
///
/// decided by its VRF over (chain, epoch, beacon, task, executor) and an exact comparison of 128-bit
/// integers. Nobody else can predict it, the validator cannot choose it, and everybody can verify that it was
/// selected or that it was not. `rate` is the expected number of checks of the task (see
/// economics/reputation.hpp for the deployed choice); it may exceed 1. All functions are pure and give the
/// same on every machine.
#pragma once

#include "pouw/core/fraction.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/validation/epoch.hpp"
#include "pouw/vrf/vrf.hpp"
#include "pouw/weights/weights.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pouw::validation {

/// The VRF key of a node, as the chain registered it (after `vrf::check_registration`).
struct Registration {
    crypto::PublicKey node;
    vrf::PublicKey vrf_key;
    std::uint64_t height = 0;  ///< of the block that registered it
};

/// The validators of one epoch: all that does not depend on the task. Immutable; shareable between threads.
/// Memory: about 75 bytes a node.
class Validators {
  public:
    /// `judges` are the weights that judge the epoch. Of several registrations of a node the youngest one
    /// below `epoch.beacon_height` counts; later ones do not count in this epoch. Registrations of nodes
    /// without weight are ignored. Errors: weights::errc::duplicate_node when a node has two registrations of
    /// one height below the beacon's. Cost: a sort.
    [[nodiscard]] static core::result<Validators> create(const Epoch& epoch, weights::WeightTable judges,
                                                         std::span<const Registration> registrations);

    [[nodiscard]] const Epoch& epoch() const noexcept { return epoch_; }
    [[nodiscard]] const weights::WeightTable& weights() const noexcept { return weights_; }

    /// W: the summed weight of the nodes. What a cap took and no node has (`WeightTable::unassigned`) checks
    /// nothing and does not count here, so that the expected number of checks stays the rate.
    [[nodiscard]] std::uint64_t total() const noexcept { return weights_.total() - weights_.unassigned(); }

    /// A node that can be selected.
    struct Validator {
        std::uint64_t weight = 0;
        vrf::PublicKey vrf_key;
    };
    /// Errors: errc::no_voting_weight; errc::late_registration when the node has a key, registered too late;
    /// errc::unregistered_key when it has none. Cost: a binary search.
    [[nodiscard]] core::result<Validator> find(const crypto::PublicKey& node) const;

    /// Whether the node at this place of `weights().nodes()` has a key that counts.
    [[nodiscard]] bool has_key(std::size_t place) const { return entries_.at(place).state == Key::valid; }

  private:
    enum class Key : std::uint8_t { none, late, valid };
    struct Entry {
        Key state = Key::none;
        vrf::PublicKey key;
    };

    Validators() = default;

    Epoch epoch_;
    weights::WeightTable weights_;
    std::vector<Entry> entries_;  // in the order of weights_.nodes()
};

/// What a chance is made of.
struct Odds {
    std::uint64_t weight = 0;           ///< of the validator
    std::uint64_t executor_weight = 0;  ///< 0 for an executor that is no validator
    std::uint64_t total = 0;            ///< of all nodes, both included
};

/// `floor(2^128 · min(1, rate · weight / (total - executor_weight)))`, exactly: 0 never selects (weight 0,
/// rate 0), 2^128 always does. Two rates of one value give one threshold. Errors: errc::inconsistent_weights
/// when weight and executor_weight exceed the total. Expects `rate.denominator >= 1`. Cost: about 50 ns.
[[nodiscard]] core::result<core::uint256> selection_threshold(const Odds& odds, const core::Fraction& rate);

/// The number that is compared with the threshold: the first 16 bytes of `beta`, most significant first.
[[nodiscard]] core::uint128 selection_draw(const vrf::Output& output) noexcept;

/// Whether the output selects: its draw lies strictly below the threshold.
[[nodiscard]] bool is_selected(const vrf::Output& output, const core::uint256& threshold) noexcept;

/// The VRF's input, 152 bytes: `"pouw.val-sel.v1" 0x00 ‖ chain ‖ LE64(epoch) ‖ beacon ‖ task ‖ executor`. A
/// proof is therefore of no use for another chain, epoch, task or executor.
[[nodiscard]] core::Bytes selection_input(const Epoch& epoch, const Task& task);

/// The decision about one validator and task, with all that it follows from.
struct Selection {
    bool selected = false;
    vrf::Proof proof;
    vrf::Output output;
    core::uint256 threshold;
};

/// Whether the owner of `key` is to check the task, and the proof of either, with the odds from the caller.
/// Errors: errc::inconsistent_weights. Expects `rate.denominator >= 1`. Cost: one VRF proof, about 250 µs.
[[nodiscard]] core::result<Selection> select(const Epoch& epoch, const Task& task, const Odds& odds,
                                             const core::Fraction& rate, const vrf::SecretKey& key);

/// The decision that a proof by `key` shows, whichever it is, with the odds from the caller. Errors:
/// errc::inconsistent_weights; vrf::errc::false_vrf_proof for a proof of another chain, epoch, beacon, task,
/// executor or key; vrf::errc::invalid_vrf_proof; vrf::errc::invalid_vrf_key. Expects `rate.denominator >=
/// 1`. Cost: one VRF verification, about 310 µs.
[[nodiscard]] core::result<Selection> check_proof(const Epoch& epoch, const Task& task, const Odds& odds,
                                                  const core::Fraction& rate, const vrf::PublicKey& key,
                                                  const vrf::Proof& proof);

/// Whether this validator of the epoch is to check the task. Errors: errc::own_work for the executor itself,
/// errc::no_voting_weight, errc::late_registration, errc::unregistered_key (also when `key` is not the one
/// registered). Cost: one VRF proof, and less than 1 µs beside it whatever the number of nodes.
[[nodiscard]] core::result<Selection> select(const Validators& validators, const crypto::PublicKey& validator,
                                             const vrf::SecretKey& key, const Task& task,
                                             const core::Fraction& rate);

/// The decision that the proof of another validator of the epoch shows, whichever it is. Errors: those of
/// `select` for the validator, and those of the proof. Cost: one VRF verification, and less than 1 µs beside
/// it.
[[nodiscard]] core::result<Selection> check_proof(const Validators& validators,
                                                  const crypto::PublicKey& validator, const Task& task,
                                                  const core::Fraction& rate, const vrf::Proof& proof);

/// That the validator was selected. Errors: those of `check_proof`; errc::not_selected.
[[nodiscard]] core::result<void> verify_selection(const Validators& validators,
                                                  const crypto::PublicKey& validator, const Task& task,
                                                  const core::Fraction& rate, const vrf::Proof& proof);

/// That the validator was not selected. Errors: those of `check_proof`; errc::was_selected.
[[nodiscard]] core::result<void> verify_non_selection(const Validators& validators,
                                                      const crypto::PublicKey& validator, const Task& task,
                                                      const core::Fraction& rate, const vrf::Proof& proof);

/// An expected number of checks, exactly: `certain + numerator / denominator`, not reduced.
struct ExpectedChecks {
    std::uint64_t certain = 0;  ///< validators whose chance the cap at 1 binds
    core::uint128 numerator = 0;
    core::uint128 denominator = 1;

    friend bool operator==(const ExpectedChecks&, const ExpectedChecks&) = default;
};

/// How many checks a task of this executor can expect: the sum of the chances of all nodes with a registered
/// key. It is the rate where all are registered and no cap binds. Expects `rate.denominator >= 1`. Cost:
/// about 5 ns a node.
[[nodiscard]] ExpectedChecks expected_checks(const Validators& validators, const crypto::PublicKey& executor,
                                             const core::Fraction& rate);

/// Bounds of a chance in units of 2^-128: `low <= chance <= high`, each from 0 to 2^128.
struct ChanceBounds {
    core::uint256 low;
    core::uint256 high;

    friend bool operator==(const ChanceBounds&, const ChanceBounds&) = default;
};

/// The chance that nobody checks a task of this executor, the product of `1 - chance` over all nodes with a
/// registered key, rounded outwards at every step: the bounds are at most two units a node apart. Expects
/// `rate.denominator >= 1`. Cost: about 25 ns a node.
[[nodiscard]] ChanceBounds unchecked_chance(const Validators& validators, const crypto::PublicKey& executor,
                                            const core::Fraction& rate);

}  // namespace pouw::validation
