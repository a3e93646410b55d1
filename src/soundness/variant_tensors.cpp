#include "soundness/variant_tensors.hpp"

#include "pouw/core/contract.hpp"

#include <algorithm>

namespace pouw::inline v1::soundness {
namespace {

using pow::LayerTensor;

constexpr pow::TensorId first_layer_tensor = pow::layer_tensor(0, LayerTensor::query);
constexpr pow::TensorId layer_stride = pow::layer_tensor(1, LayerTensor::query) - first_layer_tensor;

}  // namespace

VariantTensors::VariantTensors(const Variant& variant, const pow::WeightsKey& key)
    : variant_{variant}, source_{variant.config, key} {
    POUW_EXPECTS(variant.tied_layers >= 1);
}

std::span<const std::int8_t> VariantTensors::rows(pow::TensorId id, std::uint64_t first, std::uint64_t count,
                                                  std::span<std::int8_t> scratch) const {
    if (id < first_layer_tensor) return source_.rows(id, first, count, scratch);
    const std::uint32_t layer = (id - first_layer_tensor) / layer_stride;
    const auto which = static_cast<LayerTensor>((id - first_layer_tensor) % layer_stride);
    const auto columns = static_cast<std::size_t>(pow::tensor_shape(variant_.config, id).columns);
    const std::span<std::int8_t> all = scratch.first(count * columns);
    if (variant_.identity_layers.contains(layer) &&
        (which == LayerTensor::output || which == LayerTensor::ffn_out)) {
        std::fill(all.begin(), all.end(), std::int8_t{0});
        return all;
    }
    const pow::TensorId shared = pow::layer_tensor(layer - layer % variant_.tied_layers, which);
    if (!variant_.paired_units || (which != LayerTensor::ffn_in && which != LayerTensor::ffn_up))
        return source_.rows(shared, first, count, scratch);
    for (std::uint64_t row = 0; row < count; ++row) {
        const std::span<std::int8_t> place = all.subspan(row * columns, columns);
        const auto values = source_.rows(shared, (first + row) & ~std::uint64_t{1}, 1, place);
        if (values.data() != place.data()) std::copy(values.begin(), values.end(), place.begin());
    }
    return all;
}

std::optional<pow::WeightsKey> VariantTensors::weights_key() const noexcept {
    return variant_.specified_weights() ? source_.weights_key() : std::nullopt;
}

}  // namespace pouw::inline v1::soundness
