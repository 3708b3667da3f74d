#include "rpc/transport/peer_addresses.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace blixard::rpc {
namespace {

using raft::Configuration;
using raft::ReplicaId;
using Peer = PeerAddresses::Peer;
using Peers = std::map<ReplicaId, Peer>;

constexpr ReplicaId kSelf{1}, kTwo{2}, kThree{3}, kFour{4};

PeerAddresses Given() { return {kSelf, {{kSelf, "a:1"}, {kTwo, "b:2"}, {kThree, "c:3"}}}; }

TEST(PeerAddressesTest, WhatWasGivenCountsUntilTheLogIsKnown) {
  EXPECT_EQ(Given().Wanted(), (Peers{{kTwo, {"b:2"}}, {kThree, {"c:3"}}}));
  EXPECT_EQ(Given().Find(kSelf), "a:1");
  EXPECT_EQ(Given().Find(kFour), "");
}

TEST(PeerAddressesTest, MembersHaveTheAddressOfTheLogOrElseTheGivenOne) {
  PeerAddresses addresses = Given();
  addresses.SetMembers({.voters = {kSelf, kTwo}, .addresses = {{kTwo, "moved:2"}}});
  EXPECT_EQ(addresses.Wanted(), (Peers{{kTwo, {"moved:2"}}}));  // three is no member
  addresses.SetMembers({.voters = {kSelf, kTwo, kThree}, .learners = {kFour}});
  EXPECT_EQ(addresses.Wanted(), (Peers{{kTwo, {"b:2"}}, {kThree, {"c:3"}}}));  // four is unknown
}

TEST(PeerAddressesTest, WhoSpeaksIsAnsweredThoughTheLogDoesNotKnowIt) {
  PeerAddresses addresses = Given();
  addresses.SetMembers({.voters = {kSelf, kTwo}});
  EXPECT_TRUE(addresses.Learn(kFour, "d:4"));
  EXPECT_FALSE(addresses.Learn(kFour, "d:4"));
  EXPECT_EQ(addresses.Wanted(), (Peers{{kTwo, {"b:2"}}, {kFour, {"d:4", true}}}));
  addresses.SetMembers({.voters = {kSelf, kTwo, kFour}});
  EXPECT_EQ(addresses.Wanted(), (Peers{{kTwo, {"b:2"}}, {kFour, {"d:4", false}}}));
}

TEST(PeerAddressesTest, LogAndGivenAreBelievedMoreThanAMemberItself) {
  PeerAddresses addresses = Given();
  addresses.SetMembers({.voters = {kSelf, kTwo, kThree, kFour}, .addresses = {{kFour, "d:4"}}});
  EXPECT_FALSE(addresses.Learn(kTwo, "lie:2"));
  EXPECT_FALSE(addresses.Learn(kFour, "lie:4"));
  EXPECT_EQ(addresses.Find(kTwo), "b:2");
  EXPECT_EQ(addresses.Find(kFour), "d:4");
}

TEST(PeerAddressesTest, WhoWasRemovedCanStillBeAnswered) {
  PeerAddresses addresses = Given();
  addresses.SetMembers({.voters = {kSelf, kTwo, kThree}, .addresses = {{kTwo, "moved:2"}}});
  addresses.SetMembers({.voters = {kSelf, kThree}});
  EXPECT_EQ(addresses.Wanted(), (Peers{{kTwo, {"moved:2", true}}, {kThree, {"c:3"}}}));
}

TEST(PeerAddressesTest, NonsenseIsNotLearned) {
  PeerAddresses addresses = Given();
  EXPECT_FALSE(addresses.Learn(raft::kNoReplica, "z:0"));
  EXPECT_FALSE(addresses.Learn(kSelf, "z:1"));
  EXPECT_FALSE(addresses.Learn(kFour, ""));
  EXPECT_FALSE(addresses.Learn(kFour, std::string(raft::kMaxAddressBytes + 1, 'z')));
  EXPECT_TRUE(addresses.Learn(kFour, std::string(raft::kMaxAddressBytes, 'z')));
}

TEST(PeerAddressesTest, StrangersAreBounded) {
  PeerAddresses addresses = Given();
  addresses.SetMembers({.voters = {kSelf, kTwo}});
  for (uint64_t id = 0; id < PeerAddresses::kMaxStrangers; ++id) {
    EXPECT_TRUE(addresses.Learn(ReplicaId{100 + id}, "s:1"));
  }
  EXPECT_FALSE(addresses.Learn(ReplicaId{99}, "s:1"));
  EXPECT_TRUE(addresses.Learn(ReplicaId{100}, "s:2"));  // one that is known may move
  addresses.SetMembers({.voters = {kSelf}});            // no room to remember the second
  EXPECT_EQ(addresses.Wanted().size(), PeerAddresses::kMaxStrangers);
  addresses.SetMembers({.voters = {kSelf, ReplicaId{99}}});
  EXPECT_TRUE(addresses.Learn(ReplicaId{99}, "s:1"));  // members always find room
}

}  // namespace
}  // namespace blixard::rpc
