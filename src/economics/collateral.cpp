#include "pouw/economics/collateral.hpp"

#include "economics/amount_bytes.hpp"
#include "economics/state_reader.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view collateral_magic = "pouwcol1";
constexpr std::size_t unbonding_size = 8 + 16;
constexpr std::size_t liability_size = 32 + 8 + 16;
// node ‖ owner ‖ bonded ‖ two counts
constexpr std::size_t stake_size = 32 + 32 + 16 + 4 + 4;
// node ‖ epoch ‖ count ‖ one digest
constexpr std::size_t record_size = 32 + 8 + 4 + 32;

/// Takes a part of an amount, rounded up, so that no division of a stake into small entries saves any of it.
core::Amount take_part(core::Amount& amount, core::Rate rate) {
    const core::Amount part = core::part_rounded_up(rate, amount);
    amount -= part;
    return part;
}

/// Takes up to `wanted`, and returns what it took.
core::Amount take_up_to(core::Amount& amount, core::Amount wanted) {
    const core::Amount part = std::min(amount, wanted);
    amount -= part;
    return part;
}

template <typename Entry>
void drop_empty(std::vector<Entry>& entries) {
    std::erase_if(entries, [](const Entry& entry) { return entry.amount == 0; });
}

/// Takes up to `wanted` of the bonded coins, then of those that unbond, the next to leave first.
core::Amount take_from(Stake& stake, core::Amount wanted) {
    core::Amount taken = take_up_to(stake.bonded, wanted);
    for (Unbonding& entry : stake.unbonding) taken += take_up_to(entry.amount, wanted - taken);
    drop_empty(stake.unbonding);
    return taken;
}

/// The place of an entry in ascending ones, and whether it is there.
template <typename Entry, typename Less>
std::pair<typename std::vector<Entry>::iterator, bool> place_of(std::vector<Entry>& entries,
                                                                const Entry& entry, Less less) {
    const auto at = std::lower_bound(entries.begin(), entries.end(), entry, less);
    return {at, at != entries.end() && !less(entry, *at)};
}

bool before(const Unbonding& a, const Unbonding& b) noexcept { return a.release < b.release; }
bool before(const Liability& a, const Liability& b) noexcept {
    return a.from != b.from ? a.from < b.from : a.until < b.until;
}

/// Adds an entry, to one of the same key where there is one.
/// Errors: errc::too_many_entries; core::errc::overflow, which only a state that nobody vouches for leads to.
template <typename Entry>
core::result<void> add(std::vector<Entry>& entries, const Entry& entry) {
    const auto [at, found] =
        place_of(entries, entry, [](const Entry& a, const Entry& b) { return before(a, b); });
    if (!found && entries.size() >= Collateral::max_entries) return core::fail(errc::too_many_entries);
    if (found) {
        const auto sum = core::checked_add(at->amount, entry.amount);
        if (!sum) return core::fail(core::errc::overflow);
        at->amount = *sum;
    } else {
        entries.insert(at, entry);
    }
    return {};
}

bool is_over(const Liability& liability, core::Height now) noexcept { return liability.until <= now; }

/// Whether a conviction reaches a part of this stake because it came from the convicted node.
bool is_liable(const Stake& stake, const core::Conviction& conviction) {
    return std::any_of(stake.liabilities.begin(), stake.liabilities.end(), [&](const Liability& entry) {
        return entry.from == conviction.node && !is_over(entry, conviction.height);
    });
}

template <typename Entry>
void append_entries(core::Bytes& out, const std::vector<Entry>& entries) {
    core::append(out, core::to_le(static_cast<std::uint32_t>(entries.size())));
    for (const Entry& entry : entries) {
        if constexpr (std::same_as<Entry, Unbonding>) {
            core::append(out, core::to_le(entry.release.value));
        } else {
            core::append(out, entry.from.view());
            core::append(out, core::to_le(entry.until.value));
        }
        append_amount(out, entry.amount);
    }
}

}  // namespace

core::Amount Stake::total() const noexcept {
    core::Amount sum = bonded;
    for (const Unbonding& entry : unbonding) sum += entry.amount;
    return sum;
}

core::result<Collateral> Collateral::create(const CollateralRules& rules) {
    if (const auto checked = check(rules); !checked) return checked.error();
    return Collateral{rules};
}

const Stake* Collateral::find(const core::NodeId& node) const {
    const auto at = stakes_.find(node);
    return at == stakes_.end() ? nullptr : &at->second;
}

