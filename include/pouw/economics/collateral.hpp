/// Collateral: coins that a node stakes, that a conviction takes in part, and that leave after an unbonding
/// period.
///
/// Race Coin needs none: its weights come from computing power alone. Heurist and AI Power Grid demand it.
/// Source: "Running Heurist"; AI Power Grid white paper; docs/spec/economics.md section 9.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/economics/settlement.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace pouw::inline v1::economics {

/// The rules of a chain's collateral. The sources give minima and an unbonding period, and no rates: a chain
/// has to choose the slash rate, which `check` refuses at its default of 0.
struct POUW_API CollateralRules {
    core::Amount minimum = 0;          ///< the bonded stake that a node needs for duty
    std::uint64_t unbonding = 0;       ///< blocks from the request to the withdrawal
    core::Rate slash_rate{};           ///< what a conviction takes of all that answers for the node; above 0
    core::Rate finder_share{};         ///< of what is taken, for the account that found the misconduct
    bool moves_between_nodes = false;  ///< whether an owner may move a stake to another node at once

    friend constexpr bool operator==(const CollateralRules&, const CollateralRules&) = default;
};

/// Checks that the rules are in range.
/// Errors: core::errc::invalid_amount for a negative minimum; errc::invalid_rules for a slash rate of 0.
[[nodiscard]] constexpr core::result<void> check(const CollateralRules& rules) {
    if (rules.minimum < 0) return core::fail(core::errc::invalid_amount, "minimum");
    if (rules.slash_rate.ppm() == 0) return core::fail(errc::invalid_rules, "slash_rate");
    return {};
}

/// The number of blocks that last at least `seconds`, for sources that give a period in seconds
/// (`emission::heurist::unlock_seconds`).
/// Expects: `seconds_per_block >= 1`.
[[nodiscard]] constexpr std::uint64_t blocks_rounded_up(std::uint64_t seconds,
                                                        std::uint64_t seconds_per_block) {
    POUW_EXPECTS(seconds_per_block >= 1);
    return seconds / seconds_per_block + (seconds % seconds_per_block != 0 ? 1 : 0);
}

/// A part of a stake that leaves. A conviction takes from it until it is withdrawn.
struct POUW_API Unbonding {
    core::Height release;  ///< the first block in which it may be withdrawn
    core::Amount amount = 0;

    friend constexpr bool operator==(const Unbonding&, const Unbonding&) = default;
};

/// A part of a stake that came from another node and still answers for that node's misconduct.
struct POUW_API Liability {
    core::NodeId from;
    core::Height until;  ///< the first block in which a conviction of `from` no longer reaches it
    core::Amount amount = 0;

    friend constexpr bool operator==(const Liability&, const Liability&) = default;
};

/// The stake of a node.
struct POUW_API Stake {
    AccountId owner;
    core::Amount bonded = 0;
    std::vector<Unbonding> unbonding;    ///< ascending in their release
    std::vector<Liability> liabilities;  ///< ascending in node and end

    /// The bonded and the unbonding coins: all that a conviction of the node can reach here.
    [[nodiscard]] core::Amount total() const noexcept;

    friend bool operator==(const Stake&, const Stake&) = default;
};

/// The coins that a conviction takes, and where they go.
struct POUW_API Slash {
    core::Amount taken = 0;
    core::Amount award = 0;      ///< to the finder
    core::Amount forfeited = 0;  ///< to the reserve; taken == award + forfeited

    friend constexpr bool operator==(const Slash&, const Slash&) = default;
};

/// The stakes of all nodes, in one coin. A chain with two kinds of coins, such as Heurist's HUE and its
/// escrowed esHUE, which unbonds at once, has one collateral for each.
///
/// The stake of a node has one owner, an account that may differ from the node. Delegation, where many
/// accounts stake on one node and share its rewards, is out of scope. The chain verifies the signatures: that
/// of the owner under every call, and that of the node under the first stake that an owner puts on it.
///
/// The collateral is a value: a copy is a state to which a program can return.
/// Cost: memory in proportion to the stakes and to the evidence that was ever used.
class POUW_API Collateral {
  public:
    /// The most entries of each kind (unbonding, liabilities) that a stake may have at one time.
    static constexpr std::size_t max_entries = 64;

    /// The collateral without any stake.
    /// Errors: those of `check(rules)`.
    [[nodiscard]] static core::result<Collateral> create(const CollateralRules& rules);

    /// Adds coins to the stake of a node. The account that stakes first is the owner until the stake is gone.
    /// Errors: core::errc::invalid_amount for less than 1; errc::other_owner; core::errc::overflow when more
    ///     than 2^127 - 1 were ever paid in.
    [[nodiscard]] core::result<void> lock(const core::NodeId& node, const AccountId& owner,
                                          core::Amount amount);

    /// Adds a payout of settlement to the stake of its node, instead of paying it.
    /// Errors: errc::unknown_node for a payout that goes to no node; those of `lock`.
    [[nodiscard]] core::result<void> join(const Payout& payout, const AccountId& owner);

