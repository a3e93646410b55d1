// A decoder that breaks both bounds for some inputs: the search must find them.
#include "fuzz/fuzz.hpp"

#include <vector>

namespace pouw::inline v1::fuzz {
namespace {

/// From 64 bytes on, takes 65 bytes of memory for a byte, and a time that grows with the square.
void decode(core::ByteView data) {
    std::vector<std::uint8_t> room(data.size() < 64 ? 0 : 2048 + 65 * data.size());
    volatile std::uint64_t sum = 0;
    for (const std::uint8_t a : data)
        for (const std::uint8_t b : data) sum = sum + std::uint64_t{a} * b;
}

}  // namespace

const Target target{.decode = decode, .check = [](core::ByteView) { return true; }};

}  // namespace pouw::inline v1::fuzz
