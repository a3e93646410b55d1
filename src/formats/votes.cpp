#include "pouw/formats/votes.hpp"

#include "formats/fields.hpp"
#include "formats/json.hpp"

namespace pouw::inline v1::formats {

using validation::Vote;

namespace {

Vote read_vote(Fields& fields) {
    Vote vote;
    vote.subject.chain = fields.bytes<core::ChainDigest>("chain");
    vote.subject.epoch = fields.u64("epoch");
    vote.subject.task.id = fields.bytes<core::TaskId>("task");
    vote.subject.task.executor = fields.bytes<core::NodeId>("executor");
    vote.subject.result = fields.bytes<crypto::Hash256>("result");
    vote.verdict = fields.choice<validation::Verdict>(
        "verdict", 2, [](validation::Verdict v) { return name(v); }, "valid, invalid");
    vote.voter = fields.bytes<core::NodeId>("voter");
    vote.signature = fields.bytes<crypto::Signature>("signature");
    return vote;
}

Json vote_json(const Vote& vote) {
    return {{"chain", json_of(vote.subject.chain)},   {"epoch", json_of(vote.subject.epoch)},
            {"task", json_of(vote.subject.task.id)},  {"executor", json_of(vote.subject.task.executor)},
            {"result", json_of(vote.subject.result)}, {"verdict", name(vote.verdict)},
            {"voter", json_of(vote.voter)},           {"signature", json_of(vote.signature)}};
}

}  // namespace

parsed<Vote> parse_vote(std::string_view text, const Limits& limits) {
    return parse_text<Vote>(text, limits, read_vote);
}

parsed<std::vector<Vote>> parse_votes(std::string_view text, const Limits& limits) {
    return parse_text<std::vector<Vote>>(text, limits, [](Fields& fields) {
        std::vector<Vote> out;
        fields.each("votes", [&](Fields& vote) { out.push_back(read_vote(vote)); });
        return out;
    });
}

std::string to_json(const Vote& vote) { return text_of(vote_json(vote)); }

std::string to_json(std::span<const Vote> votes) {
    Json json{{"votes", Json::array()}};
    for (const Vote& vote : votes) json["votes"].push_back(vote_json(vote));
    return text_of(json);
}

}  // namespace pouw::inline v1::formats
