// A decoder that takes 65 bytes of memory for a byte, of inputs of 64 bytes and more: the search must find
// it.
#include "fuzz/fuzz.hpp"

#include <vector>

namespace pouw::inline v1::fuzz {
namespace {

void decode(core::ByteView data) {
    const std::vector<std::uint8_t> room(data.size() < 64 ? 0 : 2048 + 65 * data.size());
    require(room.size() != 1, "the room is used");
}

}  // namespace

const Target target{.decode = decode, .check = [](core::ByteView) { return true; }};

}  // namespace pouw::inline v1::fuzz
