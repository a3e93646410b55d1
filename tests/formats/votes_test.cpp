#include "pouw/formats/votes.hpp"

#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"

namespace pouw::inline v1::formats {
namespace {

validation::Vote vote(std::uint8_t voter) {
    validation::Vote out;
    out.subject = {
        id<core::ChainDigest>(1), 7, {id<core::TaskId>(2), id<core::NodeId>(3)}, id<crypto::Hash256>(4)};
    out.verdict = voter % 2 == 0 ? validation::Verdict::valid : validation::Verdict::invalid;
    out.voter = id<core::NodeId>(voter);
    out.signature = id<crypto::Signature>(5);
    return out;
}

TEST(Votes, AVoteIsWrittenAndRead) {
    for (const std::uint8_t voter : {std::uint8_t{8}, std::uint8_t{9}})
        EXPECT_EQ(parse_vote(to_json(vote(voter))).value(), vote(voter));
}

TEST(Votes, AnyNumberOfVotesIsWrittenAndRead) {
    const std::vector<validation::Vote> votes{vote(9), vote(8), vote(9)};
    EXPECT_EQ(parse_votes(to_json(votes)).value(), votes);
    EXPECT_EQ(parse_votes(R"({"votes":[]})").value(), std::vector<validation::Vote>{});
}

TEST(Votes, NamesTheFieldThatIsWrong) {
    const std::string text = to_json(vote(8));
    expect_refused(parse_vote(replaced(text, "\"valid\"", "\"true\"")), errc::expected_choice, "verdict");
    expect_refused(parse_vote(replaced(text, "\"valid\"", "true")), errc::expected_choice, "verdict");
    expect_refused(parse_vote(replaced(text, "\"7\"", "7")), errc::json_number, "epoch");
    expect_refused(parse_vote(replaced(text, "\"voter\":\"00", "\"voter\":\"")), core::errc::wrong_length,
                   "voter");
    expect_refused(parse_vote(replaced(text, "\"result\":\"00", "\"result\":\"0x")), core::errc::invalid_hex,
                   "result");
    expect_refused(parse_vote(replaced(text, "\"result\"", "\"answer\"")), errc::missing_field, "result");
    std::string votes = to_json(std::vector<validation::Vote>{vote(8), vote(8)});
    votes.replace(votes.rfind("\"7\""), 3, "\"07\"");
    expect_refused(parse_votes(votes), core::errc::invalid_amount, "votes[1].epoch");
}

}  // namespace
}  // namespace pouw::inline v1::formats
