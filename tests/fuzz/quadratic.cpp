// A decoder whose time grows with the square of the size: the search must find it.
#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void decode(core::ByteView data) {
    volatile std::uint64_t sum = 0;
    for (const std::uint8_t a : data)
        for (const std::uint8_t b : data) sum = sum + std::uint64_t{a} * b;
}

}  // namespace

const Target target{.decode = decode, .check = [](core::ByteView) { return true; }};

}  // namespace pouw::inline v1::fuzz
