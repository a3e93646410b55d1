/// A backend that fails when it is told to: what a lost device looks like.
#pragma once

#include "pouw/pow/backend.hpp"
#include "pouw/pow/errc.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace pouw::inline v1::test {

/// The scalar backend, with a number of batches until it fails. Once it has failed it fails always.
class FailingBackend final : public pow::Backend {
  public:
    enum class With { error, bad_alloc };
    static constexpr std::int64_t never = INT64_MAX;

    explicit FailingBackend(std::string_view name) : name_{name} {}

    /// From now on: `batches` more are computed. With `scratch` false no memory can be had for another pass.
    void fail_after(std::int64_t batches, With with = With::error, bool scratch = true) const {
        left_ = batches;
        with_ = with;
        scratch_ = scratch;
    }
    void fail_load(bool fails) const { load_fails_ = fails; }

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] std::string_view description() const noexcept override { return "fails, for tests"; }
    [[nodiscard]] bool supported() const noexcept override { return true; }
    [[nodiscard]] core::result<std::shared_ptr<const pow::Network>> load(
        const pow::ModelConfig& config, std::shared_ptr<const pow::TensorSource> source,
        const pow::LoadOptions& options) const override {
        if (load_fails_) return failure();
        auto network = pow::scalar_backend().load(config, std::move(source), options);
        if (!network) return network;
        return std::shared_ptr<const pow::Network>{std::make_shared<Network>(*this, *std::move(network))};
    }

  private:
    static core::error failure() { return core::fail(pow::errc::backend_failed, "for tests"); }

    class Pass final : public pow::ForwardPass {
      public:
        Pass(const FailingBackend& backend, std::unique_ptr<pow::ForwardPass> pass)
            : backend_{backend}, pass_{std::move(pass)} {}
        core::result<void> run(std::span<const pow::Input> inputs, std::span<std::int8_t> outputs,
                               std::stop_token stop) override {
            if (backend_.left_-- <= 0) {
                if (backend_.with_ == With::bad_alloc) throw std::bad_alloc{};
                return failure();
            }
            return pass_->run(inputs, outputs, std::move(stop));
        }

      private:
        const FailingBackend& backend_;
        std::unique_ptr<pow::ForwardPass> pass_;
    };

    class Network final : public pow::Network {
      public:
        Network(const FailingBackend& backend, std::shared_ptr<const pow::Network> network)
            : backend_{backend}, network_{std::move(network)} {}
        [[nodiscard]] core::result<std::unique_ptr<pow::ForwardPass>> forward_pass(
            std::size_t batch) const override {
            if (!backend_.scratch_) return failure();
            auto pass = network_->forward_pass(batch);
            if (!pass) return pass;
            return std::unique_ptr<pow::ForwardPass>{std::make_unique<Pass>(backend_, *std::move(pass))};
        }
        [[nodiscard]] std::size_t preferred_batch() const noexcept override {
            return network_->preferred_batch();
        }
        [[nodiscard]] bool streams() const noexcept override { return network_->streams(); }
        [[nodiscard]] std::uint64_t memory_bytes() const noexcept override {
            return network_->memory_bytes();
        }

      private:
        const FailingBackend& backend_;
        std::shared_ptr<const pow::Network> network_;
    };

    std::string_view name_;
    mutable std::atomic<std::int64_t> left_{never};
    mutable std::atomic<With> with_{With::error};
    mutable std::atomic<bool> scratch_{true};
    mutable std::atomic<bool> load_fails_{false};
};

}  // namespace pouw::inline v1::test
