#include "support.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/reference/backend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

namespace pouw::inline v1::test {
namespace {

class ReferenceRegistered final : public ::testing::Environment {
  public:
    void SetUp() override { reference::register_backend(); }
};
const auto* const environment = ::testing::AddGlobalTestEnvironment(new ReferenceRegistered);

class HookedPass final : public pow::ForwardPass {
  public:
    HookedPass(std::unique_ptr<pow::ForwardPass> pass, const HookedBackend& backend)
        : pass_{std::move(pass)}, backend_{backend} {}

    core::result<void> run(std::span<const pow::Input> inputs, std::span<std::int8_t> outputs,
                           std::stop_token stop) override {
        auto done = pass_->run(inputs, outputs, stop);
        if (done) backend_.call(outputs);
        return done;
    }

  private:
    std::unique_ptr<pow::ForwardPass> pass_;
    const HookedBackend& backend_;
};

class HookedNetwork final : public pow::Network {
  public:
    HookedNetwork(std::shared_ptr<const pow::Network> network, const HookedBackend& backend)
        : network_{std::move(network)}, backend_{backend} {}

    [[nodiscard]] core::result<std::unique_ptr<pow::ForwardPass>> forward_pass(
        std::size_t batch) const override {
        auto pass = network_->forward_pass(batch);
        if (!pass) return pass.error();
        return std::unique_ptr<pow::ForwardPass>{std::make_unique<HookedPass>(*std::move(pass), backend_)};
    }
    [[nodiscard]] bool streams() const noexcept override { return network_->streams(); }
    [[nodiscard]] std::size_t preferred_batch() const noexcept override {
        return network_->preferred_batch();
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return network_->memory_bytes(); }

  private:
    std::shared_ptr<const pow::Network> network_;
    const HookedBackend& backend_;
};

void set_environment(const std::string& name, const std::optional<std::string>& value) {
    if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
    } else {
        ::unsetenv(name.c_str());
    }
}

}  // namespace

pow::RaceSeed check_race_seed() {
    return from_hex<pow::RaceSeed>("633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36");
}

pow::NodeSeed check_node_seed() {
    return from_hex<pow::NodeSeed>("f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94");
}

pow::ModelConfig preset(std::string_view name, pow::PermutationBinding binding) {
    pow::ModelConfig config = pow::preset(name).value();
    config.permutation_binding = binding;
    return config;
}

pow::ModelConfig config_from(const Json& json) {
    const auto field = [&](const char* name) { return json.at(name).get<std::uint32_t>(); };
    return {.spec_version = field("spec_version"),
            .vocab_size = field("vocab_size"),
            .sequence_length = field("sequence_length"),
            .layers = field("layers"),
            .model_dim = field("model_dim"),
            .heads = field("heads"),
            .ffn_dim = field("ffn_dim"),
            .ffn_kind = static_cast<pow::FfnKind>(field("ffn_kind")),
            .qkv_shift = field("qkv_shift"),
            .score_shift = field("score_shift"),
            .ffn_shift = field("ffn_shift"),
            .up_shift = field("up_shift"),
            .gate_shift = field("gate_shift"),
            .attention_residual_shift = field("attention_residual_shift"),
            .ffn_residual_shift = field("ffn_residual_shift"),
            .permutation_binding = static_cast<pow::PermutationBinding>(field("permutation_binding"))};
}

std::vector<std::int8_t> int8s(const Json& hex) {
    const core::Bytes data = bytes(hex);
    std::vector<std::int8_t> out(data.size());
    std::transform(data.begin(), data.end(), out.begin(),
                   [](std::uint8_t byte) { return static_cast<std::int8_t>(byte); });
    return out;
}

std::string digest(std::span<const std::int8_t> values) {
    return core::to_hex(crypto::blake2b_256(core::as_bytes(values)).view());
}

std::vector<const pow::Backend*> supported_backends() {
    std::vector<const pow::Backend*> out;
    for (const pow::Backend* backend : pow::backends()) {
        if (backend->supported()) out.push_back(backend);
    }
    return out;
}

pow::Race make_race(const pow::ModelConfig& config, std::string_view backend, bool stored) {
    auto race = pow::Race::create(config, check_race_seed(), backend, {.stored = stored});
    if (!race) throw std::runtime_error{core::describe(race.error())};
    return *std::move(race);
}

void fill(std::string_view mode, std::span<const std::uint8_t, 32> key, std::uint32_t stream_id,
          std::uint64_t offset, std::uint32_t id, std::uint64_t first, std::span<std::int8_t> out) {
    core::Bytes stream(out.size());
    if (mode == "stream" || mode == "random_extreme") {
        crypto::ChaCha20Stream{key, stream_id}.read(offset + first, stream);
    }
    const auto value = [&](std::uint64_t e, std::uint8_t byte) {
        if (mode == "stream") return byte == 0x80 ? 0 : int{static_cast<std::int8_t>(byte)};
        if (mode == "max") return 127;
        if (mode == "min") return -127;
        if (mode == "alternate") return (e + id) % 2 == 0 ? 127 : -127;
        if (mode == "random_extreme") return byte < 128 ? 127 : -127;
        if (mode == "one_hot") return e % 97 == id % 97 ? 127 : 0;
        if (mode == "zero") return 0;
        throw std::runtime_error{"unknown fill " + std::string{mode}};
    };
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::int8_t>(value(first + i, stream[i]));
    }
}

std::span<const std::int8_t> FilledTensors::rows(pow::TensorId id, std::uint64_t first, std::uint64_t count,
                                                 std::span<std::int8_t> scratch) const {
    constexpr std::array<const char*, 7> layer_kinds{"wq", "wk", "wv", "wo", "w1", "w3", "w2"};
    const std::string kind = id == pow::token_embedding      ? "token_embedding"
                             : id == pow::position_embedding ? "position_embedding"
                                                             : layer_kinds.at((id - 16) % 8);
    const auto mode = modes_.find(kind);
    const std::uint64_t columns = pow::tensor_shape(config_, id).columns;
    const auto out = scratch.first(count * columns);
    fill(mode == modes_.end() ? "stream" : mode->second, key_.view(), id, 0, id, first * columns, out);
    return out;
}

core::result<std::shared_ptr<const pow::Network>> HookedBackend::load(
    const pow::ModelConfig& config, std::shared_ptr<const pow::TensorSource> source,
    const pow::LoadOptions& options) const {
    auto network = pow::scalar_backend().load(config, std::move(source), options);
    if (!network) return network;
    return std::shared_ptr<const pow::Network>{std::make_shared<HookedNetwork>(*std::move(network), *this)};
}

HookedBackend& hooked_backend(const std::string& name) {
    // Never destroyed: registered backends live as long as the program.
    static auto& all = *new std::map<std::string, HookedBackend*>;
    HookedBackend*& backend = all[name];
    if (backend == nullptr) {
        backend = new HookedBackend{name};
        pow::register_backend(*backend, -1);
    }
    return *backend;
}

ScopedEnvironment::ScopedEnvironment(const char* name, std::optional<std::string> value) : name_{name} {
    if (const char* before = std::getenv(name); before != nullptr) before_ = before;
    set_environment(name_, value);
}

ScopedEnvironment::~ScopedEnvironment() { set_environment(name_, before_); }

}  // namespace pouw::inline v1::test
