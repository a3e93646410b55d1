// The bytes as they are, and with an executor's true signature put to them: what decodes encodes to the same
// bytes, and opens as the answer to no other prompt.
#include "pouw/crypto/sealed_answer.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/domain.hpp"

namespace pouw::inline v1::fuzz {
namespace {

crypto::MasterSeed fixed_seed() {
    crypto::MasterSeed seed;
    seed.fill().front() = 0;
    return seed;
}

const crypto::SigningKey& executor() {
    static const auto key = crypto::SigningKey::derive(fixed_seed());
    return key;
}

core::Bytes signed_again(core::ByteView data) {
    core::Bytes bytes{data.begin(), data.end()};
    const auto& key = executor().public_key();
    if (data.size() < 4 + crypto::PublicKey::size + crypto::Signature::size) return bytes;
    std::copy(key.bytes.begin(), key.bytes.end(), bytes.begin() + 4);
    bytes.resize(data.size() - crypto::Signature::size);
    const crypto::Signature signature = executor().sign(crypto::hash(crypto::domain::answer, bytes));
    core::append(bytes, signature.view());
    return bytes;
}

void check_one(core::ByteView data) {
    static const auto key = crypto::SealingKey::derive(fixed_seed());
    static const auto prompt =
        crypto::SealedPrompt::decode(
            crypto::SealedPrompt::seal({}, {}, {key.public_key()}, key.public_key(), executor()).value())
            .value();
    const auto answer = crypto::SealedAnswer::decode(data);
    if (!answer) return;
    require(equal(answer->encode(), data), "an answer has one encoding");
    require(answer->body_size() <= crypto::answer_limit, "an answer keeps the limit");
    require(!answer->open(prompt, answer->executor(), key), "an answer is to one prompt");
}

bool check(core::ByteView data) {
    check_one(data);
    check_one(signed_again(data));
    return true;
}

void decode(core::ByteView data) { (void)crypto::SealedAnswer::decode(signed_again(data)).has_value(); }

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(3)};

}  // namespace pouw::inline v1::fuzz
