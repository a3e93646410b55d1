/// A reader of saved states (core/state.hpp) that keeps the first fault.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/state.hpp"

#include <limits>
#include <optional>
#include <string_view>

namespace pouw::inline v1::economics {

/// A reader of untrusted bytes that keeps the first fault. After it every read yields zeros.
class StateReader {
  public:
    explicit StateReader(core::ByteView data) noexcept : reader_{data} {}

    void start(std::string_view magic) { require(core::take_state_start(reader_, magic)); }
    template <typename Unsigned>
    [[nodiscard]] Unsigned integer() {
        if (fault_) return 0;
        const auto value = reader_.integer<Unsigned>();
        if (!reader_.ok()) refuse(core::errc::truncated);
        return value;
    }
    template <typename Fixed>
    [[nodiscard]] Fixed fixed() {
        if (fault_) return {};
        const auto value = reader_.fixed<Fixed>();
        if (!reader_.ok()) refuse(core::errc::truncated);
        return value;
    }
    [[nodiscard]] core::Amount amount(core::Amount lowest = 0) {
        const auto value = integer<core::uint128>();
        const bool fits = value <= static_cast<core::uint128>(core::max_amount);
        require(fits && value >= static_cast<core::uint128>(lowest), core::errc::invalid_amount);
        return ok() ? static_cast<core::Amount>(value) : 0;
    }
    [[nodiscard]] core::Rate rate() {
        const auto rate = core::Rate::create(integer<std::uint32_t>());
        require(rate.has_value(), core::errc::rate_above_one);
        return rate.value_or(core::Rate{});
    }
    [[nodiscard]] bool flag() {
        const auto value = integer<std::uint8_t>();
        require(value <= 1, core::errc::non_canonical);
        return ok() && value == 1;
    }
    /// A number of entries of at least `size` bytes each, at most `most`.
    [[nodiscard]] std::size_t count(std::size_t size,
                                    std::size_t most = std::numeric_limits<std::uint32_t>::max()) {
        const std::size_t count = integer<std::uint32_t>();
        require(count <= most && count <= reader_.rest().size() / size, core::errc::count_too_large);
        return ok() ? count : 0;
    }
    void end() { require(reader_.rest().empty(), core::errc::trailing_bytes); }

    /// Keeps the fault unless the condition holds or there was another fault before.
    template <typename Code>
    void require(bool holds, Code code) {
        if (!holds && !fault_) refuse(code);
    }
    void require(const core::result<void>& holds) {
        if (!holds && !fault_) fault_ = holds.error();
    }

    [[nodiscard]] bool ok() const noexcept { return !fault_; }
    /// Expects: `!ok()`.
    [[nodiscard]] const core::error& fault() const { return *fault_; }

  private:
    template <typename Code>
    void refuse(Code code) {
        fault_ = core::fail(code);
    }

    core::Reader reader_;
    std::optional<core::error> fault_;
};

}  // namespace pouw::inline v1::economics
