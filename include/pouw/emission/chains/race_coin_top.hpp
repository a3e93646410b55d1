/// The additional reward of Race Coin: 120 million coins to the first top providers, over four years. When a
/// top provider leaves, the next eligible one takes over what is left of its seat.
///
/// The paper gives the sum, the four years and the succession. The number of seats (3), the yearly payouts
/// (12 in all) and the allowed failure (10% of a year) are those of the public code.
/// Source: White paper, Appendix E.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/export.hpp"
#include "pouw/core/state.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/vesting.hpp"

#include <algorithm>
#include <concepts>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pouw::inline v1::emission::race_coin {

/// A candidate for a seat, in the present state of the chain.
template <std::equality_comparable Id>
struct POUW_API Candidate {
    Id id;
    bool eligible = false;  // commits at least 1,000 A100 GPUs or their like: the chain judges it
};

/// An id that a saved state can contain: a `core::FixedBytes`, as `core::NodeId` is.
template <typename Id>
concept StorableId = std::totally_ordered<Id> && requires(const Id& id) {
    { Id::from(core::ByteView{id.view()}) } -> std::same_as<core::result<Id>>;
    { Id::size } -> std::convertible_to<std::size_t>;
};

/// The seats of the top providers and their payouts.
template <std::equality_comparable Id>
class POUW_API TopProviders {
  public:
    struct Params {
        std::int64_t total = top_provider_reward;   // nano, >= 0
        std::uint32_t seats = 3;                    // >= 1
        std::uint32_t payouts_per_seat = 4;         // >= 1
        std::uint64_t period = 31'536'000;          // seconds of service a payout, >= 1
        std::uint64_t allowed_failure = 3'153'600;  // seconds of it without eligibility

        friend constexpr bool operator==(const Params&, const Params&) = default;
    };
    struct Payout {
        Id id;
        std::int64_t amount = 0;  // nano

        friend constexpr bool operator==(const Payout&, const Payout&) = default;
    };

    /// The empty seats at the time `now`, in seconds.
    /// Errors: errc::invalid_schedule for parameters out of range or more than 10,000 payouts.
    [[nodiscard]] static core::result<TopProviders> create(const Params& params, std::uint64_t now) {
        if (!is_valid(params)) return core::fail(errc::invalid_schedule);
        return TopProviders{params, now};
    }

    /// Moves to the time `now`. `candidates` lists the candidates, unchanged since the last call, the best
    /// first, as the chain ranks them.
    ///  1. A holder that is not eligible misses the time since the last call. Beyond the allowed failure it
    ///     loses its seat, and the time that it served since its last payout.
    ///  2. A holder that served a whole period receives the next payout of the seat, and its failures are
    ///     forgotten.
    ///  3. A seat without a holder goes to the first eligible candidate that has none, with the payouts left.
    /// Payouts are differences of the cumulative floor, so that together they are exactly `total`.
    /// Errors: errc::time_reversed when `now` is before the time of the last call.
    [[nodiscard]] core::result<std::vector<Payout>> advance(std::uint64_t now,
                                                            std::span<const Candidate<Id>> candidates) {
        if (now < now_) return core::fail(errc::time_reversed);
        std::vector<Payout> out;
        for (Seat& seat : seats_) {
            if (!seat.holder) continue;
            if (!is_eligible(*seat.holder, candidates)) seat.missed += now - now_;
            if (seat.missed > params_.allowed_failure) {
                seat.holder.reset();
                seat.since = seat.missed = 0;
                continue;
            }
            while (seat.paid < params_.payouts_per_seat && now - seat.since >= params_.period) {
                out.push_back({*seat.holder, next_payout()});
                seat.since += params_.period;
                seat.missed = 0;
                ++seat.paid;
            }
        }
        now_ = now;
        for (Seat& seat : seats_)
            if (!seat.holder && seat.paid < params_.payouts_per_seat) seat_next(seat, candidates);
        return out;
    }

    /// The amount paid so far, in nano.
    [[nodiscard]] std::int64_t paid() const {
        return emission::detail::fraction_of(params_.total, payouts_, payouts());
    }
    /// The number of payouts in all.
    [[nodiscard]] std::uint64_t payouts() const noexcept {
        return std::uint64_t{params_.seats} * params_.payouts_per_seat;
    }
    /// The holder of a seat; nothing while it is empty.
    /// Expects: `seat < seats`.
    [[nodiscard]] const std::optional<Id>& holder(std::size_t seat) const {
        POUW_EXPECTS(seat < seats_.size());
        return seats_[seat].holder;
    }
    [[nodiscard]] const Params& params() const noexcept { return params_; }

