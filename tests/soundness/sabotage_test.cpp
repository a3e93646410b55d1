/// The whole network with work that need not be done, or a flaw of one operation: each is caught. An hour of
/// two cores: only where the environment says POUW_LONG.
#include "soundness/context.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace pouw::inline v1::soundness {
namespace {

using Method = Control::Method;

Variant whitepaper(const char* name) { return {.name = name, .config = pow::preset("whitepaper").value()}; }

std::vector<Control> all_sabotage() {
    const auto with = [](const char* name, auto change) {
        Variant variant = whitepaper(name);
        change(variant);
        return variant;
    };
    return {
        {.variant = with("Layers8To15Identity",
                         [](Variant& v) {
                             v.identity_layers = {8, 8};
                         }),
         .method = Method::skipped_layers},
        {.variant = with("Layers32To39Identity",
                         [](Variant& v) {
                             v.identity_layers = {32, 8};
                         }),
         .method = Method::skipped_layers},
        {.variant = with("LastLayerIdentity",
                         [](Variant& v) {
                             v.identity_layers = {63, 1};
                         }),
         .method = Method::structure,
         .property = "power over that of the residual stream"},
        {.variant = with("PairedUnits", [](Variant& v) { v.paired_units = true; }),
         .method = Method::structure,
         .property = "hidden units: equal"},
        {.variant = with("TiedLayers", [](Variant& v) { v.tied_layers = 2; }),
         .method = Method::structure,
         .property = "tensors equal"},
        {.variant = with("FoldTwoHigher", [](Variant& v) { v.activation = Activation::raised_fold; }),
         .method = Method::first_moment,
         .weak = true},
        {.variant = with("FloorInTheNorm", [](Variant& v) { v.floor_norm = true; }),
         .method = Method::first_moment,
         .weak = true},
    };
}

class SabotageLong : public testing::TestWithParam<Control> {};

TEST_P(SabotageLong, IsCaught) {
    if (std::getenv("POUW_LONG") == nullptr) GTEST_SKIP() << "POUW_LONG is not set";
    Subject subject = preset_subject("whitepaper").value();
    subject.samples.weak_outputs = 4000;
    subject.samples.skipped = 8;
    const LabOptions options{.threads = std::max(1U, std::thread::hardware_concurrency())};
    const Context context{subject, options};
    const ControlResult result = run_control(context, GetParam());
    EXPECT_EQ(result.verdict, Verdict::flagged)
        << result.attack.family << ": " << result.attack.decisive().low << " to "
        << result.attack.decisive().high;
}

INSTANTIATE_TEST_SUITE_P(Whitepaper, SabotageLong, testing::ValuesIn(all_sabotage()),
                         [](const auto& test) { return test.param.variant.name; });

}  // namespace
}  // namespace pouw::inline v1::soundness
