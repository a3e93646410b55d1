#include "fuzz/fuzz.hpp"

#include "pouw/validation/image.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void is_true_of_itself(const validation::ImageRecord& record) {
    require(validation::verify(record.request, record.output, record).has_value(),
            "a record is true of itself");
}

}  // namespace

const Target target = decoder_of<validation::ImageRecord, is_true_of_itself>();

}  // namespace pouw::inline v1::fuzz
