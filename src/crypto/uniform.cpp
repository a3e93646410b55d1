#include "pouw/crypto/uniform.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/wide.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pouw::inline v1::crypto {

std::uint64_t UniformDraws::below(std::uint64_t bound) {
    POUW_EXPECTS(bound >= 1);
    std::array<std::uint8_t, 16> word;
    stream_.read(offset_, word);
    offset_ += word.size();
    const core::ByteView bytes{word};
    const core::uint128 low = core::uint128{core::load_le<std::uint64_t>(bytes.first(8))} * bound;
    const core::uint128 high = core::uint128{core::load_le<std::uint64_t>(bytes.subspan(8))} * bound;
    return static_cast<std::uint64_t>((high + (low >> 64)) >> 64);
}

std::vector<std::uint64_t> UniformDraws::distinct(std::uint64_t count, std::uint64_t samples) {
    samples = std::min(samples, count);
    // Of the row that is shuffled only what moved is written down.
    std::map<std::uint64_t, std::uint64_t> moved;
    const auto value_at = [&](std::uint64_t place) {
        const auto found = moved.find(place);
        return found == moved.end() ? place : found->second;
    };
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 0; i < samples; ++i) {
        const std::uint64_t place = i + below(count - i);
        out.push_back(value_at(place));
        moved[place] = value_at(i);
    }
    return out;
}

}  // namespace pouw::inline v1::crypto
