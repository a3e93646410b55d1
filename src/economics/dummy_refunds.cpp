#include "pouw/economics/dummy_refunds.hpp"

#include "amount_bytes.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

namespace pouw::inline v1::economics {
namespace {

using core::fail;
using core::result;

constexpr std::string_view refunds_magic = "pouwrfd1";
constexpr std::uint32_t largest_rule = 65'535;
constexpr std::size_t entry_size = AccountId::size + 16;
constexpr std::size_t due_size = 8 + AccountId::size + 8;

/// The accounts that can pay a unit, ascending, and the whole units that each has.
class Payers {
  public:
    Payers(const std::map<AccountId, core::Amount>& sources, core::Amount unit) {
        for (const auto& [account, amount] : sources) {
            if (amount < unit) continue;
            accounts_.push_back(account);
            units_.push_back(amount / unit);
            total_ += units_.back();
        }
    }

    /// The units of all accounts.
    [[nodiscard]] core::Amount total() const noexcept { return total_; }

    /// Draws an account other than `excluded`, each with the same chance, and takes a unit of it; nothing
    /// where there is none.
    std::optional<AccountId> take(crypto::UniformDraws& draws, const AccountId& excluded) {
        const auto own = std::lower_bound(accounts_.begin(), accounts_.end(), excluded);
        const bool is_among = own != accounts_.end() && *own == excluded;
        const std::size_t others = accounts_.size() - (is_among ? 1 : 0);
        if (others == 0) return std::nullopt;
        auto place = static_cast<std::size_t>(draws.below(others));
        if (is_among && place >= static_cast<std::size_t>(own - accounts_.begin())) ++place;
        const AccountId out = accounts_[place];
        --total_;
        if (--units_[place] == 0) {
            accounts_.erase(accounts_.begin() + static_cast<std::ptrdiff_t>(place));
            units_.erase(units_.begin() + static_cast<std::ptrdiff_t>(place));
        }
        return out;
    }

