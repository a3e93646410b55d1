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

/// The largest number of tickets that a chain can choose.
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
    /// The least number of holders with a ticket; at most `maximum_tickets`.
    std::uint32_t minimum_holders = 4;
    /// The least part of the total weight that an adversary must be allowed to hold where the limits prevent
    /// `adversary`. Weights that give less are refused; 0 refuses none. Below 1/2, with a denominator of at
    /// most 65536.
    core::Fraction minimum_adversary{1, 4};
};

/// The guarantee of the tickets in weight, exactly: the best bounds that hold for every set of holders.
struct POUW_API Guarantee {
    /// No set of this weight or less has as many tickets as the threshold.
    WideWeight maximum_adversary = 0;
    /// Every set of this weight or more has as many tickets as the threshold. It may have to hold weight
    /// without tickets.
    WideWeight minimum_honest = 0;
};

/// The weight that an adversary may hold.
struct POUW_API AdversaryBound {
    WideWeight secrecy = 0;   ///< up to it, nobody learns or chooses the output
    WideWeight liveness = 0;  ///< up to it, nobody prevents the output

    [[nodiscard]] WideWeight both() const noexcept { return secrecy < liveness ? secrecy : liveness; }
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

    /// The bound that the tickets give.
    [[nodiscard]] AdversaryBound bound() const noexcept {
        return {guarantee.maximum_adversary, total_weight - guarantee.minimum_honest};
    }
};

/// The tickets of `nodes` under `rules`. `outside` is the weight of nodes that hold no tickets in any case:
/// it belongs to the total weight. The tickets of a node depend on the set of nodes alone, not on their
/// order.
///
/// The reduction is Swiper's (ePrint 2023/1164), with the least total that is safe and in enough hands: an
/// adversary of weight up to `adversary · total_weight`, rounded down, has fewer than half of the tickets,
/// and everybody else then reaches the threshold. That total is at most
/// `floor(a(1 - a) / (1/2 - a) · n) + 1`, for the fraction a and n nodes of weight above zero, unless
/// `minimum_holders` asks for more.
///
/// Where that total exceeds the maximum, the tickets go to the heaviest nodes, in the total that bears the
/// heaviest adversary, and `bound()` says which.
///
/// Errors: errc::invalid_ceremony for rules out of range; errc::invalid_weights for no weight at all;
///     errc::duplicate_holder; errc::too_few_holders for fewer nodes with weight than `minimum_holders`;
///     errc::weak_guarantee for a bound below `minimum_adversary`.
/// Cost: about 1 ms for 100 nodes and 300 tickets; at worst the cube of the maximum of tickets in additions.
[[nodiscard]] POUW_API core::result<TicketTable> allot_tickets(std::span<const WeightedNode> nodes,
                                                               const TicketRules& rules,
                                                               WideWeight outside = 0);

/// The exact guarantee of any allotment.
/// Expects: as many weights as tickets, and a threshold from 1 to the sum of the tickets.
[[nodiscard]] POUW_API Guarantee guarantee_of(std::span<const std::uint64_t> weights,
                                              std::span<const std::uint32_t> tickets,
                                              std::uint32_t threshold);

/// `fraction · total`, rounded down.
/// Expects: a fraction of at most 1.
[[nodiscard]] POUW_API WideWeight part_of(const core::Fraction& fraction, WideWeight total) noexcept;

}  // namespace pouw::inline v1::beacon
