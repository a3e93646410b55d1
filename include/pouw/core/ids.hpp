/// The names of things that all modules share: chains, nodes, models, tasks, epochs, heights, beacon outputs.
///
/// Each is a type of its own: a height where an epoch is wanted does not compile, nor one id where another
/// is.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/export.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace pouw::inline v1::core {

/// A count that starts somewhere and goes up by one. Made from an integer without a word, turned into one
/// only by `value`.
template <typename Tag>
struct POUW_API Ordinal {
    std::uint64_t value = 0;

    constexpr Ordinal() = default;
    constexpr Ordinal(std::uint64_t number) noexcept : value{number} {}  // NOLINT: implicit on purpose

    /// The one that lies `steps` further. Wraps modulo 2^64: whoever adds numbers from outside checks them.
    [[nodiscard]] friend constexpr Ordinal operator+(Ordinal a, std::uint64_t steps) noexcept {
        return Ordinal{a.value + steps};
    }
    /// How many steps lie between both. Expects `a >= b`.
    [[nodiscard]] friend constexpr std::uint64_t operator-(Ordinal a, Ordinal b) {
        POUW_EXPECTS(a.value >= b.value);
        return a.value - b.value;
    }
    constexpr Ordinal& operator++() noexcept {
        ++value;
        return *this;
    }

    friend constexpr auto operator<=>(const Ordinal&, const Ordinal&) = default;
};

/// The height of a block.
using Height = Ordinal<struct HeightTag>;

/// The period from one Race to the next. The Race at its start decides its weights.
using Epoch = Ordinal<struct EpochTag>;

/// Which chain: the raw bytes of its own id, of any length. The race seed, the beacon and the VRF hash them.
class POUW_API ChainId {
  public:
    constexpr ChainId() = default;
    ChainId(std::string raw) : raw_{std::move(raw)} {}  // NOLINT: implicit on purpose
    ChainId(std::string_view raw) : raw_{raw} {}        // NOLINT: implicit on purpose
    ChainId(const char* raw) : raw_{raw} {}             // NOLINT: implicit on purpose
    explicit ChainId(ByteView raw) : raw_(raw.begin(), raw.end()) {}

    [[nodiscard]] ByteView bytes() const noexcept {
        return {reinterpret_cast<const std::uint8_t*>(raw_.data()), raw_.size()};
    }

    friend auto operator<=>(const ChainId&, const ChainId&) = default;

  private:
    std::string raw_;
};

/// The digest of a chain id, which messages carry: `crypto::chain_digest`.
using ChainDigest = FixedBytes<struct ChainDigestTag, 32>;

/// A participant: its Ed25519 public key.
using NodeId = FixedBytes<struct NodeIdTag, 32>;

/// A network of the Race: `pow::model_id` of its config.
using ModelId = FixedBytes<struct ModelIdTag, 32>;

/// A model that is served or trained.
using InferenceModelId = FixedBytes<struct InferenceModelIdTag, 32>;

/// A piece of work.
using TaskId = FixedBytes<struct TaskIdTag, 32>;

/// What the beacon of an epoch yields.
using BeaconOutput = FixedBytes<struct BeaconOutputTag, 32>;

}  // namespace pouw::inline v1::core