core::result<Stake*> Collateral::owned(const core::NodeId& node, const AccountId& owner) {
    const auto at = stakes_.find(node);
    if (at == stakes_.end()) return core::fail(errc::unknown_stake);
    if (at->second.owner != owner) return core::fail(errc::other_owner);
    return &at->second;
}

void Collateral::drop_if_empty(const core::NodeId& node) {
    const auto at = stakes_.find(node);
    if (at != stakes_.end() && at->second.total() == 0) stakes_.erase(at);
}

core::result<void> Collateral::lock(const core::NodeId& node, const AccountId& owner, core::Amount amount) {
    if (amount < 1) return core::fail(core::errc::invalid_amount);
    const Stake* const stake = find(node);
    if (stake != nullptr && stake->owner != owner) return core::fail(errc::other_owner);
    const auto paid_in = core::checked_add(paid_in_, amount);
    if (!paid_in) return core::fail(core::errc::overflow);
    paid_in_ = *paid_in;
    Stake& entry = stakes_[node];
    entry.owner = owner;
    entry.bonded += amount;
    return {};
}

core::result<void> Collateral::join(const Payout& payout, const AccountId& owner) {
    if (payout.owner != Owner::node) return core::fail(errc::unknown_node);
    return lock(payout.id, owner, payout.amount);
}

core::result<core::Height> Collateral::unlock(const core::NodeId& node, const AccountId& owner,
                                              core::Amount amount, core::Height now) {
    const auto stake = owned(node, owner);
    if (!stake) return stake.error();
    if (amount < 1) return core::fail(core::errc::invalid_amount);
    if (amount > (*stake)->bonded) return core::fail(errc::insufficient_stake);
    const auto release = core::checked_add(now.value, rules_.unbonding);
    if (!release) return core::fail(core::errc::overflow);
    if (const auto added = add((*stake)->unbonding, Unbonding{*release, amount}); !added)
        return added.error();
    (*stake)->bonded -= amount;
    return core::Height{*release};
}

core::result<core::Amount> Collateral::withdraw(const core::NodeId& node, const AccountId& owner,
                                                core::Height now) {
    const auto stake = owned(node, owner);
    if (!stake) return stake.error();
    core::Amount sum = 0;
    for (const Unbonding& entry : (*stake)->unbonding)
        if (entry.release <= now) sum += entry.amount;
    if (sum == 0) return core::fail(core::errc::too_early);
    std::erase_if((*stake)->unbonding, [&](const Unbonding& entry) { return entry.release <= now; });
    withdrawn_ += sum;
    drop_if_empty(node);
    return sum;
}

core::result<void> Collateral::move(const core::NodeId& from, const core::NodeId& to, const AccountId& owner,
                                    core::Amount amount, core::Height now) {
    if (!rules_.moves_between_nodes) return core::fail(errc::stake_fixed);
    const auto source = owned(from, owner);
    if (!source) return source.error();
    const Stake* const there = find(to);
    if (there != nullptr && there->owner != owner) return core::fail(errc::other_owner);
    if (from == to) return core::fail(errc::same_node);
    if (amount < 1) return core::fail(core::errc::invalid_amount);
    if (amount > (*source)->bonded) return core::fail(errc::insufficient_stake);
    const auto& liabilities = (*source)->liabilities;
    if (!std::all_of(liabilities.begin(), liabilities.end(),
                     [&](const Liability& entry) { return is_over(entry, now); }))
        return core::fail(errc::stake_liable);
    const auto until = core::checked_add(now.value, rules_.unbonding);
    if (!until) return core::fail(core::errc::overflow);
    std::vector<Liability> received = there == nullptr ? std::vector<Liability>{} : there->liabilities;
    std::erase_if(received, [&](const Liability& entry) { return is_over(entry, now); });
    if (rules_.unbonding > 0) {
        if (const auto added = add(received, Liability{from, *until, amount}); !added) return added.error();
    }
    (*source)->bonded -= amount;
    (*source)->liabilities.clear();
    Stake& target = stakes_[to];
    target.owner = owner;
    target.bonded += amount;
    target.liabilities = std::move(received);
    drop_if_empty(from);
    return {};
}

