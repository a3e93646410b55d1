// The saved state of a settlement: docs/spec/economics.md section 8.
#include "pouw/core/checked.hpp"
#include "pouw/core/state.hpp"
#include "pouw/economics/settlement.hpp"
#include "pouw/weights/errc.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view settlement_magic = "pouwset1";
// node ‖ weight ‖ whether it is unregistered ‖ 4 amounts ‖ 2 sums ‖ 7 counts
constexpr std::size_t account_size = core::NodeId::size + 8 + 1 + 4 * 16 + 2 * 16 + 7 * 8;
constexpr std::size_t conviction_size = core::NodeId::size + 1 + core::EvidenceDigest::size + 8;
// place ‖ 2 counts ‖ amount ‖ evidence ‖ height ‖ whether there is a reporter
constexpr std::size_t least_false_results_size = 4 + 2 * 8 + 16 + core::EvidenceDigest::size + 8 + 1;

/// In lowest terms, so that equal rules have equal bytes.
void append(core::Bytes& out, const core::Fraction& fraction) {
    core::append(out, core::to_le(fraction.reduced().numerator));
    core::append(out, core::to_le(fraction.reduced().denominator));
}

void append(core::Bytes& out, const Rules& rules) {
    for (const core::Rate rate : {rules.training.lowest(), rules.training.highest(), rules.training.rate(),
                                  rules.work_tolerance, rules.check_tolerance, rules.vote_tolerance})
        core::append(out, core::to_le(rate.ppm()));
    out.push_back(static_cast<std::uint8_t>(rules.conviction.index()));
    if (const auto* fixed = std::get_if<FixedCount>(&rules.conviction)) {
        core::append(out, core::to_le(fixed->tolerated));
    } else {
        const auto& test = std::get<judgement::EpochRule>(rules.conviction);
        append(out, test.honest_rate);
        append(out, test.significance);
    }
    core::append(out, core::to_le(rules.false_result_fine));
    for (const core::Rate rate : {rules.reporter_share, rules.bounty_share, rules.bounty_cap})
        core::append(out, core::to_le(rate.ppm()));
    core::append(out, core::to_le(rules.report_deposit));
}

/// Takes what is there or not: a byte of 0 or 1.
core::result<bool> take_flag(core::Reader& reader) {
    const auto flag = reader.integer<std::uint8_t>();
    if (flag > 1) return core::fail(core::errc::non_canonical, "a flag");
    return flag == 1;
}

core::result<core::Fraction> take_fraction(core::Reader& reader) {
    const auto numerator = reader.integer<std::uint64_t>();
    const auto denominator = reader.integer<std::uint64_t>();
    if (!reader.ok()) return core::fail(core::errc::truncated, "a fraction");
    const auto out = core::Fraction::create(numerator, denominator);
    if (out && out->reduced().denominator != denominator)
        return core::fail(core::errc::non_canonical, "a fraction that is not in lowest terms");
    return out;
}

core::result<ConvictionRule> take_conviction_rule(core::Reader& reader) {
    const auto is_test = take_flag(reader);
    if (!is_test) return is_test.error();
    if (!*is_test) return ConvictionRule{FixedCount{reader.integer<std::uint32_t>()}};
    const auto honest_rate = take_fraction(reader);
    if (!honest_rate) return honest_rate.error();
    const auto significance = take_fraction(reader);
    if (!significance) return significance.error();
    return ConvictionRule{judgement::EpochRule{*honest_rate, *significance}};
}

core::result<void> take_rates(core::Reader& reader, std::span<core::Rate* const> rates) {
    for (core::Rate* const rate : rates) {
        const auto taken = core::Rate::create(reader.integer<std::uint32_t>());
        if (!taken) return taken.error();
        *rate = *taken;
    }
    return {};
}

core::result<Rules> take_rules(core::Reader& reader) {
    Rules out;
    core::Rate lowest, highest, training;
    const std::array first{
        &lowest, &highest, &training, &out.work_tolerance, &out.check_tolerance, &out.vote_tolerance};
    if (const auto taken = take_rates(reader, first); !taken) return taken.error();
    const auto rule = take_conviction_rule(reader);
    if (!rule) return rule.error();
    out.conviction = *rule;
    out.false_result_fine = reader.integer<std::uint32_t>();
    const std::array second{&out.reporter_share, &out.bounty_share, &out.bounty_cap};
    if (const auto taken = take_rates(reader, second); !taken) return taken.error();
    out.report_deposit = core::take_signed<core::Amount>(reader);
    if (!reader.ok()) return core::fail(core::errc::truncated, "the rules");
    const auto share = TrainingShare::create(lowest, highest, training);
    if (!share) return share.error();
    out.training = *share;
    if (const auto checked = check(out); !checked) return checked.error();
    return out;
}

}  // namespace

