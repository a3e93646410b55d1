#include "vectors.hpp"

#include "validation/network.hpp"

#include "pouw/crypto/chain_digest.hpp"
#include "pouw/stats/sampling.hpp"
#include "pouw/validation/assignment.hpp"
#include "pouw/validation/challenge.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/validation/image.hpp"
#include "pouw/validation/node_registration.hpp"
#include "pouw/validation/report.hpp"
#include "pouw/validation/voting.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::validation {
namespace {

using namespace test;
using pouw::test::bytes;
using pouw::test::fixed;
using pouw::test::load_vectors;
using pouw::test::u64;

/// The chain of all vectors.
core::ChainId chain_of(const Json& file) {
    const core::ChainId chain{"pouw-test"};
    EXPECT_EQ(crypto::chain_digest(chain), fixed<core::ChainDigest>(file["chain"]));
    return chain;
}

EpochBeacon epoch_of(const Json& file, core::Epoch epoch, const Json& output) {
    return EpochBeacon::create(chain_of(file), epoch, {fixed<core::BeaconOutput>(output), 1000, 1020})
        .value();
}

TEST(ValidationVectors, ChainDigest) {
    const Json file = load_vectors("validation/selections.json");
    EXPECT_EQ(crypto::chain_digest(core::ChainId{core::ByteView{bytes(file["chain_id"])}}),
              fixed<core::ChainDigest>(file["chain"]));
}

TEST(ValidationVectors, Selections) {
    const Json file = load_vectors("validation/selections.json");
    ASSERT_GE(file["selections"].size(), 18u);
    for (const Json& vector : file["selections"]) {
        const EpochBeacon epoch = epoch_of(file, u64(vector["epoch"]), vector["beacon"]);
        const Validators validators = validators_of(vector["nodes"], epoch);
        const Task task{fixed<core::TaskId>(vector["task"]), fixed<core::NodeId>(vector["executor"])};
        const auto validator = fixed<core::NodeId>(vector["validator"]);
        const core::Fraction rate = fraction(vector["rate"]);
        EXPECT_EQ(selection_input(epoch, task), bytes(vector["alpha"]));
        const auto own = select(validators, validator, vrf_key(vector["vrf_seed"]), task, rate);
        ASSERT_TRUE(own);
        const auto proof = fixed<vrf::Proof>(vector["proof"]);
        EXPECT_EQ(own->proof, proof);
        const auto shown = check_proof(validators, validator, task, rate, proof);
        ASSERT_TRUE(shown);
        for (const Selection* selection : {&*own, &*shown}) {
            EXPECT_EQ(selection->output, fixed<vrf::Output>(vector["beta"]));
            EXPECT_EQ((core::uint256{0, selection_draw(selection->output)}), scaled(vector["draw"]));
            EXPECT_EQ(selection->threshold, scaled(vector["threshold"]));
            EXPECT_EQ(selection->selected, vector["selected"].get<bool>() || selection->guaranteed);
        }
        std::vector<core::NodeId> guaranteed;
        for (const Json& node : vector["guaranteed"]) guaranteed.push_back(fixed<core::NodeId>(node));
        EXPECT_EQ(validators.guaranteed(task, rate), guaranteed);
        EXPECT_EQ(own->guaranteed, guaranteed == std::vector{validator});
    }
}

TEST(ValidationVectors, Guarantees) {
    const Json file = load_vectors("validation/selections.json");
    ASSERT_GE(file["guarantees"].size(), 40u);
    std::size_t drawn = 0;
    for (const Json& vector : file["guarantees"]) {
        const EpochBeacon epoch = epoch_of(file, u64(vector["epoch"]), vector["beacon"]);
        std::vector<Registration> registrations;
        for (const Json& node : vector["nodes"]) {
            if (node["vrf_key"] == "") continue;
            registrations.push_back(
                {fixed<core::NodeId>(node["key"]), fixed<vrf::PublicKey>(node["vrf_key"]), 1});
        }
        const Validators validators{
            epoch, table_of(vector["nodes"]), registrations, {}, u64(vector["count"])};
        std::vector<core::NodeId> expected;
        for (const Json& node : vector["guaranteed"]) expected.push_back(fixed<core::NodeId>(node));
        const Task task{fixed<core::TaskId>(vector["task"]), fixed<core::NodeId>(vector["executor"])};
        EXPECT_EQ(validators.guaranteed(task, fraction(vector["rate"])), expected);
        drawn += expected.size();
    }
    EXPECT_EQ(drawn, 90u);
}

TEST(ValidationVectors, Thresholds) {
    const Json file = load_vectors("validation/selections.json");
    ASSERT_GE(file["thresholds"].size(), 200u);
    for (const Json& vector : file["thresholds"]) {
        const Odds odds{u64(vector["weight"]), u64(vector["executor_weight"]), u64(vector["total"])};
        const auto threshold = selection_threshold(odds, fraction(vector["rate"]));
        if (vector.contains("error")) {
            EXPECT_EQ(threshold.error().code.name(), vector["error"].get<std::string>());
        } else {
            EXPECT_EQ(threshold.value(), scaled(vector["threshold"])) << vector;
        }
    }
}

TEST(ValidationVectors, Totals) {
    const Json file = load_vectors("validation/selections.json");
    ASSERT_GE(file["totals"].size(), 60u);
    for (const Json& vector : file["totals"]) {
        const Validators validators = validators_of(vector["nodes"], epoch_of(file, 1, file["chain"]));
        const auto executor = fixed<core::NodeId>(vector["executor"]);
        const core::Fraction rate = fraction(vector["rate"]);
        const ExpectedChecks expected = expected_checks(validators, executor, rate);
        const auto numerator = core::from_decimal(vector["expected_numerator"].get<std::string>()).value();
        const auto denominator =
            core::from_decimal(vector["expected_denominator"].get<std::string>()).value();
        // certain + n/d = numerator/denominator, by cross multiplication.
        const core::uint128 rest = numerator - expected.certain * denominator;
        EXPECT_EQ(core::multiply(expected.numerator, denominator), core::multiply(rest, expected.denominator))
            << vector;
        const ChanceBounds unchecked = unchecked_chance(validators, executor, rate);
        EXPECT_EQ(unchecked.low, scaled(vector["unchecked_low"]));
        EXPECT_EQ(unchecked.high, scaled(vector["unchecked_high"]));
        EXPECT_EQ(expected.guaranteed, u64(vector["guaranteed"]));
        std::vector<core::NodeId> coalition;
        for (const Json& node : vector["coalition"]) coalition.push_back(fixed<core::NodeId>(node));
        const ChanceBounds within = unchecked_chance(validators, executor, rate, coalition);
        EXPECT_EQ(within.low, scaled(vector["within_low"]));
        EXPECT_EQ(within.high, scaled(vector["within_high"]));
    }
}

TEST(ValidationVectors, Detection) {
    const Json file = load_vectors("validation/selections.json");
    ASSERT_GE(file["detection"].size(), 64u);
    for (const Json& vector : file["detection"]) {
        EXPECT_EQ(stats::checks_to_detect(fraction(vector["found"]), fraction(vector["confidence"])).value(),
                  u64(vector["checks"]))
            << vector;
    }
}

TEST(ValidationVectors, Challenges) {
    const Json file = load_vectors("validation/challenges.json");
    ASSERT_GE(file["cases"].size(), 6u);
    for (const Json& vector : file["cases"]) {
        const auto validator = fixed<core::NodeId>(vector["validator"]);
        const Json nodes =
            Json::array({{{"key", vector["validator"]}, {"weight", "5"}, {"vrf_key", std::string(64, '0')}}});
        const Validators validators =
            validators_of(nodes, epoch_of(file, u64(vector["epoch"]), vector["beacon"]));
        std::vector<UncheckedTask> tasks;
        for (const Json& task : vector["tasks"])
            tasks.push_back({{fixed<core::TaskId>(task), {}}, {1, 10}, 1900});
        const beacon::Output output{fixed<core::BeaconOutput>(vector["output"]), 2000, 2020};
        const auto challenge =
            Challenge::draw(validators, validator, tasks, output, {1900, 1999, u64(vector["samples"]), 2050});
        std::vector<core::TaskId> asked;
        for (const UncheckedTask& task : challenge.value().open()) asked.push_back(task.task.id);
        std::vector<core::TaskId> expected;
        for (const Json& task : vector["asked"]) expected.push_back(fixed<core::TaskId>(task));
        EXPECT_EQ(asked, expected);
        const auto silence = challenge->conviction(2050);
        EXPECT_EQ(silence ? core::to_hex(silence->evidence.view()) : "",
                  vector["silence"].get<std::string>());
    }
}

TEST(ValidationVectors, Assignments) {
    const Json file = load_vectors("validation/assignments.json");
    ASSERT_GE(file["cases"].size(), 24u);
    std::size_t refused = 0;
    for (const Json& vector : file["cases"]) {
        const Request request{fixed<core::NodeId>(vector["requester"]), u64(vector["sequence"]),
                              fixed<crypto::Hash256>(vector["content"]), 5};
        EXPECT_EQ(request.id(), fixed<RequestId>(vector["request"]));
        const auto drawing =
            Drawing::create(epoch_of(file, u64(vector["epoch"]), vector["randomness"]), request);
        EXPECT_EQ(drawing.value().task(), fixed<core::TaskId>(vector["task"]));
        std::vector<core::NodeId> excluded;
        for (const Json& node : vector["excluded"]) excluded.push_back(fixed<core::NodeId>(node));
        const NodePool pool{table_of(vector["nodes"])};
        const auto relay = pool.relay(*drawing, excluded);
        const auto executors = pool.executors(*drawing, excluded, 5);
        if (vector.contains("error")) {
            ++refused;
            EXPECT_EQ(relay.error().code.name(), vector["error"].get<std::string>());
            EXPECT_EQ(executors.error().code.name(), vector["error"].get<std::string>());
            continue;
        }
        EXPECT_EQ(relay.value(), fixed<core::NodeId>(vector["relay"]));
        std::vector<core::NodeId> expected;
        for (const Json& node : vector["executors"]) expected.push_back(fixed<core::NodeId>(node));
        EXPECT_EQ(executors.value(), expected);
    }
    EXPECT_GE(refused, 1u);
}

TEST(ValidationVectors, Dummies) {
    const Json file = load_vectors("validation/dummies.json");
    const EpochBeacon epoch = epoch_of(file, 3, file["beacon"]);
    ASSERT_GE(file["open"].size(), 50u);
    for (const Json& vector : file["open"]) {
        const auto seed = open_dummy(epoch, u64(vector["slot"]), fraction(vector["rate"]));
        EXPECT_EQ(seed ? core::to_hex(seed->view()) : "", vector["seed"].get<std::string>());
    }
    const Validators validators = validators_of(file["nodes"], epoch);
    std::size_t selected = 0;
    for (const Json& vector : file["hidden"]) {
        const auto origin = fixed<core::NodeId>(vector["origin"]);
        const DummyTerms terms{fraction(vector["rate"]), u64(vector["payers"])};
        const std::uint64_t slot = u64(vector["slot"]);
        const auto own = hidden_dummy(validators, origin, vrf_key(vector["vrf_seed"]), slot, terms);
        const auto proof = fixed<vrf::Proof>(vector["proof"]);
        ASSERT_TRUE(own);
        EXPECT_EQ(own->has_value(), vector["selected"].get<bool>());
        if (!vector["selected"].get<bool>()) {
            EXPECT_EQ(open_hidden_dummy(validators, origin, slot, terms, {}, proof).error().code,
                      validation::errc::not_selected);
            continue;
        }
        ++selected;
        const HiddenDummy expected{proof, fixed<crypto::Hash256>(vector["salt"]),
                                   fixed<crypto::Hash256>(vector["prompt"]), u64(vector["payer"])};
        EXPECT_EQ(**own, expected);
        EXPECT_EQ(open_hidden_dummy(validators, origin, slot, terms, {expected.salt, expected.payer}, proof)
                      .value(),
                  expected.prompt);
    }
    EXPECT_GE(selected, 2u);
    EXPECT_LT(selected, file["hidden"].size());
}

TEST(ValidationVectors, Votes) {
    const Json file = load_vectors("validation/votes.json");
    Voting voting{chain_of(file), u64(file["epoch"]), table_of(file["nodes"])};
    std::vector<core::TaskId> tasks;
    for (const Json& s : file["subjects"]) {
        const Subject subject{fixed<core::ChainDigest>(file["chain"]),
                              u64(file["epoch"]),
                              {fixed<core::TaskId>(s["task"]), fixed<core::NodeId>(s["executor"])},
                              fixed<crypto::Hash256>(s["result"])};
        ASSERT_TRUE(voting.open(subject, u64(s["deadline"])));
        tasks.push_back(subject.task.id);
    }
    const std::map<std::string, Ruling> rulings{{"open", Ruling::open},
                                                {"valid", Ruling::valid},
                                                {"invalid", Ruling::invalid},
                                                {"undecided", Ruling::undecided}};
    ASSERT_GE(file["steps"].size(), 23u);
    for (const Json& step : file["steps"]) {
        SCOPED_TRACE(step["comment"]);
        const core::Bytes before = voting.save();
        const auto applied = voting.apply(bytes(step["vote"]), u64(step["height"]));
        EXPECT_EQ(applied.verdict.has_value(), !step.contains("error"));
        if (step.contains("error")) {
            EXPECT_EQ(applied.verdict.error().code.name(), step["error"].get<std::string>());
            EXPECT_EQ(voting.save(), before);
        }
        EXPECT_EQ(applied.evidence.has_value(), step.contains("evidence"));
        if (step.contains("evidence")) {
            EXPECT_EQ(applied.evidence->encode(), bytes(step["evidence"]));
            EXPECT_EQ(applied.evidence->conviction(fixed<core::ChainDigest>(file["chain"]), 1).value().node,
                      applied.evidence->voter);
        }
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            EXPECT_EQ(voting.ruling(tasks[i], u64(step["height"])).value(),
                      rulings.at(step["rulings"][i].get<std::string>()));
        }
    }
    EXPECT_EQ(voting.save(), bytes(file["state"]));
    EXPECT_EQ(Voting::restore(table_of(file["nodes"]), bytes(file["state"])).value(), voting);
}