    /// The whole state, the parameters included.
    [[nodiscard]] core::Bytes save() const requires StorableId<Id> {
        core::Bytes out = core::start_state(state_magic);
        core::append(out, core::to_le(params_.total));
        core::append(out, core::to_le(params_.seats));
        core::append(out, core::to_le(params_.payouts_per_seat));
        core::append(out, core::to_le(params_.period));
        core::append(out, core::to_le(params_.allowed_failure));
        core::append(out, core::to_le(now_));
        for (const Seat& seat : seats_) {
            core::append(out, core::to_le(seat.paid));
            out.push_back(seat.holder ? 1 : 0);
            if (!seat.holder) continue;
            core::append(out, seat.holder->view());
            core::append(out, core::to_le(seat.since));
            core::append(out, core::to_le(seat.missed));
        }
        return out;
    }
    /// Restores a state that `save` gave.
    /// Errors: core::errc::truncated, core::errc::trailing_bytes, core::errc::invalid_magic,
    ///     core::errc::unsupported_version; errc::invalid_schedule for parameters out of range;
    ///     core::errc::count_too_large for more seats than the bytes can hold; core::errc::non_canonical
    ///     unless a seat has one holder or none; core::errc::inconsistent_state for a node with two seats,
    ///     for more payouts than a seat has or than the time allows, for a payout or the loss of a seat that
    ///     is due, and for a service that begins after the present.
    /// Cost: a sort of the seats.
    [[nodiscard]] static core::result<TopProviders> restore(core::ByteView data) requires StorableId<Id> {
        core::Reader reader{data};
        if (const auto start = core::take_state_start(reader, state_magic); !start) return start.error();
        Params params;
        params.total = core::take_signed<std::int64_t>(reader);
        params.seats = reader.integer<std::uint32_t>();
        params.payouts_per_seat = reader.integer<std::uint32_t>();
        params.period = reader.integer<std::uint64_t>();
        params.allowed_failure = reader.integer<std::uint64_t>();
        const auto now = reader.integer<std::uint64_t>();
        if (!reader.ok()) return core::fail(core::errc::truncated);
        if (!is_valid(params)) return core::fail(errc::invalid_schedule);
        if (params.seats > reader.rest().size() / empty_seat_size)
            return core::fail(core::errc::count_too_large);
        TopProviders out{params, now};
        for (Seat& seat : out.seats_) {
            if (const auto taken = take_seat(reader, seat); !taken) return taken.error();
            if (!out.is_possible(seat)) return core::fail(core::errc::inconsistent_state, "a seat");
            out.payouts_ += seat.paid;
        }
        if (const auto end = core::check_state_end(reader); !end) return end.error();
        if (out.somebody_has_two_seats())
            return core::fail(core::errc::inconsistent_state, "a node with two seats");
        return out;
    }

    friend bool operator==(const TopProviders&, const TopProviders&) = default;

  private:
    static constexpr std::string_view state_magic = "pouwtop1";
    static constexpr std::size_t empty_seat_size = 4 + 1;  // payouts ‖ whether somebody holds it

    struct Seat {
        std::optional<Id> holder;
        std::uint64_t since = 0;   // start of the service not yet paid
        std::uint64_t missed = 0;  // of it, seconds without eligibility
        std::uint32_t paid = 0;    // payouts, of all its holders

        friend bool operator==(const Seat&, const Seat&) = default;
    };

    TopProviders(const Params& params, std::uint64_t now)
        : params_{params}, now_{now}, seats_(params.seats) {}

    [[nodiscard]] static bool is_valid(const Params& params) {
        return params.total >= 0 && params.seats >= 1 && params.payouts_per_seat >= 1 && params.period >= 1 &&
               params.seats <= 10'000 / params.payouts_per_seat;
    }
    [[nodiscard]] static core::result<void> take_seat(core::Reader& reader, Seat& seat) {
        seat.paid = reader.integer<std::uint32_t>();
        const auto holders = reader.integer<std::uint8_t>();
        if (holders > 1) return core::fail(core::errc::non_canonical, "holders of a seat");
        if (holders == 1) {
            seat.holder = reader.fixed<Id>();
            seat.since = reader.integer<std::uint64_t>();
            seat.missed = reader.integer<std::uint64_t>();
        }
        if (!reader.ok()) return core::fail(core::errc::truncated);
        return {};
    }
    /// Whether a call at the present time can leave this seat. Each payout took a period of service, one
    /// after the other, and the holder's service came after all of them.
    [[nodiscard]] bool is_possible(const Seat& seat) const {
        if (seat.paid > params_.payouts_per_seat) return false;
        const core::uint128 served = core::uint128{seat.paid} * params_.period;
        if (!seat.holder) return served <= now_;
        const bool is_paid = seat.paid == params_.payouts_per_seat;
        return served <= seat.since && seat.since <= now_ && seat.missed <= now_ - seat.since &&
               seat.missed <= params_.allowed_failure && (is_paid || now_ - seat.since < params_.period);
    }
    [[nodiscard]] bool somebody_has_two_seats() const {
        std::vector<Id> holders;
        for (const Seat& seat : seats_)
            if (seat.holder) holders.push_back(*seat.holder);
        std::sort(holders.begin(), holders.end());
        return std::adjacent_find(holders.begin(), holders.end()) != holders.end();
    }
    [[nodiscard]] static bool is_eligible(const Id& id, std::span<const Candidate<Id>> candidates) {
        for (const auto& c : candidates)
            if (c.id == id) return c.eligible;
        return false;
    }
    [[nodiscard]] bool holds_a_seat(const Id& id) const {
        for (const Seat& seat : seats_)
            if (seat.holder == id) return true;
        return false;
    }
    void seat_next(Seat& seat, std::span<const Candidate<Id>> candidates) {
        for (const auto& c : candidates) {
            if (!c.eligible || holds_a_seat(c.id)) continue;
            seat.holder = c.id;
            seat.since = now_;
            seat.missed = 0;
            return;
        }
    }
    std::int64_t next_payout() {
        const std::int64_t before = paid();
        ++payouts_;
        return paid() - before;
    }

    Params params_;
    std::uint64_t now_;
    std::uint64_t payouts_ = 0;
    std::vector<Seat> seats_;
};

}  // namespace pouw::inline v1::emission::race_coin
