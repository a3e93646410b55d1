/// What the vectors of inferences hold.
#pragma once

#include "vectors.hpp"

#include "pouw/judgement/sampler.hpp"

#include <utility>
#include <vector>

namespace pouw::inline v1::judgement {

using test::fraction;

inline std::vector<Candidate> candidates_of(const test::Json& pairs) {
    std::vector<Candidate> out;
    for (const test::Json& pair : pairs) out.push_back({pair[0], pair[1]});
    return out;
}

inline SamplerSettings settings_of(const test::Json& json) {
    SamplerSettings out{.seed = test::fixed<crypto::Hash256>(json["seed"])};
    out.temperature = json["temperature"];
    out.top_k = json["top_k"];
    out.top_p = json["top_p"];
    if (json.contains("longest")) out.longest = json["longest"];
    if (json.contains("end_token") && !json["end_token"].is_null())
        out.end_token = json["end_token"].get<std::uint32_t>();
    return out;
}

}  // namespace pouw::inline v1::judgement