TEST(ValidationVectors, Reports) {
    const Json file = load_vectors("validation/reports.json");
    const EpochBeacon epoch = epoch_of(file, u64(file["epoch"]), file["beacon"]);
    const Validators validators = validators_of(file["nodes"], epoch);
    const core::Fraction rate = fraction(file["rate"]);
    ASSERT_GE(file["cases"].size(), 19u);
    for (const Json& vector : file["cases"]) {
        SCOPED_TRACE(vector["comment"]);
        const Subject subject{epoch.chain(),
                              epoch.epoch(),
                              {fixed<core::TaskId>(vector["task"]), fixed<core::NodeId>(file["executor"])},
                              fixed<crypto::Hash256>(file["result"])};
        const auto report = Report::decode(bytes(vector["report"]));
        if (report) {
            EXPECT_EQ(report->encode(), bytes(vector["report"]));
        }
        const auto verdict =
            report ? verify_report(validators, subject, rate, *report) : core::result<void>{report.error()};
        EXPECT_EQ(verdict.has_value(), !vector.contains("error"));
        if (!verdict) {
            EXPECT_EQ(verdict.error().code.name(), vector.value("error", ""));
        }
    }
}

TEST(ValidationVectors, Registrations) {
    const Json file = load_vectors("validation/registrations.json");
    const core::ChainId chain = chain_of(file);
    ASSERT_GE(file["good"].size(), 3u);
    for (const Json& vector : file["good"]) {
        const core::Bytes seed = bytes(vector["master"]);
        crypto::MasterSeed master;
        std::copy(seed.begin(), seed.end(), master.fill().begin());
        const auto own = NodeRegistration::create(
            chain, master, {u64(vector["sequence"]), u64(vector["joins"]), u64(vector["leaves"])});
        EXPECT_EQ(own.encode(), bytes(vector["registration"]));
        EXPECT_EQ(NodeRegistration::decode(bytes(vector["registration"])).value(), own);
        EXPECT_TRUE(own.verify(chain));
    }
    ASSERT_GE(file["bad"].size(), 18u);
    for (const Json& vector : file["bad"]) {
        const auto decoded = NodeRegistration::decode(bytes(vector["registration"]));
        const auto verified = decoded ? decoded->verify(chain) : core::result<void>{decoded.error()};
        ASSERT_FALSE(verified) << vector["comment"];
        EXPECT_EQ(verified.error().code.name(), vector["error"].get<std::string>()) << vector["comment"];
    }
}

