/// Errors as values: `result<T>`.
///
/// What comes from outside (network, files, users) and is wrong becomes an `error`. What a caller does wrong
/// is a contract (GSL `Expects`) and ends the program. `result` has the member names of C++23
/// `std::expected`.
#pragma once

#include "pouw/core/errc.hpp"

#include <fmt/format.h>
#include <gsl/gsl>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pouw::core {

/// A code and where it arose. `detail` always views a string literal, so an error is copied for free.
struct error {
    errc code;
    std::string_view detail{};

    friend constexpr bool operator==(const error&, const error&) = default;
};

/// One line for people: the message, and the detail where there is one.
[[nodiscard]] inline std::string describe(const error& e) {
    return e.detail.empty() ? std::string{message(e.code)} : fmt::format("{}: {}", message(e.code), e.detail);
}

/// Marks a returned error, as `std::unexpected` does.
struct unexpected {
    error reason;
};

[[nodiscard]] constexpr unexpected fail(errc code, std::string_view detail = {}) noexcept {
    return {error{code, detail}};
}

/// A value of `T` or the error that prevented it. Reading the absent one is a contract violation.
template <typename T>
class [[nodiscard]] result {
  public:
    // Implicit on purpose: `return value;` and `return fail(...);` both read well.
    constexpr result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    constexpr result(unexpected u) : state_{std::in_place_index<1>, u.reason} {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return state_.index() == 0; }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] constexpr T& value() & {
        Expects(has_value());
        return std::get<0>(state_);
    }
    [[nodiscard]] constexpr const T& value() const& {
        Expects(has_value());
        return std::get<0>(state_);
    }
    // By value, so that `for (x : f().value())` does not read what is gone.
    [[nodiscard]] constexpr T value() && {
        Expects(has_value());
        return std::move(std::get<0>(state_));
    }
    constexpr T& operator*() & { return value(); }
    constexpr const T& operator*() const& { return value(); }
    constexpr T operator*() && { return std::move(*this).value(); }
    constexpr T* operator->() { return &value(); }
    constexpr const T* operator->() const { return &value(); }

    [[nodiscard]] constexpr const core::error& error() const {
        Expects(!has_value());
        return std::get<1>(state_);
    }

  private:
    std::variant<T, core::error> state_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
  public:
    constexpr result() = default;
    constexpr result(unexpected u) : error_{u.reason}, ok_{false} {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return ok_; }
    constexpr explicit operator bool() const noexcept { return ok_; }
    [[nodiscard]] constexpr const core::error& error() const {
        Expects(!ok_);
        return error_;
    }

  private:
    core::error error_{};
    bool ok_ = true;
};

}  // namespace pouw::core
