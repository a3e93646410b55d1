#include "fuzz/mutate.hpp"

#include <algorithm>
#include <array>

namespace pouw::inline v1::fuzz {
namespace {

using core::Bytes;
using test::Random;

std::uint8_t any_byte(Random& random) {
    constexpr std::array<std::uint8_t, 8> telling{0, 1, 2, 63, 64, 127, 128, 255};
    return random.below(2) == 0 ? telling[random.below(telling.size())]
                                : static_cast<std::uint8_t>(random.next());
}

std::size_t any_place(const Bytes& data, Random& random) {
    return data.empty() ? 0 : random.below64(data.size());
}

/// A stretch of some bytes: short ones as often as long ones.
core::ByteView any_stretch(const Bytes& data, Random& random) {
    const core::ByteView rest = core::ByteView{data}.subspan(any_place(data, random));
    return rest.first(
        std::min<std::size_t>(rest.size(), 1 + (random.below64(rest.size() + 1) >> random.below(12))));
}

void insert(Bytes& data, std::size_t at, core::ByteView part) {
    data.insert(data.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
}

void repeat(Bytes& data, Random& random, std::size_t largest) {
    const std::size_t at = any_place(data, random);
    const core::ByteView stretch = any_stretch(data, random);
    const Bytes part{stretch.begin(), stretch.end()};
    if (part.empty() || data.size() >= largest) return;
    const std::size_t most = 1 + (largest - data.size()) / part.size();
    Bytes repeated;
    for (std::uint64_t times = 1 + (random.below64(most) >> random.below(8)); times > 0; --times)
        core::append(repeated, part);
    insert(data, at, repeated);
}

/// An integer of 1 to 8 bytes that decoders take for a count, a length or a bound.
void put_integer(Bytes& data, Random& random) {
    const std::array<std::uint64_t, 8> telling{0,
                                               1,
                                               UINT64_MAX,
                                               UINT64_MAX >> 1,
                                               data.size(),
                                               8 * data.size(),
                                               std::uint64_t{1} << random.below(64),
                                               random.any_size()};
    const std::array<std::uint8_t, 8> bytes = core::to_le(telling[random.below(telling.size())]);
    const std::size_t at = any_place(data, random);
    const std::size_t size = std::min<std::size_t>(data.size() - at, std::size_t{1} << random.below(4));
    std::copy_n(bytes.begin(), size, data.begin() + static_cast<std::ptrdiff_t>(at));
}

void change(Bytes& data, const std::vector<Bytes>& seeds, Random& random, std::size_t largest) {
    const std::size_t at = any_place(data, random);
    switch (data.empty() ? 2 : random.below(10)) {
        case 0:
            data[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
            break;
        case 1:
            data[at] = any_byte(random);
            break;
        case 2:
            insert(data, at, std::array{any_byte(random)});
            break;
        case 3:
            data.erase(data.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 4:
            data.resize(at);
            break;
        case 5: {  // the end of a seed
            const Bytes& other = seeds[random.below64(seeds.size())];
            data.resize(at);
            core::append(data, core::ByteView{other}.subspan(any_place(other, random)));
            break;
        }
        case 6: {  // a part of a seed
            const core::ByteView stretch = any_stretch(seeds[random.below64(seeds.size())], random);
            insert(data, at, stretch);
            break;
        }
        case 7:
            put_integer(data, random);
            break;
        case 8: {  // a stretch of one byte
            const std::size_t size = any_stretch(data, random).size();
            std::fill_n(data.begin() + static_cast<std::ptrdiff_t>(std::min(at, data.size() - size)), size,
                        any_byte(random));
            break;
        }
        default:
            repeat(data, random, largest);
    }
}

}  // namespace

Bytes mutated(Bytes data, const std::vector<Bytes>& seeds, Random& random, std::size_t largest) {
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes)
        change(data, seeds, random, largest);
    if (data.size() > largest) data.resize(largest);
    return data;
}

}  // namespace pouw::inline v1::fuzz