core::Amount Collateral::take_own(const core::NodeId& node) {
    const auto at = stakes_.find(node);
    if (at == stakes_.end()) return 0;
    Stake& stake = at->second;
    core::Amount taken = take_part(stake.bonded, rules_.slash_rate);
    for (Unbonding& entry : stake.unbonding) taken += take_part(entry.amount, rules_.slash_rate);
    drop_empty(stake.unbonding);
    drop_if_empty(node);
    return taken;
}

core::Amount Collateral::take_moved(const core::Conviction& conviction) {
    core::Amount taken = 0;
    for (auto at = stakes_.begin(); at != stakes_.end();) {
        Stake& stake = at->second;
        for (Liability& entry : stake.liabilities) {
            if (entry.from != conviction.node || is_over(entry, conviction.height)) continue;
            taken += take_from(stake, take_part(entry.amount, rules_.slash_rate));
        }
        drop_empty(stake.liabilities);
        at = stake.total() == 0 ? stakes_.erase(at) : std::next(at);
    }
    return taken;
}

core::result<Slash> Collateral::slash(const core::Conviction& conviction, core::Epoch epoch,
                                      const std::optional<AccountId>& finder) {
    const auto known = records_.find(conviction.node);
    const bool first = known == records_.end();
    if (!first && known->second.evidence.contains(conviction.evidence))
        return core::fail(errc::duplicate_evidence);
    if (!first && epoch < known->second.convicted) return core::fail(errc::epoch_out_of_order);
    const bool decided = !first && epoch == known->second.convicted;
    Record& record = records_[conviction.node];
    record.convicted = epoch;
    record.evidence.insert(conviction.evidence);
    if (decided) return Slash{};
    const bool own_finder =
        finder && std::any_of(stakes_.begin(), stakes_.end(), [&](const auto& entry) {
            const auto& [node, stake] = entry;
            return stake.owner == *finder && (node == conviction.node || is_liable(stake, conviction));
        });
    Slash out;
    out.taken = take_own(conviction.node);
    if (rules_.moves_between_nodes) out.taken += take_moved(conviction);
    if (finder && !own_finder && *finder != conviction.node)
        out.award = core::part_rounded_down(rules_.finder_share, out.taken);
    out.forfeited = out.taken - out.award;
    awarded_ += out.award;
    forfeited_ += out.forfeited;
    return out;
}

bool Collateral::qualifies(const core::NodeId& node, core::Epoch epoch, core::Amount elsewhere) const {
    POUW_EXPECTS(elsewhere >= 0);
    const auto record = records_.find(node);
    if (record != records_.end() && record->second.convicted == epoch) return false;
    const Stake* const stake = find(node);
    const core::Amount bonded = stake == nullptr ? 0 : stake->bonded;
    return elsewhere >= rules_.minimum || bonded >= rules_.minimum - elsewhere;
}

core::Amount Collateral::held() const noexcept {
    core::Amount sum = 0;
    for (const auto& [node, stake] : stakes_) sum += stake.total();
    return sum;
}

core::Bytes Collateral::save() const {
    core::Bytes out = core::start_state(collateral_magic);
    append_amount(out, rules_.minimum);
    core::append(out, core::to_le(rules_.unbonding));
    core::append(out, core::to_le(rules_.slash_rate.ppm()));
    core::append(out, core::to_le(rules_.finder_share.ppm()));
    out.push_back(rules_.moves_between_nodes ? 1 : 0);
    for (const core::Amount sum : {paid_in_, withdrawn_, awarded_, forfeited_}) append_amount(out, sum);
    core::append(out, core::to_le(static_cast<std::uint32_t>(stakes_.size())));
    for (const auto& [node, stake] : stakes_) {
        core::append(out, node.view());
        core::append(out, stake.owner.view());
        append_amount(out, stake.bonded);
        append_entries(out, stake.unbonding);
        append_entries(out, stake.liabilities);
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(records_.size())));
    for (const auto& [node, record] : records_) {
        core::append(out, node.view());
        core::append(out, core::to_le(record.convicted.value));
        core::append(out, core::to_le(static_cast<std::uint32_t>(record.evidence.size())));
        for (const core::EvidenceDigest& digest : record.evidence) core::append(out, digest.view());
    }
    return out;
}

/// Reads a state part by part.
class Collateral::Decoder {
  public:
    explicit Decoder(core::ByteView data) : reader_{data} {}

