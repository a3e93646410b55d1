#include "pow/packed/backend.hpp"

#include "pow/packed/pass.hpp"
#include "pow/packed/weights.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using kernels::Kernels;

/// Where every pass generates the weights, which takes as long as some 200 positions, more is better; whoever
/// cares for memory asks for smaller batches.
constexpr std::size_t streamed_positions = 1024;

/// At least one nonce, at most `positions`.
std::size_t nonces_of(const ModelConfig& config, std::size_t positions) {
    return std::max<std::size_t>(1, positions / config.sequence_length);
}

class StoredNetwork final : public Network {
  public:
    StoredNetwork(const Kernels& kernels, const ModelConfig& config,
                  std::shared_ptr<const StoredWeights> weights)
        : kernels_{&kernels}, config_{config}, weights_{std::move(weights)} {}

    core::result<std::unique_ptr<ForwardPass>> forward_pass(std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return make_packed_pass(*kernels_, config_, read_stored(weights_), batch,
                                {.group = std::min(batch, preferred_batch()), .keep_all_columns = false});
    }
    bool streams() const noexcept override { return false; }
    std::size_t preferred_batch() const noexcept override { return nonces_of(config_, kernels_->positions); }
    std::uint64_t memory_bytes() const noexcept override { return weights_->memory_bytes(); }

  private:
    const Kernels* kernels_;
    ModelConfig config_;
    std::shared_ptr<const StoredWeights> weights_;
};

class StreamedNetwork final : public Network {
  public:
    StreamedNetwork(const Kernels& kernels, const ModelConfig& config,
                    std::shared_ptr<const TensorSource> source)
        : kernels_{&kernels}, config_{config}, source_{std::move(source)} {}

    core::result<std::unique_ptr<ForwardPass>> forward_pass(std::size_t batch) const override {
        POUW_EXPECTS(batch >= 1);
        return make_packed_pass(*kernels_, config_, stream_weights(*kernels_, config_, source_), batch,
                                {.group = batch, .keep_all_columns = true});
    }
    bool streams() const noexcept override { return true; }
    std::size_t preferred_batch() const noexcept override { return nonces_of(config_, streamed_positions); }
    std::uint64_t memory_bytes() const noexcept override { return source_->memory_bytes(); }

  private:
    const Kernels* kernels_;
    ModelConfig config_;
    std::shared_ptr<const TensorSource> source_;
};

}  // namespace

core::result<std::shared_ptr<const Network>> PackedBackend::load(const ModelConfig& config,
                                                                 std::shared_ptr<const TensorSource> source,
                                                                 const LoadOptions& options) const {
    POUW_EXPECTS(supported_);
    if (!options.stored)
        return std::shared_ptr<const Network>{
            std::make_shared<StreamedNetwork>(*kernels_, config, std::move(source))};
    auto weights = std::make_shared<StoredWeights>(*kernels_, config);
    if (auto filled = weights->fill(*source, options); !filled) return filled.error();
    return std::shared_ptr<const Network>{
        std::make_shared<StoredNetwork>(*kernels_, config, std::move(weights))};
}

std::vector<RankedBackend> packed_backends() {
    [[maybe_unused]] static const CpuFeatures cpu = detect_cpu_features();
#define POUW_BACKEND(table, name, description, feature, priority, instruction) \
    static const PackedBackend table{name, description, instruction, kernels::table, cpu.feature};
#include "pow/kernels/kernels.def"
#undef POUW_BACKEND
    return {
#define POUW_BACKEND(table, name, description, feature, priority, instruction) {&table, priority},
#include "pow/kernels/kernels.def"
#undef POUW_BACKEND
    };
}

}  // namespace pouw::inline v1::pow
