#include "pouw/economics/ledger.hpp"
#include "pouw/economics/sensitivity.hpp"

#include <gtest/gtest.h>

namespace pouw::economics {
namespace {
TEST(Settlement, Compiles) { EXPECT_TRUE(assess({})); }
}  // namespace
}  // namespace pouw::economics