/// Writes and reads the parts of a state, and checks that they fit together.
class Settlement::State {
  public:
    static void append_account(core::Bytes& out, const core::NodeId& node, const Account& a) {
        core::append(out, node.view());
        core::append(out, core::to_le(a.weight));
        out.push_back(a.unregistered ? 1 : 0);
        for (const core::Amount amount : {a.executed, a.checked, a.judged, a.charges_checked})
            core::append(out, core::to_le(amount));
        for (const core::uint128 sum : {a.work, a.bounty_weight}) core::append(out, core::to_le(sum));
        for (const std::uint64_t count : {a.tasks_due, a.tasks_done, a.checks_due, a.checks_done,
                                          a.results_checked, a.votes_done, a.votes_on_own})
            core::append(out, core::to_le(count));
    }

    static void append_false_results(core::Bytes& out, std::uint32_t place, const FalseResults& f) {
        core::append(out, core::to_le(place));
        core::append(out, core::to_le(f.all));
        core::append(out, core::to_le(f.found));
        core::append(out, core::to_le(f.charges_found));
        core::append(out, f.evidence.view());
        core::append(out, core::to_le(f.height.value));
        out.push_back(f.reporter ? 1 : 0);
        if (f.reporter) core::append(out, f.reporter->view());
    }

    State(core::Reader& reader, Settlement& settlement) : reader_{reader}, s_{settlement} {}

    [[nodiscard]] core::result<void> take_sums() {
        const auto started = take_flag(reader_);
        if (!started) return started.error();
        s_.started_ = *started;
        if (s_.started_) s_.last_ = reader_.fixed<core::TaskId>();
        for (core::Amount* const amount : {&s_.paid_in_, &s_.paid_to_requesters_, &s_.fees_}) {
            *amount = core::take_signed<core::Amount>(reader_);
            if (*amount < 0) return core::fail(core::errc::invalid_amount);
        }
        s_.votes_held_ = reader_.integer<std::uint64_t>();
        s_.training_ = core::part_rounded_down(s_.rules_.training.rate(), s_.fees_);
        return {};
    }

    [[nodiscard]] core::result<void> take_accounts() {
        const auto count = core::take_count(reader_, account_size);
        if (!count) return count.error();
        if (*count >= NodePlaces::none) return core::fail(core::errc::overflow, "too many nodes");
        std::vector<core::NodeId> ids;
        ids.reserve(*count);
        s_.accounts_.reserve(*count);
        std::uint64_t total = 0;
        for (std::uint32_t i = 0; i < *count; ++i) {
            const auto node = reader_.fixed<core::NodeId>();
            if (i > 0 && node == ids.back()) return core::fail(weights::errc::duplicate_node);
            if (i > 0 && node < ids.back()) return core::fail(core::errc::non_canonical, "the nodes descend");
            ids.push_back(node);
            if (const auto taken = take_account(s_.accounts_.emplace_back()); !taken) return taken;
            const auto sum = core::checked_add(total, s_.accounts_.back().weight);
            if (!sum) return core::fail(core::errc::overflow, "the sum of the weights");
            total = *sum;
        }
        s_.places_ = NodePlaces{std::move(ids)};
        return {};
    }

    [[nodiscard]] core::result<void> take_convictions() {
        const auto count = core::take_count(reader_, conviction_size);
        if (!count) return count.error();
        for (std::uint32_t i = 0; i < *count; ++i) {
            core::Conviction conviction;
            conviction.node = reader_.fixed<core::NodeId>();
            const auto ground = reader_.integer<std::uint8_t>();
            conviction.ground = core::Ground{ground};
            conviction.evidence = reader_.fixed<core::EvidenceDigest>();
            conviction.height = reader_.integer<std::uint64_t>();
            if (ground < static_cast<std::uint8_t>(core::Ground::false_nonce) ||
                ground > static_cast<std::uint8_t>(core::Ground::conflicting_blocks))
                return core::fail(core::errc::non_canonical, "an unknown ground");
            const std::size_t before = s_.convicted_.size();
            if (const auto taken = take_conviction(conviction); !taken) return taken;
            if (s_.convicted_.size() == before)
                return core::fail(core::errc::inconsistent_state, "a node is convicted twice");
        }
        return {};
    }

    [[nodiscard]] core::result<void> take_all_false_results() {
        const auto count = core::take_count(reader_, least_false_results_size);
        if (!count) return count.error();
        for (std::uint32_t i = 0; i < *count; ++i) {
            const auto place = reader_.integer<std::uint32_t>();
            const auto results = take_false_results();
            if (!results) return results.error();
            if (!s_.false_results_.empty() && place <= s_.false_results_.rbegin()->first)
                return core::fail(core::errc::non_canonical, "the false results descend");
            if (place >= s_.accounts_.size()) return core::fail(errc::unknown_node, "of false results");
            s_.false_results_.emplace(place, *results);
        }
        return {};
    }

