#include "pouw/crypto/blake2b.hpp"

#include "pouw/core/contract.hpp"

#include <sodium.h>

namespace pouw::inline v1::crypto {
namespace {

template <typename State>
crypto_generichash_blake2b_state* sodium_state(State& state) noexcept {
    static_assert(sizeof(crypto_generichash_blake2b_state) <= sizeof(State) &&
                  alignof(crypto_generichash_blake2b_state) <= alignof(State));
    return reinterpret_cast<crypto_generichash_blake2b_state*>(&state);
}

}  // namespace

template <typename Digest>
TaggedHasher<Digest>::TaggedHasher(const DomainTag& tag) noexcept {
    const int code = crypto_generichash_blake2b_init_salt_personal(sodium_state(state_), nullptr, 0,
                                                                   Digest::size, nullptr, tag.bytes.data());
    POUW_ENSURES(code == 0);
}

template <typename Digest>
TaggedHasher<Digest>& TaggedHasher<Digest>::update(core::ByteView data) noexcept {
    const int code = crypto_generichash_blake2b_update(sodium_state(state_), data.data(), data.size());
    POUW_ENSURES(code == 0);
    return *this;
}

template <typename Digest>
Digest TaggedHasher<Digest>::finish() noexcept {
    Digest out;
    const int code = crypto_generichash_blake2b_final(sodium_state(state_), out.bytes.data(), Digest::size);
    POUW_ENSURES(code == 0);
    return out;
}

template class TaggedHasher<Hash256>;
template class TaggedHasher<Hash512>;

Hash256 hash(const DomainTag& tag, core::ByteView data) noexcept { return Hasher{tag}.update(data).finish(); }

Hash256 blake2b_256(core::ByteView data) noexcept {
    Hash256 out;
    const int code =
        crypto_generichash_blake2b(out.bytes.data(), Hash256::size, data.data(), data.size(), nullptr, 0);
    POUW_ENSURES(code == 0);
    return out;
}

}  // namespace pouw::inline v1::crypto
