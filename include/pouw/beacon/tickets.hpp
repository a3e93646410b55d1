/// Tickets: a small number of equal tickets that approximates voting weights, so that secrets can be shared
/// in proportion to weight.
/// Source: docs/spec/beacon.md section 2.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::beacon {

/// A sum of weights, which may exceed 64 bits.
__extension__ using WideWeight = unsigned __int128;

/// The limits of holders and tickets that no chain can raise.
inline constexpr std::uint32_t holder_limit = 4096;
inline constexpr std::uint32_t ticket_limit = 4096;

/// A node and its voting weight.
struct POUW_API WeightedNode {
    core::NodeId node;
    std::uint64_t weight = 0;
};

/// The rules by which tickets are allotted.
struct POUW_API TicketRules {
    /// The part of the total weight that an adversary may hold: above 0 and below 1/2, with a denominator of
    /// at most 65536. The number of tickets grows as the part approaches 1/2. The fraction is encoded
    /// unreduced: 4/10 and 2/5 give different setups.
    core::Fraction adversary{2, 5};
    /// The largest number of tickets; at most `ticket_limit`.
    std::uint32_t maximum_tickets = 512;
    /// The least number of holders with a ticket.
    std::uint32_t minimum_holders = 4;
};

/// The guarantee of the tickets in weight, exactly: the best bounds that hold for every set of holders.
struct POUW_API Guarantee {
    /// No set of this weight or less has as many tickets as the threshold.
    WideWeight maximum_adversary = 0;
    /// Every set of this weight or more has as many tickets as the threshold.
    WideWeight minimum_honest = 0;
};

/// The tickets of all nodes.
struct POUW_API TicketTable {
    /// Tickets of each node, in the order of the input.
    std::vector<std::uint32_t> tickets;
    std::uint32_t total = 0;
    /// More than half of the tickets. This many recover a secret; fewer learn nothing.
    std::uint32_t threshold = 0;
    WideWeight total_weight = 0;
    Guarantee guarantee;
};

/// The tickets of `nodes` under `rules`. An adversary of weight up to `adversary · total_weight`, rounded
/// down, has fewer than half of the tickets; everybody else then reaches the threshold. The tickets of a node
/// depend on the set of nodes alone, not on their order.
///
/// The reduction is Swiper's (ePrint 2023/1164), with the least total that is safe and in enough hands. The
/// total stays within `floor(a(1 - a) / (1/2 - a) · n) + 1`, for the fraction a and n nodes of weight above
/// zero, unless `minimum_holders` asks for more.
///
/// Errors: errc::invalid_ceremony for rules out of range; errc::invalid_weights for no weight at all or more
///     than `holder_limit` nodes; errc::duplicate_holder; errc::too_many_tickets; errc::too_few_holders.
/// Cost: about 1 ms for 100 nodes and 300 tickets, growing with tickets times holders.
[[nodiscard]] POUW_API core::result<TicketTable> allot_tickets(std::span<const WeightedNode> nodes,
                                                               const TicketRules& rules);

/// The exact guarantee of any allotment.
/// Expects: as many weights as tickets, and a threshold from 1 to the sum of the tickets.
[[nodiscard]] POUW_API Guarantee guarantee_of(std::span<const std::uint64_t> weights,
                                              std::span<const std::uint32_t> tickets,
                                              std::uint32_t threshold);

/// `fraction · total`, rounded down.
/// Expects: a fraction of at most 1.
[[nodiscard]] POUW_API WideWeight part_of(const core::Fraction& fraction, WideWeight total) noexcept;

}  // namespace pouw::inline v1::beacon
