#include "beacon/ceremony_impl.hpp"

namespace pouw::inline v1::beacon {

template class Setup<Ristretto255>;
template class Convictions<Ristretto255>;
template class CheckedDeal<Ristretto255>;
template class Ceremony<Ristretto255>;
template class Participant<Ristretto255>;
template core::result<core::Conviction> convict<Ristretto255>(const Setup<Ristretto255>&, const Evidence&,
                                                              core::Height);

}  // namespace pouw::inline v1::beacon
