#include "pouw/pow/backend.hpp"

#include "pouw/core/contract.hpp"

namespace pouw::inline v1::pow {

core::result<void> ForwardPass::submit(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                                       std::stop_token stop) {
    POUW_EXPECTS(!submitted_);
    submitted_ = run(inputs, outputs, std::move(stop));
    return {};
}

core::result<void> ForwardPass::wait() {
    POUW_EXPECTS(submitted_.has_value());
    const core::result<void> done = *submitted_;
    submitted_.reset();
    return done;
}

core::result<std::unique_ptr<Search>> Network::search(const SearchTerms&, std::size_t) const {
    return std::unique_ptr<Search>{};
}

}  // namespace pouw::inline v1::pow
