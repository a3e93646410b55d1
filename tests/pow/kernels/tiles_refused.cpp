/// A system that refuses the tile registers, as for a thread whose alternative signal stack cannot hold them:
/// the backend is not supported, and the next one computes.
#include "pouw/pow/backend.hpp"
#include "pouw/pow/errc.hpp"

#include <fmt/format.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

constexpr int skipped = 77;

bool has_tiles() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("amx-int8") != 0;
#else
    return false;
#endif
}

int check() {
    const auto named = pouw::pow::select_backend("amx-int8");
    if (named || named.error().code != pouw::pow::errc::unsupported_backend) {
        fmt::print("amx-int8 is said to be supported\n");
        return 1;
    }
    const auto best = pouw::pow::select_backend();
    if (!best || (*best)->name() == "amx-int8") {
        fmt::print("no other backend is chosen\n");
        return 1;
    }
    fmt::print("runs {}\n", (*best)->name());
    return 0;
}

}  // namespace

int main() {
    if (!has_tiles()) {
        fmt::print("this processor has no tile registers\n");
        return skipped;
    }
    // Enough for every other register, and not for 8 KB of tiles.
    static std::vector<char> memory(6'000);
    stack_t stack{};
    stack.ss_sp = memory.data();
    stack.ss_size = memory.size();
    if (sigaltstack(&stack, nullptr) != 0) {
        fmt::print("the system takes no signal stack of {} bytes\n", memory.size());
        return skipped;
    }
    return check();
}
