#include "pow/self_test.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/backend.hpp"
#include "pouw/pow/errc.hpp"

#include <algorithm>
#include <array>

namespace pouw::inline v1::pow {
namespace {

using core::fail;
using core::result;

/// Heads of 4 coordinates, which have a kernel of their own, and two blocks of hidden units.
constexpr ModelConfig plain{.vocab_size = 16,
                            .sequence_length = 2,
                            .layers = 2,
                            .model_dim = 128,
                            .heads = 32,
                            .ffn_dim = 576,
                            .ffn_kind = FfnKind::plain,
                            .qkv_shift = 9,
                            .score_shift = 10,
                            .ffn_shift = 7,
                            .attention_residual_shift = 10,
                            .ffn_residual_shift = 12};

constexpr ModelConfig gated = [] {
    ModelConfig config = plain;
    config.model_dim = 192;
    config.heads = 64;
    config.ffn_kind = FfnKind::gated;
    config.up_shift = 9;
    config.gate_shift = 6;
    return config;
}();

/// Heads that fill a vector and leave a remainder.
constexpr ModelConfig wide_heads = [] {
    ModelConfig config = plain;
    config.layers = 1;
    config.model_dim = 320;
    config.heads = 16;
    config.ffn_dim = 64;
    return config;
}();

/// Odd sequences of more than 16 positions a batch: whole tiles and a remainder.
constexpr ModelConfig long_batches = [] {
    ModelConfig config = plain;
    config.sequence_length = 7;
    return config;
}();

constexpr std::array<KnownAnswer, 4> answers{
    {{"plain", plain, "96ec9036b4403449cad6732e0b366c2bec58cb96a0bf580e2a7b6c1cf4bc93a4"},
     {"gated", gated, "4b901359666caab683f51420cbcb6f8e86bbfa42bf7acc33c89f651f0fc49bcf"},
     {"wide heads", wide_heads, "23979e6b0e4c42d307305a33fb3b810e095030cd4e44ffe8c5a56c1a7c3a1b04"},
     {"long batches", long_batches, "70ace675c24b107aa15569d3290868b44ad2f88c4ed28ee09de59a82798d8b12"}}};

template <typename Fixed>
Fixed from_hex(std::string_view hex) {
    return Fixed::from(core::from_hex(hex).value()).value();
}

std::vector<Input> inputs_of(const ModelConfig& config) {
    const RaceKey key = race_key(known_race_seed(), model_id(config));
    std::vector<Input> inputs;
    for (std::uint64_t nonce = 0; nonce < known_nonces; ++nonce)
        inputs.push_back(make_input(config, input_seed(key, known_node_seed(), nonce)));
    return inputs;
}

/// Computes all nonces together, and in `smaller` batches the first ones: each leaves another remainder.
result<void> check(const Network& network, const KnownAnswer& known, bool smaller) {
    auto pass = network.forward_pass(known_nonces);
    if (!pass) return pass.error();
    const std::vector<Input> inputs = inputs_of(known.config);
    std::vector<std::int8_t> all(known_nonces * known.config.model_dim);
    if (auto done = (*pass)->run(inputs, all, {}); !done) return done;
    if (crypto::blake2b_256(core::as_bytes(std::span{all})) != from_hex<crypto::Hash256>(known.digest))
        return fail(errc::failed_self_test, known.name);
    for (std::size_t count = 1; smaller && count < known_nonces; ++count) {
        std::vector<std::int8_t> outputs(count * known.config.model_dim);
        if (auto done = (*pass)->run(std::span{inputs}.first(count), outputs, {}); !done) return done;
        if (!std::equal(outputs.begin(), outputs.end(), all.begin()))
            return fail(errc::failed_self_test, known.name);
    }
    return {};
}

}  // namespace

RaceSeed known_race_seed() {
    return from_hex<RaceSeed>("633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36");
}

NodeSeed known_node_seed() {
    return from_hex<NodeSeed>("f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94");
}

std::span<const KnownAnswer> known_answers() noexcept { return answers; }

result<void> self_test(const Backend& backend) {
    POUW_EXPECTS(backend.supported());
    if (auto ready = crypto::initialize(); !ready) return ready;
    for (const KnownAnswer& known : known_answers()) {
        const RaceKey key = race_key(known_race_seed(), model_id(known.config));
        const auto source = std::make_shared<StreamedTensors>(known.config, weights_key(key));
        // Stored and streamed weights may take different paths, to the same kernels.
        for (const bool stored : {true, false}) {
            auto network = backend.load(known.config, source, {.stored = stored});
            if (!network) return network.error();
            if (auto right = check(**network, known, stored); !right) return right;
        }
    }
    return {};
}

}  // namespace pouw::inline v1::pow
