/// Contracts: conditions that a caller must keep. Every build checks them.
///
/// A violation is a defect of the calling program and never an effect of input from outside. It is reported
/// to the handler of the process. The default handler prints what was violated and where; then the process
/// ends.
#pragma once

#include "pouw/core/export.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>

namespace pouw::inline v1::core {

/// A violated contract. All pointers refer to string literals or to memory that lives during the call.
struct POUW_API ContractViolation {
    const char* kind;       ///< "precondition", "postcondition" or "value() of a failed result"
    const char* condition;  ///< the condition as written, or the message of the error
    const char* detail;     ///< more about it; may be empty
    const char* file;
    std::uint_least32_t line;
};

/// The place of a call, as `std::source_location`, which clang 14 lacks. A default argument
/// `CallSite::here()` names the place where the function is called.
struct POUW_API CallSite {
    const char* file;
    std::uint_least32_t line;

    static constexpr CallSite here(const char* file = __builtin_FILE(),
                                   std::uint_least32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

/// The handler of violations. It may throw, so that a language binding can turn a violation into an error of
/// its language. An exception that leaves a `noexcept` function ends the process. When the handler returns,
/// the process ends.
using ContractHandler = void (*)(const ContractViolation&);

/// Prints one line to the standard error stream.
inline void print_violation(const ContractViolation& v) {
    std::fprintf(stderr, "%s:%u: violated %s: %s%s%s\n", v.file, static_cast<unsigned>(v.line), v.kind,
                 v.condition, *v.detail == '\0' ? "" : ": ", v.detail);
}

namespace detail {
// One object in the process, however the library is linked.
POUW_API inline ContractHandler contract_handler = &print_violation;
}  // namespace detail

/// Sets the handler of the process and returns the handler before. A null pointer sets the default.
/// Threads: safe; a violation in another thread reaches one of the two handlers.
inline ContractHandler set_contract_handler(ContractHandler handler) noexcept {
    return __atomic_exchange_n(&detail::contract_handler, handler != nullptr ? handler : &print_violation,
                               __ATOMIC_ACQ_REL);
}

/// Reports a violation and does not return.
[[noreturn]] inline void violate(const ContractViolation& violation) {
    __atomic_load_n(&detail::contract_handler, __ATOMIC_ACQUIRE)(violation);
    std::terminate();
}

}  // namespace pouw::inline v1::core

#define POUW_CONTRACT(kind, condition)                 \
    (__builtin_expect(static_cast<bool>(condition), 1) \
         ? static_cast<void>(0)                        \
         : ::pouw::core::violate({kind, #condition, "", __FILE__, __LINE__}))

/// Checks a condition that the caller must keep.
#define POUW_EXPECTS(condition) POUW_CONTRACT("precondition", condition)

/// Checks a condition that the function promises.
#define POUW_ENSURES(condition) POUW_CONTRACT("postcondition", condition)
