// Checking inference that is not bit-exact: a threshold from samples, then honest and cheating executors
// against it.
#include "inference.hpp"

#include "pouw/core/describe.hpp"

#include <fmt/core.h>
#include <pouw/judgement/calibration.hpp>

namespace {

using namespace example;
namespace judgement = pouw::judgement;
namespace stats = pouw::stats;

constexpr std::uint64_t calibration_requests = 300;
constexpr std::uint64_t judged_requests = 50;

/// What everybody has agreed to run; honest executors on bfloat16 hardware, checkers on single precision.
const Transformer model{4, 1};

InferenceRecord checked(const Request& request, const InferenceRecord& record) {
    return read(model, Arithmetic::single, request, record.tokens());
}

struct Samples {
    std::vector<std::uint32_t> distances;
    std::uint32_t tokens = 0;
    std::uint32_t mismatches = 0;
};

/// Distances, and tokens that a checker does not draw within the tolerance, of texts that `writer` wrote.
Samples sample(const Transformer& writer, std::uint64_t first_request, std::uint64_t count,
               const judgement::SamplingTolerance& tolerance) {
    Samples out;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Request request{first_request + i};
        const InferenceRecord record = write(writer, Arithmetic::bfloat16, request);
        const InferenceRecord check = checked(request, record);
        out.distances.push_back(judgement::distance(record, check)->mean());
        for (std::uint32_t j = 0; j < record.tokens().size(); ++j) {
            ++out.tokens;
            out.mismatches +=
                !request.sampler().could_draw(j, check.candidates(j), record.tokens()[j], tolerance);
        }
    }
    return out;
}

pouw::core::Fraction one_in(std::uint64_t denominator) { return {1, denominator}; }

template <typename Execute>
void judge(const char* name, const judgement::Comparer& comparer, Execute execute) {
    std::uint32_t findings[5] = {};
    for (std::uint64_t i = 0; i < judged_requests; ++i) {
        const Request request{1'000'000 + i};
        const InferenceRecord record = execute(request);
        const auto comparison = comparer.compare(record, checked(request, record), request.sampler());
        ++findings[static_cast<std::size_t>(comparison->finding)];
    }
    fmt::print("{:<34}", name);
    for (const std::uint32_t count : findings) fmt::print("{:>13}", count);
    fmt::print("\n");
}

}  // namespace

int main() {
    const judgement::SamplingTolerance tolerance{.mass = 20'000, .surprisal = 0};
    const Samples honest = sample(model, 0, calibration_requests, tolerance);
    const Samples fraud = sample(model.quantised(8), calibration_requests, 100, tolerance);
    const judgement::CalibrationGoal goal{one_in(100), one_in(10).complement(), one_in(20)};
    const auto calibration = judgement::calibrate(honest.distances, fraud.distances, goal);
    if (!calibration) {
        fmt::print("no threshold: {}\n", pouw::core::describe(calibration.error()));
        return 1;
    }
    const pouw::core::Rate mismatch_rate =
        stats::clopper_pearson_upper(honest.tokens, honest.mismatches, one_in(20));
    fmt::print(
        "threshold {} / 65536 nat: at most {:.2f}% of honest results above, at least {:.2f}% of int8 ones\n",
        calibration->threshold, calibration->false_positive_rate.ppm() / 1e4,
        calibration->detection_rate.ppm() / 1e4);
    fmt::print("tokens of honest executors that a checker does not draw: {} of {}, at most {:.3f}%\n\n",
               honest.mismatches, honest.tokens, mismatch_rate.ppm() / 1e4);

    const auto comparer = judgement::Comparer::create({.threshold = calibration->threshold,
                                                       .tolerance = tolerance,
                                                       .mismatch_rate = mismatch_rate.fraction(),
                                                       .significance = {1, 1000}})
                              .value();
    const auto writes = [](const Transformer& writer) {
        return [&writer](const Request& request) { return write(writer, Arithmetic::bfloat16, request); };
    };
    const Transformer int8 = model.quantised(8);
    const Transformer int4 = model.quantised(4);
    const Transformer smaller = model.shortened(2);
    fmt::print("{} requests each                 ", judged_requests);
    for (const auto finding :
         {judgement::Finding::accepted, judgement::Finding::wrong_ending, judgement::Finding::inconsistent,
          judgement::Finding::distant, judgement::Finding::not_drawn}) {
        fmt::print("{:>13}", judgement::name(finding));
    }
    fmt::print("\n");
    judge("the model, in bfloat16", comparer, writes(model));
    judge("its weights in int8", comparer, writes(int8));
    judge("its weights in int4", comparer, writes(int4));
    judge("half of its layers", comparer, writes(smaller));
    judge("half writes, the model scores", comparer, [&](const Request& request) {
        const InferenceRecord text = write(smaller, Arithmetic::bfloat16, request);
        return read(model, Arithmetic::bfloat16, request, text.tokens());
    });
    return 0;
}
