// What lies on the stack of a thread that computed with secrets, after it has ended.
#include "sanitized.hpp"

#include "pouw/crypto/initialize.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/scalar.hpp"
#include "pouw/crypto/sealed_prompt.hpp"

#include <gtest/gtest.h>

#ifdef __linux__
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>

namespace pouw::inline v1::crypto {
namespace {

/// Whether the dynamic linker bound all functions before the program began.
bool bound_at_start() {
    for (const ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_BIND_NOW) return true;
        if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW) != 0) return true;
        if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW) != 0) return true;
    }
    return false;
}

/// The stack of a thread, which can be read when the thread has ended.
class Stack {
  public:
    Stack() {
        memory_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) throw std::bad_alloc{};
    }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    ~Stack() { ::munmap(memory_, size); }

    void run(void* (*work)(void*), void* argument) {
        pthread_attr_t attributes;
        ASSERT_EQ(::pthread_attr_init(&attributes), 0);
        ASSERT_EQ(::pthread_attr_setstack(&attributes, memory_, size), 0);
        pthread_t thread{};
        ASSERT_EQ(::pthread_create(&thread, &attributes, work, argument), 0);
        ASSERT_EQ(::pthread_join(thread, nullptr), 0);
        ::pthread_attr_destroy(&attributes);
    }

    /// Whether eight bytes in a row of the secret lie anywhere on it.
    [[nodiscard]] bool holds(std::span<const std::uint8_t> secret) const {
        const auto* first = static_cast<const std::uint8_t*>(memory_);
        for (std::size_t i = 0; i + 8 <= secret.size(); i += 8) {
            const auto part = secret.subspan(i, 8);
            if (std::search(first, first + size, part.begin(), part.end()) != first + size) return true;
        }
        return false;
    }

  private:
    static constexpr std::size_t size = std::size_t{1} << 20;
    void* memory_;
};

void* compute(void* argument) {
    const auto& seed = *static_cast<const MasterSeed*>(argument);
    (void)SigningKey::derive(seed).sign(Hash256{});
    (void)SealingKey::derive(seed);
    const WideSecret wide = derive_wide(derive_seed(seed, domain::vrf_key), domain::vrf_key, {});
    const SecretScalar scalar = SecretScalar::reduce(wide.reveal());
    (void)SecretScalar::multiply_add(scalar, 3, scalar.inverse());
    return nullptr;
}

/// Deep enough that the end of the thread does not write over it.
void* leave_copies(void* argument) {
    std::array<volatile std::uint8_t, 128 * MasterSeed::size> copies{};
    const auto bytes = static_cast<const MasterSeed*>(argument)->reveal();
    for (std::size_t i = 0; i < copies.size(); ++i) copies[i] = bytes[i % bytes.size()];
    return nullptr;
}

TEST(Stack, KeepsNoSecret) {
    if (test::sanitized) GTEST_SKIP() << "sanitizers keep copies of their own";
    if (!bound_at_start()) GTEST_SKIP() << "the dynamic linker saves registers on the stack";
    ASSERT_TRUE(initialize());
    MasterSeed seed = generate_master_seed();
    Stack stack;
    stack.run(compute, &seed);
    const DerivedSeed derived = derive_seed(seed, domain::vrf_key);
    const WideSecret wide = derive_wide(derived, domain::vrf_key, {});
    EXPECT_FALSE(stack.holds(seed.reveal()));
    EXPECT_FALSE(stack.holds(derive_seed(seed, domain::signing_key).reveal()));
    EXPECT_FALSE(stack.holds(derive_seed(seed, domain::sealing_key).reveal()));
    EXPECT_FALSE(stack.holds(derived.reveal()));
    EXPECT_FALSE(stack.holds(wide.reveal()));
    const SecretScalar scalar = SecretScalar::reduce(wide.reveal());
    EXPECT_FALSE(stack.holds(scalar.reveal()));
    EXPECT_FALSE(stack.holds(scalar.inverse().reveal()));
    stack.run(leave_copies, &seed);
    EXPECT_TRUE(stack.holds(seed.reveal())) << "the search finds nothing";
}

}  // namespace
}  // namespace pouw::inline v1::crypto
#endif