    /// Checks that all coins are somewhere, and that some tasks lead to these counts.
    [[nodiscard]] core::result<void> check_whole() {
        core::uint128 earned = static_cast<core::uint128>(s_.training_);
        core::uint128 judged = 0;
        core::uint128 votes = 0;
        for (std::uint32_t i = 0; i < s_.accounts_.size(); ++i) {
            const Account& a = s_.accounts_[i];
            for (const core::Amount amount : {a.executed, a.checked, a.judged}) {
                const auto sum = core::checked_add(earned, static_cast<core::uint128>(amount));
                if (!sum) return core::fail(core::errc::overflow, "the coins of the epoch");
                earned = *sum;
            }
            judged += static_cast<core::uint128>(a.judged);
            votes += a.votes_on_own;
            const auto work = core::checked_add(s_.work_, a.work);
            if (!work || *work > static_cast<core::uint128>(core::max_amount))
                return core::fail(core::errc::overflow, "the work of the epoch");
            s_.work_ = *work;
            if (!is_possible(i)) return core::fail(core::errc::inconsistent_state, "an account");
        }
        const auto fees = static_cast<core::uint128>(s_.fees_);
        const auto paid_in = static_cast<core::uint128>(s_.paid_in_);
        // Only a ruling moves fees to those who judge.
        if (earned > paid_in || paid_in - earned != static_cast<core::uint128>(s_.paid_to_requesters_) ||
            fees < earned - judged || fees > earned)
            return core::fail(core::errc::inconsistent_state, "the coins");
        if (votes != s_.votes_held_) return core::fail(core::errc::inconsistent_state, "the votes");
        if (s_.work_ > 0 && s_.fees_ == 0) return core::fail(core::errc::inconsistent_state, "the work");
        if (!s_.started_ && (s_.paid_in_ > 0 || s_.votes_held_ > 0))
            return core::fail(core::errc::inconsistent_state, "the tasks");
        return {};
    }

  private:
    [[nodiscard]] core::result<void> take_account(Account& a) {
        a.weight = reader_.integer<std::uint64_t>();
        const auto unregistered = take_flag(reader_);
        if (!unregistered) return unregistered.error();
        a.unregistered = *unregistered;
        for (core::Amount* const amount : {&a.executed, &a.checked, &a.judged, &a.charges_checked}) {
            *amount = core::take_signed<core::Amount>(reader_);
            if (*amount < 0) return core::fail(core::errc::invalid_amount);
        }
        for (core::uint128* const sum : {&a.work, &a.bounty_weight}) *sum = reader_.integer<core::uint128>();
        for (std::uint64_t* const count : {&a.tasks_due, &a.tasks_done, &a.checks_due, &a.checks_done,
                                           &a.results_checked, &a.votes_done, &a.votes_on_own})
            *count = reader_.integer<std::uint64_t>();
        return {};
    }

    /// A conviction for a planted result has the height of its task, which no block of the epoch bounds.
    [[nodiscard]] core::result<void> take_conviction(const core::Conviction& conviction) {
        if (conviction.ground != core::Ground::passed_false_result) return s_.apply(conviction);
        const std::uint32_t place = s_.places_.find(conviction.node);
        if (place == NodePlaces::none) return core::fail(errc::unknown_node);
        s_.convict(place, conviction);
        return {};
    }

    [[nodiscard]] core::result<FalseResults> take_false_results() {
        FalseResults out;
        out.all = reader_.integer<std::uint64_t>();
        out.found = reader_.integer<std::uint64_t>();
        out.charges_found = core::take_signed<core::Amount>(reader_);
        out.evidence = reader_.fixed<core::EvidenceDigest>();
        out.height = reader_.integer<std::uint64_t>();
        const auto reported = take_flag(reader_);
        if (!reported) return reported.error();
        if (*reported) out.reporter = reader_.fixed<AccountId>();
        if (!reader_.ok()) return core::fail(core::errc::truncated, "false results");
        if (out.charges_found < 0) return core::fail(core::errc::invalid_amount);
        // What no check found was reported.
        if (out.all == 0 || out.found > out.all || (out.found < out.all) != *reported ||
            (out.found == 0 && out.charges_found > 0))
            return core::fail(core::errc::inconsistent_state, "false results");
        return out;
    }

