/// Backends on the kernels of src/pow/kernels: weights packed into panels, a batch computed panel by panel.
#pragma once

#include "pow/cpu_features.hpp"
#include "pow/kernels/kernels.h"

#include "pouw/pow/backend.hpp"

#include <string_view>
#include <vector>

namespace pouw::inline v1::pow {

/// The backend of one table of kernels.
class PackedBackend final : public Backend {
  public:
    /// Expects: kernels and text that live as long as the backend.
    PackedBackend(std::string_view name, std::string_view description, std::string_view instruction,
                  const kernels::Kernels& kernels, bool supported) noexcept
        : name_{name},
          description_{description},
          instruction_{instruction},
          kernels_{&kernels},
          supported_{supported} {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] std::string_view description() const noexcept override { return description_; }
    [[nodiscard]] std::string_view instruction() const noexcept override { return instruction_; }
    [[nodiscard]] bool supported() const noexcept override { return supported_; }
    [[nodiscard]] core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const override;

  private:
    std::string_view name_;
    std::string_view description_;
    std::string_view instruction_;
    const kernels::Kernels* kernels_;
    bool supported_;
};

struct RankedBackend {
    const Backend* backend;
    int priority;
};

/// The backends of this architecture (pow/kernels/kernels.def), supported by this machine or not.
[[nodiscard]] std::vector<RankedBackend> packed_backends();

}  // namespace pouw::inline v1::pow
