#include "pouw/validation/checkpoint.hpp"

#include "validation/certificate.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/validation/errc.hpp"

namespace pouw::inline v1::validation {
using core::fail;
using core::result;

core::Bytes Checkpoint::encode() const {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, chain.view());
    core::append(out, core::to_le(epoch.value));
    core::append(out, core::to_le(height.value));
    core::append(out, block.view());
    core::append(out, weights.view());
    POUW_ENSURES(out.size() == size);
    return out;
}

result<Checkpoint> Checkpoint::decode(core::ByteView data) {
    if (data.size() != size) return fail(core::errc::wrong_length, "a checkpoint has 116 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version) return fail(core::errc::unsupported_version);
    Checkpoint out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.epoch = reader.integer<std::uint64_t>();
    out.height = reader.integer<std::uint64_t>();
    out.block = reader.fixed<core::BlockHash>();
    out.weights = reader.fixed<crypto::Hash256>();
    return out;
}

result<Checkpoint> advance(const Checkpoint& trusted, const CheckpointStep& step, unsigned threads) {
    POUW_EXPECTS(threads >= 1);
    const BlockStatement& statement = step.certificate.statement;
    if (step.weights.digest() != trusted.weights) return fail(errc::other_weights);
    if (statement.height <= trusted.height) return fail(errc::stale_certificate);
    const auto valid =
        detail::verify_certificate(trusted.chain, trusted.epoch, step.weights, step.certificate, threads);
    if (!valid) return valid.error();
    Checkpoint out{trusted.chain, trusted.epoch, statement.height, statement.block, trusted.weights};
    if (statement.next_weights) {
        if (out.epoch == core::Epoch{UINT64_MAX}) return fail(core::errc::overflow, "the last epoch");
        ++out.epoch;
        out.weights = *statement.next_weights;
    }
    return out;
}

result<Checkpoint> follow(const Checkpoint& trusted, std::span<const CheckpointStep> steps,
                          unsigned threads) {
    Checkpoint out = trusted;
    for (const CheckpointStep& step : steps) {
        const auto next = advance(out, step, threads);
        if (!next) return next.error();
        out = *next;
    }
    return out;
}

}  // namespace pouw::inline v1::validation
