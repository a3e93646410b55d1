/// The ids that all modules share: chains, nodes, models, tasks, epochs, block heights, beacon outputs.
///
/// Each id is a type of its own, so that a program that passes one where another is wanted does not compile.
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

/// A counter that goes up by one. An integer converts into it implicitly; only `value` converts it back.
template <typename Tag>
struct POUW_API Ordinal {
    std::uint64_t value = 0;

    constexpr Ordinal() = default;
    constexpr Ordinal(std::uint64_t number) noexcept : value{number} {}  // NOLINT: implicit on purpose

    /// The ordinal that is `steps` later. The sum wraps modulo 2^64; check numbers that come from outside
    /// first.
    [[nodiscard]] friend constexpr Ordinal operator+(Ordinal a, std::uint64_t steps) noexcept {
        return Ordinal{a.value + steps};
    }
    /// The number of steps from `b` to `a`.
    /// Expects: `a >= b`.
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

/// The hash of a block, in the order of bytes in which the chain displays it.
using BlockHash = FixedBytes<struct BlockHashTag, 32>;

/// The period from one Race to the next. The Race at its start decides its weights.
using Epoch = Ordinal<struct EpochTag>;

/// The id of a chain: its raw bytes, of any length. The race seed, the beacon and the VRF hash them.
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

/// The digest of a chain id, which messages carry. `crypto::chain_digest` computes it.
using ChainDigest = FixedBytes<struct ChainDigestTag, 32>;

/// The id of a participant: its Ed25519 public key.
using NodeId = FixedBytes<struct NodeIdTag, 32>;

/// The id of a model of the Race: `pow::model_id` of its config.
using ModelId = FixedBytes<struct ModelIdTag, 32>;

/// The id of a model that is served or trained.
using InferenceModelId = FixedBytes<struct InferenceModelIdTag, 32>;

/// The id of a task.
using TaskId = FixedBytes<struct TaskIdTag, 32>;

/// The random value that the beacon of an epoch yields.
using BeaconOutput = FixedBytes<struct BeaconOutputTag, 32>;

}  // namespace pouw::inline v1::core
