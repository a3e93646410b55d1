#include "pouw/economics/ranking.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>
#include <tuple>

namespace pouw::inline v1::economics {
namespace {

/// version ‖ chain ‖ sender ‖ sequence ‖ model ‖ most IPS
core::Bytes encode_unsigned(const ComputeRequest& request) {
    core::Bytes out;
    core::append(out, core::to_le(core::spec_version));
    core::append(out, request.chain.view());
    core::append(out, request.sender.view());
    core::append(out, core::to_le(request.sequence));
    core::append(out, request.model.view());
    core::append(out, core::to_le(request.most_ips));
    return out;
}

}  // namespace

ComputeRequestId ComputeRequest::id() const {
    return {crypto::hash(crypto::domain::compute_request, encode_unsigned(*this)).bytes};
}

core::Bytes ComputeRequest::encode() const {
    core::Bytes out = encode_unsigned(*this);
    core::append(out, signature.view());
    POUW_ENSURES(out.size() == size);
    return out;
}

core::result<ComputeRequest> ComputeRequest::decode(core::ByteView data) {
    if (data.size() != size) return core::fail(core::errc::wrong_length, "a request has 180 bytes");
    core::Reader reader{data};
    if (reader.integer<std::uint32_t>() != core::spec_version)
        return core::fail(core::errc::unsupported_version);
    ComputeRequest out;
    out.chain = reader.fixed<core::ChainDigest>();
    out.sender = reader.fixed<crypto::PublicKey>();
    out.sequence = reader.integer<std::uint64_t>();
    out.model = reader.fixed<core::InferenceModelId>();
    out.most_ips = reader.integer<std::uint64_t>();
    out.signature = reader.fixed<crypto::Signature>();
    if (out.most_ips == 0) return core::fail(core::errc::non_canonical, "a request of no IPS");
    return out;
}

core::result<void> ComputeRequest::verify(const core::ChainDigest& expected) const {
    if (most_ips == 0) return core::fail(core::errc::non_canonical, "a request of no IPS");
    if (chain != expected) return core::fail(validation::errc::other_chain);
    if (const auto key = crypto::checked_public_key(sender.view()); !key) return key.error();
    if (!crypto::verify(sender, crypto::Hash256{id().bytes}, signature))
        return core::fail(crypto::errc::invalid_signature);
    return {};
}

ComputeRequest sign_request(const core::ChainDigest& chain, std::uint64_t sequence,
                            const core::InferenceModelId& model, std::uint64_t most_ips,
                            const crypto::SigningKey& key) {
    ComputeRequest out{chain, key.public_key(), sequence, model, most_ips, {}};
    out.signature = key.sign(crypto::Hash256{out.id().bytes});
    return out;
}

core::result<std::vector<std::size_t>> rank(std::span<const FundedRequest> requests) {
    struct Ranked {
        core::Amount balance;
        ComputeRequestId id;
        std::size_t place;
    };
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (requests[i].balance < 0) return core::fail(core::errc::invalid_amount, "a negative balance");
        if (requests[i].balance > 0) ranked.push_back({requests[i].balance, requests[i].request.id(), i});
    }
    // Of equal requests the one with the largest balance stays.
    std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(a.id, b.balance, a.place) < std::tie(b.id, a.balance, b.place);
    });
    const auto equal = [](const Ranked& a, const Ranked& b) { return a.id == b.id; };
    ranked.erase(std::unique(ranked.begin(), ranked.end(), equal), ranked.end());
    std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(b.balance, a.id) < std::tie(a.balance, b.id);
    });
    std::vector<std::size_t> out;
    for (const Ranked& entry : ranked) out.push_back(entry.place);
    return out;
}

}  // namespace pouw::inline v1::economics
