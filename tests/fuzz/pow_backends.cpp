/// Every backend that this machine supports against the scalar one: arbitrary valid configs, weights and
/// inputs, stored and streamed, in batches of any size.
#include "fuzz/fuzz.hpp"

#include "pouw/pow/backend.hpp"

#include <algorithm>
#include <string>

namespace pouw::inline v1::fuzz {
namespace {

using namespace pow;

/// Reads the fuzzer's bytes one after another; zeros at the end.
class Reader {
  public:
    explicit Reader(std::span<const std::uint8_t> data) : data_{data} {}
    std::uint32_t byte() {
        if (at_ == data_.size()) return 0;
        return data_[at_++];
    }
    std::uint32_t below(std::uint32_t bound) {
        const std::uint32_t high = byte();
        return (high << 8 | byte()) % bound;
    }
    [[nodiscard]] std::span<const std::uint8_t> rest() const { return data_.subspan(at_); }

  private:
    std::span<const std::uint8_t> data_;
    std::size_t at_ = 0;
};

/// Small enough that a run takes milliseconds, large enough for several tiles of positions and two blocks of
/// the feed-forward columns.
ModelConfig read_config(Reader& in) {
    ModelConfig config;
    config.vocab_size = 1u << in.below(6);
    config.sequence_length = 1 + (in.byte() % 8 == 0 ? in.below(64) : in.below(9));
    config.layers = 1 + in.below(2);
    config.model_dim = 64 * (1 + in.below(config.sequence_length > 16 ? 2 : 3));
    do config.heads = 1 + in.below(config.model_dim);
    while (config.model_dim % config.heads != 0 && !in.rest().empty());
    if (config.model_dim % config.heads != 0) config.heads = config.model_dim / 4;
    config.ffn_dim = 64 * (1 + in.below(config.sequence_length > 16 ? 3 : 10));
    config.ffn_kind = in.byte() % 2 == 0 ? FfnKind::plain : FfnKind::gated;
    config.qkv_shift = 1 + in.below(24);
    config.score_shift = in.below(15);
    config.ffn_shift = 1 + in.below(24);
    if (config.ffn_kind == FfnKind::gated) {
        config.up_shift = 1 + in.below(24);
        config.gate_shift = 1 + in.below(24);
    }
    config.attention_residual_shift = in.below(17);
    config.ffn_residual_shift = in.below(17);
    return config;
}

std::int8_t as_weight(std::uint8_t byte) {
    const auto value = static_cast<std::int8_t>(byte);
    return value == -128 ? std::int8_t{0} : value;
}

/// Weights that repeat the fuzzer's bytes, out of step with the rows.
class RepeatedTensors final : public TensorSource {
  public:
    RepeatedTensors(const ModelConfig& config, std::span<const std::uint8_t> bytes)
        : config_{config}, bytes_{bytes.begin(), bytes.end()} {
        bytes_.push_back(127);
    }
    std::span<const std::int8_t> rows(TensorId id, std::uint64_t first, std::uint64_t count,
                                      std::span<std::int8_t> scratch) const override {
        const std::uint64_t columns = tensor_shape(config_, id).columns;
        for (std::uint64_t i = 0; i < count * columns; ++i)
            scratch[i] = as_weight(bytes_[(id * 13 + first * columns + i) % bytes_.size()]);
        return scratch.first(count * columns);
    }
    std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    ModelConfig config_;
    std::vector<std::uint8_t> bytes_;
};

std::vector<Input> read_inputs(const ModelConfig& config, Reader& in) {
    std::vector<Input> inputs(1 + in.below(4));
    const std::uint32_t shift = in.byte();
    for (Input& input : inputs) {
        for (std::uint32_t i = 0; i < config.sequence_length; ++i)
            input.tokens.push_back(in.below(config.vocab_size));
        const auto bytes = in.rest();
        for (std::uint64_t i = 0; i < std::uint64_t{config.sequence_length} * config.model_dim; ++i)
            input.noise.push_back(bytes.empty() ? std::int8_t{-127}
                                                : as_weight(bytes[(i + shift) % bytes.size()]));
    }
    return inputs;
}

std::vector<std::int8_t> compute(const Backend& backend, const ModelConfig& config,
                                 const std::shared_ptr<const TensorSource>& source,
                                 const std::vector<Input>& inputs, bool stored) {
    const auto network = backend.load(config, source, {.stored = stored}).value();
    std::vector<std::int8_t> outputs(inputs.size() * config.model_dim);
    require(network->forward_pass(inputs.size()).value()->run(inputs, outputs, {}).has_value(),
            "a pass runs");
    return outputs;
}

bool check(core::ByteView data) {
    Reader in{data};
    const ModelConfig config = read_config(in);
    if (!validate(config)) return false;
    const std::vector<Input> inputs = read_inputs(config, in);
    const auto source = std::make_shared<RepeatedTensors>(config, in.rest());
    const auto expected = compute(scalar_backend(), config, source, inputs, false);
    for (const Backend* backend : backends()) {
        if (!backend->supported() || backend == &scalar_backend()) continue;
        for (const bool stored : {true, false}) {
            const std::string promise = std::string{backend->name()} + " equals scalar";
            require(compute(*backend, config, source, inputs, stored) == expected, promise.c_str());
        }
    }
    return true;
}

}  // namespace

const Target target{.check = check};

}  // namespace pouw::inline v1::fuzz
