/// A scan without holes in which one nonce in 900 passes.
#pragma once

#include <cstdint>
#include <vector>

namespace pouw::inline v1::bench {

inline std::vector<std::uint64_t> dense_scan(std::size_t size) {
    std::vector<std::uint64_t> out;
    out.reserve(size);
    std::uint64_t state = 1;  // xorshift64: the geometric gaps need no more
    for (std::uint64_t nonce = 0; out.size() < size; ++nonce) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if (state < UINT64_MAX / 900) out.push_back(nonce);
    }
    return out;
}

}  // namespace pouw::inline v1::bench
