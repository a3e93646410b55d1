/// What the tests of pow share: the race of the check values, a generator, configs and fills from JSON, and
/// backends that go wrong on purpose.
#pragma once

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/pow/race.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::test {

template <typename Fixed>
Fixed from_hex(std::string_view hex) {
    return Fixed::from(core::from_hex(hex).value()).value();
}

/// Section 7: chain_id "bitcoin", height 0, its genesis block, no beacon, and the first key of RFC 8032.
[[nodiscard]] pow::RaceSeed check_race_seed();
[[nodiscard]] pow::NodeSeed check_node_seed();

[[nodiscard]] pow::ModelConfig preset(std::string_view name,
                                      pow::PermutationBinding binding = pow::PermutationBinding::output);
[[nodiscard]] pow::ModelConfig config_from(const Json& json);

[[nodiscard]] std::vector<std::int8_t> int8s(const Json& hex);
[[nodiscard]] std::string digest(std::span<const std::int8_t> values);

/// The registered backends that this machine supports, pouw::reference among them.
[[nodiscard]] std::vector<const pow::Backend*> supported_backends();

/// A race on a backend, or a test failure.
[[nodiscard]] pow::Race make_race(const pow::ModelConfig& config, std::string_view backend,
                                  bool stored = true);

/// Elements first .. first+out.size()-1 of a tensor of tests/reference/fills.py, whose element 0 is byte
/// `offset` of `stream(key, stream_id)`. `id`: the tensor's number in that file.
void fill(std::string_view mode, std::span<const std::uint8_t, 32> key, std::uint32_t stream_id,
          std::uint64_t offset, std::uint32_t id, std::uint64_t first, std::span<std::int8_t> out);

/// Tensors that `fill` makes, by kind: token_embedding, position_embedding, wq, wk, wv, wo, w1, w3 and w2.
/// Kinds without a mode come from their stream.
class FilledTensors final : public pow::TensorSource {
  public:
    FilledTensors(const pow::ModelConfig& config, const pow::WeightsKey& key,
                  std::map<std::string, std::string> modes)
        : config_{config}, key_{key}, modes_{std::move(modes)} {}

    [[nodiscard]] std::span<const std::int8_t> rows(pow::TensorId id, std::uint64_t first,
                                                    std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override;
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    pow::ModelConfig config_;
    pow::WeightsKey key_;
    std::map<std::string, std::string> modes_;
};

/// The scalar backend with a hook that may spoil the outputs of a pass. Outside a `Use` this machine does not
/// support it, so that no other test meets it.
class HookedBackend final : public pow::Backend {
  public:
    using Hook = std::function<void(std::span<std::int8_t> outputs)>;

    explicit HookedBackend(std::string_view name) : name_{name} {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] std::string_view description() const noexcept override { return "for tests"; }
    [[nodiscard]] bool supported() const noexcept override { return supported_; }
    [[nodiscard]] core::result<std::shared_ptr<const pow::Network>> load(
        const pow::ModelConfig& config, std::shared_ptr<const pow::TensorSource> source,
        const pow::LoadOptions& options) const override;

    void call(std::span<std::int8_t> outputs) const {
        if (hook_) hook_(outputs);
    }

    /// Supported until the end of the scope.
    class Use {
      public:
        explicit Use(HookedBackend& backend) : backend_{backend} { backend_.supported_ = true; }
        ~Use() {
            backend_.supported_ = false;
            backend_.hook_ = {};
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

        /// From now on; not while a pass runs.
        void hook(Hook hook) { backend_.hook_ = std::move(hook); }

      private:
        HookedBackend& backend_;
    };

  private:
    std::string name_;
    bool supported_ = false;
    Hook hook_;
};

/// A registered one of its own for each name.
[[nodiscard]] HookedBackend& hooked_backend(const std::string& name);

/// Sets an environment variable, or removes it, until the end of the scope.
class ScopedEnvironment {
  public:
    ScopedEnvironment(const char* name, std::optional<std::string> value);
    ~ScopedEnvironment();
    ScopedEnvironment(const ScopedEnvironment&) = delete;
    ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

  private:
    std::string name_;
    std::optional<std::string> before_;
};

}  // namespace pouw::inline v1::test
