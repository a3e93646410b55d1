#include "pouw/crypto/blake2b.hpp"

#include <gsl/gsl>

namespace pouw::crypto {

template <typename Digest>
TaggedHasher<Digest>::TaggedHasher(const DomainTag& tag) noexcept {
    const int code = crypto_generichash_blake2b_init_salt_personal(&state_, nullptr, 0, Digest::size, nullptr,
                                                                   tag.bytes.data());
    Ensures(code == 0);
}

template <typename Digest>
TaggedHasher<Digest>& TaggedHasher<Digest>::update(core::ByteView data) noexcept {
    const int code = crypto_generichash_blake2b_update(&state_, data.data(), data.size());
    Ensures(code == 0);
    return *this;
}

template <typename Digest>
Digest TaggedHasher<Digest>::finish() noexcept {
    Digest out;
    const int code = crypto_generichash_blake2b_final(&state_, out.bytes.data(), Digest::size);
    Ensures(code == 0);
    return out;
}

template class TaggedHasher<Hash256>;
template class TaggedHasher<Hash512>;

Hash256 hash(const DomainTag& tag, core::ByteView data) noexcept { return Hasher{tag}.update(data).finish(); }

Hash256 blake2b_256(core::ByteView data) noexcept {
    Hash256 out;
    const int code =
        crypto_generichash_blake2b(out.bytes.data(), Hash256::size, data.data(), data.size(), nullptr, 0);
    Ensures(code == 0);
    return out;
}

}  // namespace pouw::crypto
