#include "pouw/pow/condition.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/pow/tensor.hpp"

#include <algorithm>
#include <numeric>

namespace pouw::inline v1::pow {
namespace {

constexpr std::uint32_t input_stream = 0;
constexpr std::uint32_t permutation_stream = 1;

/// The first `count` little-endian 32-bit words of a stream.
std::vector<std::uint32_t> words(const crypto::ChaCha20Stream& stream, std::size_t count) {
    core::Bytes bytes(4 * count);
    stream.read(0, bytes);
    std::vector<std::uint32_t> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = core::load_le<std::uint32_t>(core::ByteView{bytes}.subspan(4 * i, 4));
    }
    return out;
}

}  // namespace

Input make_input(const ModelConfig& config, const InputSeed& seed) {
    const crypto::ChaCha20Stream stream{seed.view(), input_stream};
    Input input;
    input.tokens = words(stream, config.sequence_length);
    for (std::uint32_t& token : input.tokens) token %= config.vocab_size;
    input.noise.resize(std::size_t{config.sequence_length} * config.model_dim);
    stream.read(std::uint64_t{4} * config.sequence_length,
                {reinterpret_cast<std::uint8_t*>(input.noise.data()), input.noise.size()});
    bytes_to_weights(input.noise);
    return input;
}

std::vector<std::uint32_t> shuffle(std::span<const std::uint8_t, 32> key, std::uint32_t id,
                                   std::uint32_t size) {
    std::vector<std::uint32_t> p(size);
    std::iota(p.begin(), p.end(), 0u);
    if (size < 2) return p;
    const std::vector<std::uint32_t> random = words(crypto::ChaCha20Stream{key, id}, size - 1);
    for (std::uint32_t i = size - 1; i >= 1; --i) {
        const std::uint64_t u = random[size - 1 - i];
        std::swap(p[i], p[static_cast<std::uint32_t>((u * (std::uint64_t{i} + 1)) >> 32)]);
    }
    return p;
}

std::vector<std::int8_t> make_target(const ModelConfig& config, const WeightsKey& key) {
    const std::vector<std::uint32_t> p = shuffle(key.view(), target_stream, config.model_dim);
    std::vector<std::int8_t> target(p.size());
    std::transform(p.begin(), p.end(), target.begin(), [&](std::uint32_t value) {
        return value < config.model_dim / 2 ? std::int8_t{32} : std::int8_t{-32};
    });
    return target;
}

std::vector<std::uint32_t> make_permutation(const ModelConfig& config, const InputSeed& seed,
                                            std::span<const std::int8_t> output) {
    if (config.permutation_binding == PermutationBinding::input) {
        return shuffle(seed.view(), permutation_stream, config.model_dim);
    }
    const crypto::Hash256 key =
        crypto::Hasher{crypto::domain::bind}.update(seed.view()).update(core::as_bytes(output)).finish();
    return shuffle(key.view(), permutation_stream, config.model_dim);
}

std::uint64_t squared_distance(std::span<const std::int8_t> output,
                               std::span<const std::uint32_t> permutation,
                               std::span<const std::int8_t> target) {
    POUW_EXPECTS(output.size() == permutation.size() && output.size() == target.size());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const std::int32_t difference = output[permutation[i]] - target[i];
        sum += static_cast<std::uint64_t>(difference * difference);
    }
    return sum;
}

std::uint64_t squared_length(std::span<const std::int8_t> values) noexcept {
    std::uint64_t sum = 0;
    for (const std::int32_t value : values) sum += static_cast<std::uint64_t>(value * value);
    return sum;
}

}  // namespace pouw::inline v1::pow