  private:
    std::vector<AccountId> accounts_;
    std::vector<core::Amount> units_;
    core::Amount total_ = 0;
};

}  // namespace

result<void> check(const RefundRules& rules) {
    if (rules.unit < 1) return fail(errc::invalid_rules, "unit");
    if (rules.units_per_payer == 0 || rules.units_per_payer > largest_rule)
        return fail(errc::invalid_rules, "units_per_payer");
    if (rules.shortest == 0) return fail(errc::invalid_rules, "shortest");
    if (rules.longest < rules.shortest || rules.longest > largest_rule)
        return fail(errc::invalid_rules, "longest");
    return {};
}

result<DummyRefunds> DummyRefunds::create(const core::ChainId& chain, const RefundRules& rules,
                                          core::Epoch epoch) {
    if (const auto checked = check(rules); !checked) return checked.error();
    return DummyRefunds{crypto::chain_digest(chain), rules, epoch};
}

result<void> DummyRefunds::fund(const AccountId& source, core::Amount amount) {
    if (amount < 1) return fail(core::errc::invalid_amount);
    if (amount > core::max_amount - held_ - refunded_) return fail(core::errc::overflow);
    sources_[source] += amount;
    held_ += amount;
    return {};
}

result<void> DummyRefunds::owe(const AccountId& payer, core::Amount cost) {
    if (cost < 1) return fail(core::errc::invalid_amount);
    if (cost > core::max_amount - owed_ - refunded_) return fail(core::errc::overflow);
    unscheduled_[payer] += cost;
    owed_ += cost;
    return {};
}

void DummyRefunds::pay(AccountId source, const Due& due) {
    const auto coins = sources_.find(source);
    if ((coins->second -= rules_.unit) == 0) sources_.erase(coins);
    const auto units = scheduled_.find(due);
    if (--units->second == 0) scheduled_.erase(units);
    held_ -= rules_.unit;
    owed_ -= rules_.unit;
    refunded_ += rules_.unit;
}

result<std::vector<Refund>> DummyRefunds::close(const validation::EpochBeacon& next) {
    if (next.chain() != chain_) return fail(validation::errc::other_chain);
    constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    if (epoch_.value == last || next.epoch() != epoch_ + 1) return fail(errc::epoch_out_of_order);
    if (epoch_.value > last - rules_.longest) return fail(core::errc::overflow);
    crypto::UniformDraws draws{crypto::Hasher{crypto::domain::dummy_refunds}
                                   .update(chain_.view())
                                   .update(next.epoch().value)
                                   .update(next.output().view())
                                   .finish()};
    for (auto at = unscheduled_.begin(); at != unscheduled_.end();) {
        for (std::uint32_t i = 0; i < rules_.units_per_payer && at->second >= rules_.unit; ++i) {
            at->second -= rules_.unit;
            const std::uint64_t delay = rules_.shortest + draws.below(rules_.longest - rules_.shortest + 1);
            ++scheduled_[{epoch_ + delay, at->first}];
        }
        at = at->second == 0 ? unscheduled_.erase(at) : std::next(at);
    }
    ++epoch_;
    // The units that are due, by the place of the last unit of each payer and epoch.
    std::vector<Due> due;
    std::vector<std::uint64_t> ends;
    for (const auto& [when, units] : scheduled_) {
        if (when.first > epoch_) break;
        due.push_back(when);
        ends.push_back((ends.empty() ? 0 : ends.back()) + units);
    }
    if (due.empty()) return std::vector<Refund>{};
    Payers payers{sources_, rules_.unit};
    const auto most = static_cast<std::uint64_t>(std::min<core::Amount>(ends.back(), payers.total()));
    std::vector<Refund> out;
    for (const std::uint64_t place : draws.distinct(ends.back(), most)) {
        const auto end = std::upper_bound(ends.begin(), ends.end(), place);
        const Due& unit = due[static_cast<std::size_t>(end - ends.begin())];
        const auto source = payers.take(draws, unit.second);
        if (!source) continue;
        pay(*source, unit);
        out.push_back({*source, unit.second, rules_.unit});
    }
    return out;
}

core::Amount DummyRefunds::held_from(const AccountId& source) const {
    const auto found = sources_.find(source);
    return found == sources_.end() ? 0 : found->second;
}

core::Amount DummyRefunds::owed_to(const AccountId& payer) const {
    const auto found = unscheduled_.find(payer);
    core::Amount sum = found == unscheduled_.end() ? 0 : found->second;
    for (const auto& [due, units] : scheduled_)
        if (due.second == payer) sum += rules_.unit * units;
    return sum;
}

core::Bytes DummyRefunds::save() const {
    core::Bytes out{refunds_magic.begin(), refunds_magic.end()};
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain_.view());
    append_amount(out, rules_.unit);
    for (const std::uint32_t rule : {rules_.units_per_payer, rules_.shortest, rules_.longest})
        core::append(out, core::to_le(rule));
    core::append(out, core::to_le(epoch_.value));
    append_amount(out, refunded_);
    for (const auto* amounts : {&sources_, &unscheduled_}) {
        core::append(out, core::to_le(static_cast<std::uint32_t>(amounts->size())));
        for (const auto& [account, amount] : *amounts) {
            core::append(out, account.view());
            append_amount(out, amount);
        }
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(scheduled_.size())));
    for (const auto& [due, units] : scheduled_) {
        core::append(out, core::to_le(due.first.value));
        core::append(out, due.second.view());
        core::append(out, core::to_le(units));
    }
    return out;
}

/// Reads a state, part by part.
class DummyRefunds::Restoring {
  public:
    explicit Restoring(core::ByteView data) : reader_{data} {}

    result<DummyRefunds> run() {
        if (const auto done = read_head(); !done) return done.error();
        if (const auto done = read_amounts(out_->sources_, held_); !done) return done.error();
        if (const auto done = read_amounts(out_->unscheduled_, owed_); !done) return done.error();
        if (const auto done = read_scheduled(); !done) return done.error();
        if (!reader_.rest().empty()) return fail(core::errc::trailing_bytes);
        out_->held_ = held_ - out_->refunded_;
        out_->owed_ = owed_ - out_->refunded_;
        return std::move(*out_);
    }

