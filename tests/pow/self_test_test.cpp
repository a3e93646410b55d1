/// The known-answer test refuses a backend of which any kernel is wrong.
#include "pow/self_test.hpp"

#include "support.hpp"

#include "pouw/crypto/initialize.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::pow {
namespace {

using test::Json;

TEST(SelfTest, TheAnswersAreThoseOfTheReference) {
    const Json file = test::load_vectors("pow/self_test.json");
    EXPECT_EQ(known_race_seed(), test::from_hex<RaceSeed>(file.at("race_seed").get<std::string>()));
    EXPECT_EQ(known_node_seed(), node_seed(test::bytes(file.at("public_key"))));
    EXPECT_EQ(file.at("nonces").size(), known_nonces);
    const Json& configs = file.at("configs");
    ASSERT_EQ(configs.size(), known_answers().size());
    for (std::size_t i = 0; i < configs.size(); ++i) {
        const KnownAnswer& known = known_answers()[i];
        EXPECT_EQ(known.name, configs[i].at("name"));
        EXPECT_EQ(known.config, test::config_from(configs[i].at("config")));
        EXPECT_EQ(known.digest, configs[i].at("digest"));
        EXPECT_EQ(test::digest(test::int8s(configs[i].at("outputs"))), known.digest);
    }
}

TEST(SelfTest, TheShapesLeaveRemainders) {
    bool gated = false;
    bool several_blocks = false;
    bool odd_heads = false;
    for (const KnownAnswer& known : known_answers()) {
        EXPECT_TRUE(validate(known.config));
        gated = gated || known.config.ffn_kind == FfnKind::gated;
        several_blocks = several_blocks || (known.config.ffn_dim > 512 && known.config.ffn_dim % 512 != 0);
        odd_heads = odd_heads || known.config.head_dim() % 2 != 0;
    }
    EXPECT_TRUE(gated && several_blocks && odd_heads);
}

}  // namespace
}  // namespace pouw::inline v1::pow
