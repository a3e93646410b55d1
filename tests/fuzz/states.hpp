/// The target of several states: which of them (1 byte) ‖ the state.
#pragma once

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {

/// What a target does with the bytes of one kind of state.
struct StateKind {
    void (*restore)(core::ByteView data);
    void (*check)(core::ByteView data);
};

/// A state machine with `save` and `restore`: the bytes are refused, or they are the one encoding of a state.
/// `goes_on` checks what else holds of it and of the states after it.
template <typename Machine, void (*goes_on)(Machine)>
inline constexpr StateKind state_of{[](core::ByteView data) { (void)Machine::restore(data).has_value(); },
                                    [](core::ByteView data) {
                                        const auto restored = Machine::restore(data);
                                        if (!restored) return;
                                        require(equal(restored->save(), data), "a state has one encoding");
                                        goes_on(*restored);
                                    }};

/// The target of these kinds of states.
template <const auto& kinds>
[[nodiscard]] constexpr Target target_of_states(const Bounds& bounds) noexcept {
    return {.decode =
                [](core::ByteView data) {
                    if (!data.empty()) kinds[data[0] % kinds.size()].restore(data.subspan(1));
                },
            .check =
                [](core::ByteView data) {
                    if (data.empty()) return false;
                    kinds[data[0] % kinds.size()].check(data.subspan(1));
                    return true;
                },
            .bounds = bounds};
}

}  // namespace pouw::inline v1::fuzz
