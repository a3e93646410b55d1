/// The result of reading a text: a value, or the reason and the place of a refusal.
///
/// Every function `parse_...` of this module is strict. It reads one JSON object (RFC 8259, UTF-8), with each
/// field once, no field missing, no field unknown, and numbers as decimal strings without sign or leading
/// zeros. It throws nothing but std::bad_alloc.
#pragma once

#include "pouw/core/contract.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/core/error.hpp"
#include "pouw/core/export.hpp"
#include "pouw/formats/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace pouw::inline v1::formats {

/// The limits of a text that is read.
/// Cost: time O(n log n) for any text of n bytes; memory of at most 50 bytes for each byte of text, or of the
///     largest task of an epoch.
struct POUW_API Limits {
    std::uint64_t bytes = std::uint64_t{256} << 20;
    std::uint32_t depth = 16;  ///< of objects and arrays, one in another; the formats need 4
};

/// The reason and the place of a refusal.
struct POUW_API Refusal {
    core::error error;
    std::string path{};  ///< the field, as in `tasks[3].limit`; empty for the text as a whole

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// The refusal in one line for people: the field, and what is wrong with it.
[[nodiscard]] inline std::string describe(const Refusal& refusal) {
    const std::string why = core::describe(refusal.error);
    return refusal.path.empty() ? why : refusal.path + ": " + why;
}

/// A value of `T` or the refusal that prevented it. It has the members of `core::result`, and `refusal()`.
/// `return other.error();` converts the error into a `core::result`.
template <typename T>
class [[nodiscard]] parsed {
  public:
    using value_type = T;

    parsed(T value) : value_{std::move(value)} {}                // NOLINT: implicit on purpose
    parsed(Refusal refusal) : refusal_{std::move(refusal)} {}    // NOLINT: implicit on purpose
    parsed(core::error error) : refusal_{Refusal{error, {}}} {}  // NOLINT: implicit on purpose

    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] T& value(core::CallSite where = core::CallSite::here()) & {
        expect_value(where);
        return *value_;
    }
    [[nodiscard]] const T& value(core::CallSite where = core::CallSite::here()) const& {
        expect_value(where);
        return *value_;
    }
    [[nodiscard]] T value(core::CallSite where = core::CallSite::here()) && {
        expect_value(where);
        return *std::move(value_);
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// Expects: no value.
    [[nodiscard]] const Refusal& refusal() const {
        POUW_EXPECTS(!has_value());
        return *refusal_;
    }
    /// Expects: no value.
    [[nodiscard]] const core::error& error() const { return refusal().error; }

  private:
    void expect_value(const core::CallSite& where) const {
        if (has_value()) return;
        core::violate({"value() of a refused text", refusal_->error.code.message().data(),
                       refusal_->path.c_str(), where.file, where.line});
    }

    // Exactly one of both.
    std::optional<T> value_;
    std::optional<Refusal> refusal_;
};

}  // namespace pouw::inline v1::formats