TEST(ValidationVectors, Images) {
    const Json file = load_vectors("validation/images.json");
    ASSERT_GE(file["good"].size(), 3u);
    for (const Json& vector : file["good"]) {
        const auto size = [&](std::size_t i) { return static_cast<std::uint32_t>(u64(vector["sizes"][i])); };
        const ImageRequest request{fixed<crypto::Hash256>(vector["model"]),
                                   crypto::blake2b_256(bytes(vector["prompt"])), u64(vector["seed"]),
                                   ImageSettings{size(0), size(1), size(2), size(3), vector["sampler"],
                                                 fixed<crypto::Hash256>(vector["options"])}};
        const ImageRecord record{request, image_digest(4, 2, bytes(vector["pixels"]))};
        EXPECT_EQ(record.encode(), bytes(vector["record"]));
        EXPECT_EQ(record.id(), fixed<crypto::Hash256>(vector["id"]));
        EXPECT_EQ(request.id(), fixed<crypto::Hash256>(vector["request_id"]));
        EXPECT_EQ(ImageRecord::decode(bytes(vector["record"])).value(), record);
    }
    ASSERT_GE(file["bad"].size(), 20u);
    for (const Json& vector : file["bad"]) {
        const auto decoded = ImageRecord::decode(bytes(vector["record"]));
        ASSERT_FALSE(decoded) << vector["comment"];
        EXPECT_EQ(decoded.error().code.name(), vector["error"].get<std::string>()) << vector["comment"];
    }
}

}  // namespace
}  // namespace pouw::inline v1::validation
