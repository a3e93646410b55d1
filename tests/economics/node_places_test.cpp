#include "pouw/economics/node_places.hpp"

#include "random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pouw::inline v1::economics {
namespace {

/// Every node is found at its place, and no neighbour of a node is.
void expect_found(const std::set<core::NodeId>& ids) {
    const NodePlaces places{{ids.begin(), ids.end()}};
    std::uint32_t place = 0;
    for (const core::NodeId& id : ids) {
        EXPECT_EQ(places.find(id), place++);
        for (std::size_t i = 0; i < core::NodeId::size; ++i) {
            core::NodeId other = id;
            other.bytes[i] ^= 1;
            if (ids.contains(other)) continue;
            EXPECT_EQ(places.find(other), NodePlaces::none);
        }
    }
    core::NodeId highest;
    highest.bytes.fill(0xff);
    EXPECT_EQ(places.find(highest) == NodePlaces::none, !ids.contains(highest));
    EXPECT_EQ(places.find({}) == NodePlaces::none, !ids.contains({}));
}

TEST(NodePlaces, FindsRandomNodes) {
    test::Random random{7};
    for (std::size_t count = 0; count < 60; ++count) {
        std::set<core::NodeId> ids;
        while (ids.size() < count) {
            core::NodeId id;
            for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random.next());
            ids.insert(id);
        }
        expect_found(ids);
    }
}

// Ids that are equal but for some bytes, and one that lies far from all others.
TEST(NodePlaces, FindsNodesWhoseIdsWereChosen) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{5}, std::size_t{23}, std::size_t{30}}) {
        std::set<core::NodeId> ids;
        for (int n = 0; n < 500; ++n) {
            core::NodeId id;
            id.bytes[first] = static_cast<std::uint8_t>(n >> 8);
            id.bytes[first + 1] = static_cast<std::uint8_t>(n);
            ids.insert(id);
        }
        expect_found(ids);
        core::NodeId far;
        far.bytes.fill(0xff);
        ids.insert(far);
        expect_found(ids);
    }
    core::NodeId lowest;
    core::NodeId highest;
    highest.bytes.fill(0xff);
    expect_found({});
    expect_found({lowest});
    expect_found({highest});
    expect_found({lowest, highest});
    EXPECT_EQ(NodePlaces{}.find(lowest), NodePlaces::none);
}

}  // namespace
}  // namespace pouw::inline v1::economics
