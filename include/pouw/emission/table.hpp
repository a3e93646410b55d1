/// A schedule written as a table: each row begins at a step and has a constant reward or one that halves.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/emission/errc.hpp"
#include "pouw/emission/halving.hpp"

#include <array>
#include <cstddef>

namespace pouw::inline v1::emission {

/// A row of a table: the reward from the step `first` on, until the next row begins.
template <AmountType Amount>
struct POUW_API TableRow {
    Step first = 0;             // the first row's is 0
    Amount reward = 0;          // base units a step at `first`, >= 0
    Step halving_interval = 0;  // steps between halvings, counted from `first`; 0: constant
};

/// A schedule of `Rows` rows. The last row never ends: give it a halving interval or the reward 0, unless
/// 2^64 - 1 of its rewards fit the amount.
template <AmountType AmountT, std::size_t Rows>
requires(Rows >= 1) class POUW_API TableSchedule {
  public:
    using Amount = AmountT;
    using Table = std::array<TableRow<Amount>, Rows>;

    /// The schedule of a table.
    /// Errors: errc::invalid_schedule when the rows do not start at 0, do not ascend strictly or have a
    ///     negative reward; errc::supply_overflow when the total does not fit the amount.
    [[nodiscard]] static constexpr core::result<TableSchedule> create(const Table& table) {
        if (table[0].first != 0) return core::fail(errc::invalid_schedule, "no row for the step 0");
        TableSchedule out{table};
        for (std::size_t i = 0; i < Rows; ++i) {
            const TableRow<Amount>& row = table[i];
            if (row.reward < 0) return core::fail(errc::invalid_schedule, "a negative reward");
            if (i + 1 < Rows && table[i + 1].first <= row.first)
                return core::fail(errc::invalid_schedule, "rows that do not ascend");
            const Step end = i + 1 < Rows ? table[i + 1].first : std::numeric_limits<Step>::max();
            const auto part = to_amount<Amount>(sum(row, end - row.first));
            if (!part || max_amount<Amount> - *part < out.issued_[i])
                return core::fail(errc::supply_overflow);
            out.issued_[i + 1] = out.issued_[i] + *part;
            if (i + 1 < Rows) {
                const Step halvings =
                    row.halving_interval == 0 ? 0 : (end - row.first - 1) / row.halving_interval;
                out.phases_[i + 1] = out.phases_[i] + halvings + 1;
            }
        }
        return out;
    }

    [[nodiscard]] constexpr Amount reward(Step h) const noexcept {
        const TableRow<Amount>& row = table_[index(h)];
        return row.halving_interval == 0 ? row.reward
                                         : detail::halved(row.reward, (h - row.first) / row.halving_interval);
    }
    /// The amount issued before the step `h`.
    /// Cost: O(log Rows).
    [[nodiscard]] constexpr Amount cumulative(Step h) const noexcept {
        const std::size_t i = index(h);
        return issued_[i] + static_cast<Amount>(sum(table_[i], h - table_[i].first).low);
    }
    [[nodiscard]] constexpr Amount total() const noexcept { return issued_[Rows]; }
    /// The number of rows and halvings before `h`.
    [[nodiscard]] constexpr std::uint64_t phase(Step h) const noexcept {
        const std::size_t i = index(h);
        const Step interval = table_[i].halving_interval;
        return phases_[i] + (interval == 0 ? 0 : (h - table_[i].first) / interval);
    }

    [[nodiscard]] constexpr const Table& table() const noexcept { return table_; }

  private:
    constexpr explicit TableSchedule(const Table& table) noexcept : table_{table} {}

    [[nodiscard]] static constexpr core::uint256 sum(const TableRow<Amount>& row, Step count) {
        if (row.halving_interval == 0) return core::multiply(static_cast<core::uint128>(row.reward), count);
        return detail::sum_of_halving(row.reward, row.halving_interval, count);
    }
    [[nodiscard]] constexpr std::size_t index(Step h) const noexcept {
        std::size_t low = 0;
        std::size_t high = Rows;
        while (high - low > 1) {
            const std::size_t middle = (low + high) / 2;
            (table_[middle].first <= h ? low : high) = middle;
        }
        return low;
    }

    Table table_;
    std::array<Amount, Rows + 1> issued_{};  // before each row, and the total
    std::array<std::uint64_t, Rows> phases_{};
};

}  // namespace pouw::inline v1::emission
