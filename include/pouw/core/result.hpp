/// Errors as values: `result<T>`.
///
/// Wrong input from outside (network, files, users) becomes an `error`. A mistake of the caller is a contract
/// violation (contract.hpp). The members of `result` have the names of C++23 `std::expected`.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/error.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace pouw::inline v1::core {

namespace detail {

/// Reports that a program read the value of a failed result.
[[noreturn]] inline void no_value(const error& reason, const CallSite& where) {
    // Messages and details are string literals: they end with a zero.
    violate({"value() of a failed result", reason.code.message().data(),
             reason.detail.empty() ? "" : reason.detail.data(), where.file, where.line});
}

}  // namespace detail

/// A value of `T` or the error that prevented it. `return value;`, `return fail(...);` and
/// `return other.error();` all make one. To read the member that is absent is a contract violation.
template <typename T>
class [[nodiscard]] result {
  public:
    using value_type = T;

    constexpr result(T value) : value_{std::move(value)} {}
    constexpr result(core::error reason) : error_{reason} {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return value_.has_value(); }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] constexpr T& value(CallSite where = CallSite::here()) & {
        if (!has_value()) detail::no_value(*error_, where);
        return *value_;
    }
    [[nodiscard]] constexpr const T& value(CallSite where = CallSite::here()) const& {
        if (!has_value()) detail::no_value(*error_, where);
        return *value_;
    }
    // By value, so that `for (x : f().value())` does not read what is gone.
    [[nodiscard]] constexpr T value(CallSite where = CallSite::here()) && {
        if (!has_value()) detail::no_value(*error_, where);
        return std::move(*value_);
    }
    constexpr T& operator*() & { return value(); }
    constexpr const T& operator*() const& { return value(); }
    constexpr T operator*() && { return std::move(*this).value(); }
    constexpr T* operator->() { return &value(); }
    constexpr const T* operator->() const { return &value(); }

    [[nodiscard]] constexpr const core::error& error() const {
        POUW_EXPECTS(!has_value());
        return *error_;
    }

    /// The value, or `other` where there is an error.
    template <typename U>
    [[nodiscard]] constexpr T value_or(U&& other) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(other));
    }
    template <typename U>
    [[nodiscard]] constexpr T value_or(U&& other) && {
        return has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(other));
    }

    /// Calls `next(value)`, which returns a result; returns the error where there is one.
    template <typename F>
    constexpr auto and_then(F&& next) const& -> std::invoke_result_t<F, const T&> {
        if (!has_value()) return error();
        return std::forward<F>(next)(**this);
    }
    template <typename F>
    constexpr auto and_then(F&& next) && -> std::invoke_result_t<F, T> {
        if (!has_value()) return error();
        return std::forward<F>(next)(*std::move(*this));
    }

    /// The result of `f(value)`; the error where there is one.
    template <typename F>
    constexpr auto transform(F&& f) const& -> result<std::invoke_result_t<F, const T&>> {
        if (!has_value()) return error();
        return std::forward<F>(f)(**this);
    }
    template <typename F>
    constexpr auto transform(F&& f) && -> result<std::invoke_result_t<F, T>> {
        if (!has_value()) return error();
        return std::forward<F>(f)(*std::move(*this));
    }

  private:
    // Exactly one of both; two optionals cost every source less to parse than a variant.
    std::optional<T> value_;
    std::optional<core::error> error_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
  public:
    using value_type = void;

    constexpr result() = default;
    constexpr result(core::error reason) : error_{reason} {}

    [[nodiscard]] constexpr bool has_value() const noexcept { return !error_; }
    constexpr explicit operator bool() const noexcept { return has_value(); }

    /// Returns nothing. It is a contract violation to call it when there is an error.
    constexpr void value(CallSite where = CallSite::here()) const {
        if (!has_value()) detail::no_value(*error_, where);
    }
    [[nodiscard]] constexpr const core::error& error() const {
        POUW_EXPECTS(!has_value());
        return *error_;
    }

    /// Calls `next()`, which returns a result; returns the error where there is one.
    template <typename F>
    constexpr auto and_then(F&& next) const -> std::invoke_result_t<F> {
        if (!has_value()) return error();
        return std::forward<F>(next)();
    }

  private:
    std::optional<core::error> error_;
};

}  // namespace pouw::inline v1::core