  private:
    result<void> read_head() {
        const core::ByteView magic = reader_.take(refunds_magic.size());
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (!std::equal(magic.begin(), magic.end(), refunds_magic.begin()))
            return fail(core::errc::invalid_magic);
        const auto version = reader_.integer<std::uint32_t>();
        const auto chain = reader_.fixed<core::ChainDigest>();
        RefundRules rules;
        const auto unit = read_amount(reader_);
        rules.units_per_payer = reader_.integer<std::uint32_t>();
        rules.shortest = reader_.integer<std::uint32_t>();
        rules.longest = reader_.integer<std::uint32_t>();
        const core::Epoch epoch = reader_.integer<std::uint64_t>();
        const auto refunded = read_amount(reader_);
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (version != core::spec_version) return fail(core::errc::unsupported_version);
        if (!unit) return unit.error();
        if (!refunded) return refunded.error();
        rules.unit = *unit;
        if (const auto checked = check(rules); !checked) return checked;
        out_ = DummyRefunds{chain, rules, epoch};
        out_->refunded_ = held_ = owed_ = *refunded;
        return {};
    }

    result<std::uint32_t> read_count(std::size_t size) {
        const auto count = reader_.integer<std::uint32_t>();
        if (!reader_.ok()) return fail(core::errc::truncated);
        if (count > reader_.rest().size() / size) return fail(core::errc::count_too_large);
        return count;
    }

    result<void> read_amounts(std::map<AccountId, core::Amount>& to, core::Amount& sum) {
        const auto count = read_count(entry_size);
        if (!count) return count.error();
        for (std::uint32_t i = 0; i < *count; ++i) {
            const auto account = reader_.fixed<AccountId>();
            const auto amount = read_amount(reader_);
            if (!amount) return amount.error();
            if (*amount == 0) return fail(core::errc::non_canonical, "an amount of 0");
            if (!to.empty() && account <= to.rbegin()->first)
                return fail(core::errc::non_canonical, "the accounts descend");
            if (*amount > core::max_amount - sum) return fail(core::errc::overflow);
            sum += *amount;
            to.emplace_hint(to.end(), account, *amount);
        }
        return {};
    }

    result<void> read_scheduled() {
        const auto count = read_count(due_size);
        if (!count) return count.error();
        const RefundRules& rules = out_->rules_;
        auto& scheduled = out_->scheduled_;
        const std::uint64_t most =
            std::uint64_t{rules.units_per_payer} * (rules.longest - rules.shortest + 1);
        for (std::uint32_t i = 0; i < *count; ++i) {
            const core::Epoch epoch = reader_.integer<std::uint64_t>();
            const auto payer = reader_.fixed<AccountId>();
            const auto units = reader_.integer<std::uint64_t>();
            if (units == 0 || units > most) return fail(core::errc::non_canonical, "units");
            // The last drawing was in the epoch before.
            if (epoch > out_->epoch_ && epoch - out_->epoch_ >= rules.longest)
                return fail(core::errc::non_canonical, "an epoch that no unit is drawn for");
            const Due due{epoch, payer};
            if (!scheduled.empty() && due <= scheduled.rbegin()->first)
                return fail(core::errc::non_canonical, "the units descend");
            const auto amount =
                core::checked_multiply(static_cast<core::uint128>(rules.unit), core::uint128{units});
            if (!amount || *amount > static_cast<core::uint128>(core::max_amount - owed_))
                return fail(core::errc::overflow);
            owed_ += static_cast<core::Amount>(*amount);
            scheduled.emplace_hint(scheduled.end(), due, units);
        }
        return {};
    }

    core::Reader reader_;
    std::optional<DummyRefunds> out_;
    core::Amount held_ = 0;  // and refunded
    core::Amount owed_ = 0;  // and refunded
};

result<DummyRefunds> DummyRefunds::restore(core::ByteView data) { return Restoring{data}.run(); }

}  // namespace pouw::inline v1::economics
