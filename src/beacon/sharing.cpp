#include "beacon/sharing_impl.hpp"

namespace pouw::inline v1::beacon {

template const Ristretto255::Point& second_generator<Ristretto255>();
template class ShareKey<Ristretto255>;
template class DealerKey<Ristretto255>;
template core::result<void> check_possession<Ristretto255>(const core::ChainId&, const core::NodeId&,
                                                           const Ristretto255::Point&,
                                                           const Possession<Ristretto255>&);
template core::result<void> check_shares<Ristretto255>(const Binding&, const crypto::Hash256&,
                                                       const Ristretto255::Point&,
                                                       std::span<const Ristretto255::Point>,
                                                       const Shares<Ristretto255>&);
template core::result<void> check_deal<Ristretto255>(const Binding&, std::span<const Ristretto255::Point>,
                                                     std::uint32_t, const Deal<Ristretto255>&);
template bool opens<Ristretto255>(const Deal<Ristretto255>&, const Ristretto255::Scalar&);
template Ristretto255::Point recover<Ristretto255>(std::span<const TicketShare<Ristretto255>>);

}  // namespace pouw::inline v1::beacon