    core::result<Collateral> decode() {
        reader_.start(collateral_magic);
        CollateralRules rules;
        rules.minimum = reader_.amount();
        rules.unbonding = reader_.integer<std::uint64_t>();
        rules.slash_rate = reader_.rate();
        rules.finder_share = reader_.rate();
        rules.moves_between_nodes = reader_.flag();
        if (reader_.ok()) reader_.require(check(rules));
        Collateral out{rules};
        out.paid_in_ = reader_.amount();
        out.withdrawn_ = reader_.amount();
        out.awarded_ = reader_.amount();
        out.forfeited_ = reader_.amount();
        for (std::size_t left = reader_.count(stake_size); left > 0 && reader_.ok(); --left) read_stake(out);
        for (std::size_t left = reader_.count(record_size); left > 0 && reader_.ok(); --left)
            read_record(out);
        reader_.end();
        if (reader_.ok()) reader_.require(balances(out), errc::unbalanced_state);
        if (!reader_.ok()) return reader_.fault();
        return out;
    }

  private:
    void read_stake(Collateral& out) {
        const auto node = reader_.fixed<core::NodeId>();
        reader_.require(out.stakes_.empty() || out.stakes_.rbegin()->first < node, core::errc::non_canonical);
        Stake stake;
        stake.owner = reader_.fixed<AccountId>();
        stake.bonded = reader_.amount();
        const std::size_t unbonding = reader_.count(unbonding_size, max_entries);
        for (std::size_t i = 0; i < unbonding; ++i) {
            const core::Height release = reader_.integer<std::uint64_t>();
            push(stake.unbonding, Unbonding{release, reader_.amount(1)});
            reader_.require(release.value >= out.rules_.unbonding, core::errc::non_canonical);
        }
        const std::size_t liabilities = reader_.count(liability_size, max_entries);
        const bool moves = out.rules_.moves_between_nodes && out.rules_.unbonding > 0;
        reader_.require(liabilities == 0 || moves, core::errc::non_canonical);
        for (std::size_t i = 0; i < liabilities; ++i) {
            const auto from = reader_.fixed<core::NodeId>();
            const core::Height until = reader_.integer<std::uint64_t>();
            push(stake.liabilities, Liability{from, until, reader_.amount(1)});
            reader_.require(from != node && until.value >= out.rules_.unbonding, core::errc::non_canonical);
        }
        reader_.require(stake.bonded > 0 || !stake.unbonding.empty(), core::errc::non_canonical);
        if (reader_.ok()) out.stakes_.emplace_hint(out.stakes_.end(), node, std::move(stake));
    }

    void read_record(Collateral& out) {
        const auto node = reader_.fixed<core::NodeId>();
        reader_.require(out.records_.empty() || out.records_.rbegin()->first < node,
                        core::errc::non_canonical);
        Record record;
        record.convicted = reader_.integer<std::uint64_t>();
        const std::size_t count = reader_.count(core::EvidenceDigest::size);
        reader_.require(count > 0, core::errc::non_canonical);
        for (std::size_t i = 0; i < count && reader_.ok(); ++i) {
            const auto digest = reader_.fixed<core::EvidenceDigest>();
            reader_.require(record.evidence.empty() || *record.evidence.rbegin() < digest,
                            core::errc::non_canonical);
            record.evidence.insert(record.evidence.end(), digest);
        }
        if (reader_.ok()) out.records_.emplace_hint(out.records_.end(), node, std::move(record));
    }

    template <typename Entry>
    void push(std::vector<Entry>& entries, const Entry& entry) {
        reader_.require(entries.empty() || before(entries.back(), entry), core::errc::non_canonical);
        if (reader_.ok()) entries.push_back(entry);
    }

    /// Whether the coins that went in are those that are held and those that went out.
    static bool balances(const Collateral& state) {
        core::Amount left = state.paid_in_;
        const auto take = [&left](core::Amount amount) {
            const bool covered = amount <= left;
            if (covered) left -= amount;
            return covered;
        };
        for (const core::Amount sum : {state.withdrawn_, state.awarded_, state.forfeited_})
            if (!take(sum)) return false;
        for (const auto& [node, stake] : state.stakes_) {
            if (!take(stake.bonded)) return false;
            for (const Unbonding& entry : stake.unbonding)
                if (!take(entry.amount)) return false;
        }
        return left == 0;
    }

    StateReader reader_;
};

core::result<Collateral> Collateral::restore(core::ByteView data) { return Decoder{data}.decode(); }

}  // namespace pouw::inline v1::economics