    /// Whether some tasks lead to the account of a node.
    [[nodiscard]] bool is_possible(std::uint32_t place) const {
        const Account& a = s_.accounts_[place];
        const auto found = s_.false_results_.find(place);
        const FalseResults none;
        const FalseResults& f = found == s_.false_results_.end() ? none : found->second;
        constexpr std::uint64_t most = UINT64_MAX / 2;  // so that the tasks to come can be counted
        if (a.tasks_due > most || a.checks_due > most || s_.votes_held_ > most) return false;
        if (!s_.started_ && (a.tasks_due > 0 || a.checks_due > (a.unregistered ? 1u : 0u))) return false;
        const bool results = a.tasks_done <= a.tasks_due && f.all <= a.tasks_due - a.tasks_done &&
                             a.results_checked >= f.found && a.charges_checked >= f.charges_found &&
                             a.results_checked - f.found <= a.tasks_done + (f.all - f.found);
        const bool charges =
            a.charges_checked <= s_.paid_in_ && (a.results_checked > 0 || a.charges_checked == 0);
        if (!results || !charges || a.checks_done > a.checks_due) return false;
        const bool votes = a.votes_on_own <= s_.votes_held_ && f.all <= a.votes_on_own &&
                           a.votes_on_own - f.all <= a.tasks_done &&
                           a.votes_done <= s_.votes_held_ - a.votes_on_own;
        if (!votes) return false;
        if (a.unregistered && (a.weight == 0 || a.checks_due != 1 || a.checks_done != 0 || a.checked != 0))
            return false;
        if (a.weight == 0)
            return a.checks_due == 0 && a.votes_done == 0 && a.checked == 0 && a.judged == 0 &&
                   a.bounty_weight == 0;
        return a.bounty_weight % a.weight == 0 && a.bounty_weight / a.weight <= a.votes_done;
    }

    core::Reader& reader_;
    Settlement& s_;
};

core::Bytes Settlement::save() const {
    core::Bytes out = core::start_state(settlement_magic);
    core::append(out, core::to_le(epoch_.value));
    append(out, rules_);
    out.push_back(heights_ ? 1 : 0);
    if (heights_) {
        core::append(out, core::to_le(heights_->first.value));
        core::append(out, core::to_le(heights_->last.value));
    }
    out.push_back(started_ ? 1 : 0);
    if (started_) core::append(out, last_.view());
    for (const core::Amount amount : {paid_in_, paid_to_requesters_, fees_})
        core::append(out, core::to_le(amount));
    core::append(out, core::to_le(votes_held_));
    out.reserve(out.size() + accounts_.size() * account_size + 4);
    core::append(out, core::to_le(static_cast<std::uint32_t>(accounts_.size())));
    for (std::size_t i = 0; i < accounts_.size(); ++i)
        State::append_account(out, places_.nodes()[i], accounts_[i]);
    core::append(out, core::to_le(static_cast<std::uint32_t>(convicted_.size())));
    for (const Convicted& convicted : convicted_) {
        core::append(out, convicted.conviction.node.view());
        out.push_back(static_cast<std::uint8_t>(convicted.conviction.ground));
        core::append(out, convicted.conviction.evidence.view());
        core::append(out, core::to_le(convicted.conviction.height.value));
    }
    core::append(out, core::to_le(static_cast<std::uint32_t>(false_results_.size())));
    for (const auto& [place, results] : false_results_) State::append_false_results(out, place, results);
    return out;
}

core::result<Settlement> Settlement::restore(core::ByteView data) {
    core::Reader reader{data};
    if (const auto start = core::take_state_start(reader, settlement_magic); !start) return start.error();
    const core::Epoch epoch = reader.integer<std::uint64_t>();
    const auto rules = take_rules(reader);
    if (!rules) return rules.error();
    const auto has_heights = take_flag(reader);
    if (!has_heights) return has_heights.error();
    std::optional<HeightRange> heights;
    if (*has_heights) {
        const core::Height first = reader.integer<std::uint64_t>();
        heights = {first, reader.integer<std::uint64_t>()};
    }
    Settlement out{epoch, *rules, heights};
    State state{reader, out};
    if (const auto taken = state.take_sums(); !taken) return taken.error();
    if (const auto taken = state.take_accounts(); !taken) return taken.error();
    if (const auto taken = state.take_convictions(); !taken) return taken.error();
    if (const auto taken = state.take_all_false_results(); !taken) return taken.error();
    if (const auto end = core::check_state_end(reader); !end) return end.error();
    if (const auto whole = state.check_whole(); !whole) return whole.error();
    return out;
}

// The places of the task that was taken last are no part of the state.
bool operator==(const Settlement& a, const Settlement& b) {
    const auto parts = [](const Settlement& s) {
        return std::tie(s.epoch_, s.rules_, s.heights_, s.accounts_, s.convicted_, s.false_results_,
                        s.votes_held_, s.last_, s.started_, s.paid_in_, s.paid_to_requesters_, s.fees_,
                        s.training_, s.work_);
    };
    return std::ranges::equal(a.nodes(), b.nodes()) && parts(a) == parts(b);
}

}  // namespace pouw::inline v1::economics
