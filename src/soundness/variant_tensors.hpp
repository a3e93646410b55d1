/// The weights of a variant, as a source that every backend can load.
#pragma once

#include "pouw/pow/tensor.hpp"
#include "pouw/soundness/variant.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace pouw::inline v1::soundness {

/// The specified weights with the changes of a variant: tied and identity layers, paired units. Not its
/// `weight_mean`, which is no whole number.
class VariantTensors final : public pow::TensorSource {
  public:
    /// Expects: at least 1 in `tied_layers`.
    VariantTensors(const Variant& variant, const pow::WeightsKey& key);

    [[nodiscard]] std::span<const std::int8_t> rows(pow::TensorId id, std::uint64_t first,
                                                    std::uint64_t count,
                                                    std::span<std::int8_t> scratch) const override;
    [[nodiscard]] std::optional<pow::WeightsKey> weights_key() const noexcept override;
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept override { return 0; }

  private:
    Variant variant_;
    pow::StreamedTensors source_;
};

}  // namespace pouw::inline v1::soundness
