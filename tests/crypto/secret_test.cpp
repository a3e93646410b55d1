// Secrets are wiped, and those that live long lie in memory that does not leave the process.
#include "pouw/crypto/secret.hpp"

#include "sanitized.hpp"

#include "pouw/crypto/keys.hpp"
#include "pouw/crypto/scalar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#endif

namespace pouw::inline v1::crypto {
namespace {

using Kept = LongLivedSecret<struct KeptTag, 32>;

Kept kept(std::uint8_t value) {
    Kept out;
    std::fill(out.fill().begin(), out.fill().end(), value);
    return out;
}

bool all(const Kept& secret, std::uint8_t value) {
    return std::all_of(secret.reveal().begin(), secret.reveal().end(), [=](auto b) { return b == value; });
}

TEST(LongLivedSecret, IsAValueLikeOthers) {
    Kept first = kept(7);
    EXPECT_TRUE(first == kept(7));
    EXPECT_FALSE(first == kept(8));
    const Kept second = std::move(first);
    EXPECT_TRUE(all(second, 7));
    EXPECT_TRUE(first.is_empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    first = kept(9);
    EXPECT_TRUE(all(first, 9));
    EXPECT_TRUE(all(second, 7));
}

TEST(LongLivedSecret, LeavesNothingToTheNextOne) {
    for (int i = 0; i < 1000; ++i) {
        Kept fresh;
        EXPECT_TRUE(std::all_of(fresh.fill().begin(), fresh.fill().end(), [](auto b) { return b == 0; }));
        (void)kept(0xff);
    }
}

TEST(LongLivedSecret, ManyAreApart) {
    std::vector<Kept> secrets;
    for (unsigned i = 0; i < 1000; ++i) secrets.push_back(kept(static_cast<std::uint8_t>(i)));
    for (unsigned i = 0; i < 1000; i += 2) secrets[i] = kept(0);
    for (unsigned i = 0; i < 1000; ++i) {
        EXPECT_TRUE(all(secrets[i], static_cast<std::uint8_t>(i % 2 == 0 ? 0 : i))) << i;
    }
}

TEST(LongLivedSecret, ThreadsMakeAndDestroyThem) {
    std::vector<std::thread> threads;
    std::vector<int> good(4);
    for (std::size_t t = 0; t < good.size(); ++t) {
        threads.emplace_back([&good, t] {
            for (int i = 0; i < 2000; ++i) {
                const Kept secret = kept(static_cast<std::uint8_t>(t + 1));
                good[t] += all(secret, static_cast<std::uint8_t>(t + 1)) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, std::vector<int>(4, 2000));
}

TEST(LongLivedSecret, HoldsAScalarToo) {
    std::array<std::uint8_t, 64> wide{5};
    Locked<SecretScalar> scalar;
    *scalar = SecretScalar::reduce(wide);
    const Locked<SecretScalar> moved = std::move(scalar);
    EXPECT_EQ((*moved).disclose(), Scalar{5});
}

#ifdef __linux__

/// A mapping of this process: its permissions and the flags of the kernel.
struct Mapping {
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    std::string permissions;
    std::string flags;
};

std::vector<Mapping> mappings() {
    std::ifstream file{"/proc/self/smaps"};
    std::vector<Mapping> out;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        Mapping mapping;
        char dash = 0;
        if (line.starts_with("VmFlags:") && !out.empty()) out.back().flags = line.substr(8) + " ";
        if (words >> std::hex >> mapping.first >> dash >> mapping.end >> mapping.permissions && dash == '-') {
            out.push_back(mapping);
        }
    }
    return out;
}

TEST(LongLivedSecret, StaysOutOfCoreDumpsBetweenGuards) {
    const MasterSeed seed = generate_master_seed();
    const auto address = reinterpret_cast<std::uintptr_t>(seed.reveal().data());
    const std::vector<Mapping> all_mappings = mappings();
    const auto found = std::find_if(all_mappings.begin(), all_mappings.end(),
                                    [=](const Mapping& m) { return m.first <= address && address < m.end; });
    if (all_mappings.empty()) GTEST_SKIP() << "the system does not tell";
    ASSERT_NE(found, all_mappings.end());
    EXPECT_NE(found->flags.find(" dd "), std::string::npos) << found->flags;
    // Sanitizers make every mlock a success that locks nothing.
    if (!test::sanitized) {
        EXPECT_EQ(found->flags.find(" lo ") != std::string::npos, long_lived_secrets_are_locked());
    }
    EXPECT_EQ(std::prev(found)->end, found->first);
    EXPECT_EQ(std::next(found)->first, found->end);
    EXPECT_EQ(std::prev(found)->permissions, "---p");
    EXPECT_EQ(std::next(found)->permissions, "---p");
}

// Without the right to lock memory secrets are as usable as ever.
TEST(LongLivedSecret, WorksWhereNothingMayBeLocked) {
    if (test::sanitized) GTEST_SKIP() << "sanitizers make every mlock a success";
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto without_locks = [] {
        const rlimit none{0, 0};
        if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) std::_Exit(3);
        if (::geteuid() == 0 && ::seteuid(65534) != 0) std::_Exit(4);
        std::vector<SigningKey> keys;
        for (int i = 0; i < 200; ++i) keys.push_back(SigningKey::derive(generate_master_seed()));
        const Hash256 digest = blake2b_256({});
        const bool good = std::all_of(keys.begin(), keys.end(), [&](const SigningKey& key) {
            return verify(key.public_key(), digest, key.sign(digest));
        });
        if (!good) std::_Exit(1);
        std::_Exit(long_lived_secrets_are_locked() ? 2 : 0);
    };
    EXPECT_EXIT(without_locks(), testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace pouw::inline v1::crypto