    /// Requests to withdraw bonded coins, and returns the first block in which they may be withdrawn. They no
    /// longer count for the node's duty, and a conviction still takes from them.
    /// Errors: errc::unknown_stake; errc::other_owner; core::errc::invalid_amount for less than 1;
    ///     errc::insufficient_stake; core::errc::overflow for a release after the last block;
    ///     errc::too_many_entries.
    [[nodiscard]] core::result<core::Height> unlock(const core::NodeId& node, const AccountId& owner,
                                                    core::Amount amount, core::Height now);

    /// Takes out all coins whose unbonding is over, and returns their sum, which the chain pays to the owner.
    /// Errors: errc::unknown_stake; errc::other_owner; core::errc::too_early when there are none.
    [[nodiscard]] core::result<core::Amount> withdraw(const core::NodeId& node, const AccountId& owner,
                                                      core::Height now);

    /// Moves bonded coins from node to node of the same owner at once. For an unbonding period they answer
    /// for the misconduct of both nodes, so that a move saves nothing from a conviction, and meanwhile no
    /// stake moves on from the node that received them.
    /// Errors: errc::stake_fixed where the rules allow no moves; errc::unknown_stake; errc::other_owner, of
    ///     either node; errc::same_node; core::errc::invalid_amount for less than 1;
    ///     errc::insufficient_stake; errc::stake_liable; core::errc::overflow; errc::too_many_entries.
    [[nodiscard]] core::result<void> move(const core::NodeId& from, const core::NodeId& to,
                                          const AccountId& owner, core::Amount amount, core::Height now);

    /// Takes the part `slash_rate`, each time rounded up, of the node's bonded coins, of each unbonding entry
    /// and of what moved from it to other nodes and is liable at the conviction's height. The first
    /// conviction of a node in an epoch decides; a further one takes nothing and uses up its evidence, so
    /// that the rate has to deter from all that a node can do in an epoch.
    ///
    /// The finder is the validator or the reporter to whom the conviction is due; it gets no award where it
    /// is the node or the owner of its stake.
    /// Errors: errc::duplicate_evidence; errc::epoch_out_of_order for an epoch before the one in which the
    ///     node was convicted last.
    /// Cost: O(stakes).
    [[nodiscard]] core::result<Slash> slash(const core::Conviction& conviction, core::Epoch epoch,
                                            const std::optional<AccountId>& finder = std::nullopt);

    /// Whether the node may take duties in `epoch`: its bonded stake reaches the minimum, together with
    /// `elsewhere`, a stake of the node in another kind of coin that the chain counts too, and the epoch has
    /// not convicted it. A node that went on after its conviction would have nothing more to lose.
    /// Expects: `elsewhere >= 0`.
    [[nodiscard]] bool qualifies(const core::NodeId& node, core::Epoch epoch,
                                 core::Amount elsewhere = 0) const;

    [[nodiscard]] const CollateralRules& rules() const noexcept { return rules_; }
    /// The stakes, ascending in their nodes. Each holds coins.
    [[nodiscard]] const std::map<core::NodeId, Stake>& stakes() const noexcept { return stakes_; }
    /// The stake of a node, or null.
    [[nodiscard]] const Stake* find(const core::NodeId& node) const;

    /// All coins that were ever paid in: `held() + withdrawn() + awarded() + forfeited()`.
    [[nodiscard]] core::Amount paid_in() const noexcept { return paid_in_; }
    [[nodiscard]] core::Amount withdrawn() const noexcept { return withdrawn_; }
    [[nodiscard]] core::Amount awarded() const noexcept { return awarded_; }
    [[nodiscard]] core::Amount forfeited() const noexcept { return forfeited_; }
    /// The sum of all stakes.
    /// Cost: O(stakes).
    [[nodiscard]] core::Amount held() const noexcept;

    /// The whole state, rules included.
    [[nodiscard]] core::Bytes save() const;

    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version, core::errc::rate_above_one, those of `check(rules)`;
    ///     core::errc::count_too_large; core::errc::invalid_amount for an amount above 2^127 - 1 or an entry
    ///     of 0; core::errc::non_canonical for what does not ascend, and for entries that the rules exclude;
    ///     errc::unbalanced_state unless the coins that were paid in are held or were paid out.
    /// Cost: memory of about the size of the bytes.
    [[nodiscard]] static core::result<Collateral> restore(core::ByteView data);

    friend bool operator==(const Collateral&, const Collateral&) = default;

  private:
    /// What was used against a node.
    struct Record {
        core::Epoch convicted;  // the last epoch of a conviction
        std::set<core::EvidenceDigest> evidence;

        friend bool operator==(const Record&, const Record&) = default;
    };
    class POUW_LOCAL Decoder;

    explicit Collateral(const CollateralRules& rules) : rules_{rules} {}

    /// The stake of a node, checked to be the owner's.
    [[nodiscard]] core::result<Stake*> owned(const core::NodeId& node, const AccountId& owner);
    [[nodiscard]] core::Amount take_own(const core::NodeId& node);
    [[nodiscard]] core::Amount take_moved(const core::Conviction& conviction);
    /// Drops a stake without coins.
    void drop_if_empty(const core::NodeId& node);

    CollateralRules rules_;
    std::map<core::NodeId, Stake> stakes_;
    std::map<core::NodeId, Record> records_;
    core::Amount paid_in_ = 0;
    core::Amount withdrawn_ = 0;
    core::Amount awarded_ = 0;
    core::Amount forfeited_ = 0;
};

}  // namespace pouw::inline v1::economics
