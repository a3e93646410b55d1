/// Errors: the code of a module, and the place where the error arose.
///
/// Each module lists its codes in its `errc.hpp`; `core` knows its own codes only. Numbers are unique in the
/// whole library and stable: codes may be added, and no number is used again.
#pragma once

#include "pouw/core/export.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pouw::inline v1::core {

/// A code of a module.
struct POUW_API ErrorEntry {
    std::uint16_t number;
    std::string_view name;     ///< stable, for JSON and logs
    std::string_view message;  ///< for people
};

/// The codes of one module. Beside an enumeration `E` of codes stands a function `error_table(E)`;
/// POUW_ERRORS defines both.
struct POUW_API ErrorTable {
    std::string_view module;
    const ErrorEntry* entries;
    std::size_t size;
};

/// A code of any module. The `errc` of a module converts into it, so that
/// `e.code == proof::errc::false_nonce` compiles.
/// Cost: that of a pointer and an integer. The text of a code is looked up when it is asked for.
class POUW_API error_code {
  public:
    /// No error: number 0, name "none".
    constexpr error_code() = default;
    template <typename Code>
    requires requires(Code code) { ErrorTable{error_table(code)}; }
    constexpr error_code(Code code) noexcept  // NOLINT: implicit on purpose
        : table_{&error_table(code)}, number_{static_cast<std::uint16_t>(code)} {}

    [[nodiscard]] constexpr std::uint16_t number() const noexcept { return number_; }
    [[nodiscard]] constexpr std::string_view name() const noexcept { return entry().name; }
    [[nodiscard]] constexpr std::string_view message() const noexcept { return entry().message; }
    [[nodiscard]] constexpr std::string_view module() const noexcept {
        return table_ == nullptr ? std::string_view{} : table_->module;
    }

    friend constexpr bool operator==(const error_code& a, const error_code& b) noexcept {
        return a.number_ == b.number_;
    }

  private:
    [[nodiscard]] constexpr ErrorEntry entry() const noexcept {
        if (table_ == nullptr) return {0, "none", "no error"};
        for (std::size_t i = 0; i < table_->size; ++i) {
            if (table_->entries[i].number == number_) return table_->entries[i];
        }
        return {number_, "unknown", "unknown error"};
    }

    const ErrorTable* table_ = nullptr;
    std::uint16_t number_ = 0;
};

/// A code and the place where the error arose. `detail` always views a string literal, so that an error is
/// cheap to copy.
struct POUW_API error {
    error_code code;
    std::string_view detail{};

    friend constexpr bool operator==(const error&, const error&) = default;
};

/// Makes an error, as in `return fail(errc::overflow, "the sum of the weights");`.
[[nodiscard]] constexpr error fail(error_code code, std::string_view detail = {}) noexcept {
    return {code, detail};
}

}  // namespace pouw::inline v1::core

#define POUW_ERROR_ENUMERATOR(name, number, text) name = number,
#define POUW_ERROR_ENTRY(name, number, text) {number, #name, text},

/// Defines the enumeration `errc` of a module and its table from a list `LIST(X)` of
/// `X(name, number, message)`.
#define POUW_ERRORS(module, LIST)                                                         \
    enum class errc : std::uint16_t { LIST(POUW_ERROR_ENUMERATOR) };                      \
    namespace detail {                                                                    \
    inline constexpr ::pouw::core::ErrorEntry error_entries[] = {LIST(POUW_ERROR_ENTRY)}; \
    inline constexpr ::pouw::core::ErrorTable error_table_of_module{                      \
        module, error_entries, sizeof(error_entries) / sizeof(error_entries[0])};         \
    }                                                                                     \
    [[nodiscard]] constexpr const ::pouw::core::ErrorTable& error_table(errc) noexcept {  \
        return detail::error_table_of_module;                                             \
    }
