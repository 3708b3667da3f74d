// Real sockets: what one replica sends arrives at the other, whole and in order; what is not ours
// ends its connection and nothing else.
#include "rpc/transport/tcp_transport.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/storage/wal.h"
#include "rpc/transport/name_lookup.h"
#include "rpc/transport/socket_address.h"
#include "rpc/transport/tcp_hello.h"
#include "rpc/transport/tcp_socket.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::rpc {
namespace {

constexpr raft::ClusterId kCluster{5};
constexpr raft::ReplicaId kSender{1};
constexpr raft::ReplicaId kReceiver{2};

class NoTransport : public raft::Transport {
  void Send(const raft::Message&) override {}
  void Flush() override {}
};

class NoStateMachine : public raft::StatelessMachine {
  void Apply(raft::EntryId, absl::string_view, raft::OutcomeSink&) override {}
};

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 24'000; ++i) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

// A peer that says whatever a test wants it to.
class RawPeer {
 public:
  explicit RawPeer(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    to.sin_port = htons(static_cast<uint16_t>(port));
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~RawPeer() { ::close(fd_); }

  void Say(const std::string& bytes) {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Waits until the other side closes the connection.
  bool IsClosed() {
    timeval timeout = {.tv_sec = 120, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    char byte;
    const ssize_t got = ::recv(fd_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

 private:
  const int fd_;
};

// Replica 2 of 2, which hears replica 1 through a TcpTransport.
class TcpTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = raft::Wal::Open(files_, memory::BufferPool::Default(),
                                  {.directory = "/log", .cluster = kCluster, .replica = kReceiver});
    ASSERT_TRUE(opened.ok()) << opened.status();
    wal_ = std::move(opened->wal);
    auto replica = raft::Replica::Start({.cluster = kCluster,
                                         .id = kReceiver,
                                         .voters = {kSender, kReceiver},
                                         .tick = absl::Hours(1)},
                                        {.storage = *wal_,
                                         .transport = no_transport_,
                                         .planner = planner_,
                                         .state_machine = state_machine_},
                                        std::move(opened->recovered), nullptr);
    ASSERT_TRUE(replica.ok()) << replica.status();
    replica_ = *std::move(replica);
    Listen("127.0.0.1:0");
  }

  void Listen(const std::string& address) {
    auto listening =
        TcpTransport::Listen({.cluster = kCluster,
                              .self = kReceiver,
                              .addresses = {{kSender, "127.0.0.1:1"}, {kReceiver, address}}});
    ASSERT_TRUE(listening.ok()) << listening.status();
    receiver_ = *std::move(listening);
    receiver_->Serve(*replica_);
  }

  std::unique_ptr<TcpTransport> Connect(raft::ClusterId cluster) {
    auto sender = TcpTransport::Listen(
        {.cluster = cluster,
         .self = kSender,
         .addresses = {{kSender, "127.0.0.1:0"}, {kReceiver, receiver_->address()}}});
    EXPECT_TRUE(sender.ok()) << sender.status();
    return *std::move(sender);
  }

  static raft::Message Heartbeat(raft::Term term) {
    raft::Message heartbeat;
    heartbeat.type = raft::MessageType::kHeartbeat;
    heartbeat.cluster = kCluster;
    heartbeat.from = kSender;
    heartbeat.to = kReceiver;
    heartbeat.term = term;
    return heartbeat;
  }

  static raft::Message Append(raft::LogIndex index, const std::string& payload) {
    raft::Message append = Heartbeat({1});
    append.type = raft::MessageType::kAppend;
    append.log = {.term = {index.value > 1 ? 1u : 0u}, .index = {index.value - 1}};
    raft::Entry& entry = append.entries.emplace_back();
    entry.term = {1};
    entry.index = index;
    entry.type = raft::EntryType::kCommand;
    entry.payload = memory::BufferPool::Default().AcquireCopy(payload).value();
    entry.payload_crc32c = raft::PayloadCrc32c(payload);
    return append;
  }

  // Heartbeats of ever higher terms, until the receiver knows one: its term tells.
  bool ReachesTheReplica(TcpTransport& sender) {
    const raft::Term known = replica_->Status().node.term;
    return Eventually([&] {
      sender.Send(Heartbeat({++term_}));
      sender.Flush();
      return replica_->Status().node.term > known;
    });
  }

  raft::MemoryFileSystem files_;
  std::unique_ptr<raft::Wal> wal_;
  NoTransport no_transport_;
  NoStateMachine state_machine_;
  raft::PassThroughPlanner planner_;
  std::unique_ptr<raft::Replica> replica_;
  std::unique_ptr<TcpTransport> receiver_;
  uint64_t term_ = 0;
};

TEST_F(TcpTransportTest, MessagesArrive) {
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  EXPECT_TRUE(ReachesTheReplica(*sender));
}

// More than a socket takes at once: the rest waits for it and follows.
TEST_F(TcpTransportTest, LargeBatchesArriveWholeAndInOrder) {
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  ASSERT_TRUE(ReachesTheReplica(*sender));
  constexpr uint64_t kAppends = 100;
  const raft::Term term{++term_};  // later heartbeats than the last may still be under way
  for (uint64_t index = 1; index <= kAppends; ++index) {
    raft::Message append =
        Append({index}, std::string(100'000, static_cast<char>('a' + index % 26)));
    append.term = term;
    sender->Send(append);
  }
  sender->Flush();
  EXPECT_TRUE(
      Eventually([&] { return replica_->Status().node.last_index == raft::LogIndex{kAppends}; }));
}

TEST_F(TcpTransportTest, MessagesBeyondTheBoundAreDropped) {
  auto sender = TcpTransport::Listen(
      {.cluster = kCluster,
       .self = kSender,
       .addresses = {{kSender, "127.0.0.1:0"}, {kReceiver, receiver_->address()}},
       .max_waiting_bytes = 1});
  ASSERT_TRUE(sender.ok()) << sender.status();
  ASSERT_TRUE(ReachesTheReplica(**sender));  // one at a time has room
  const raft::Term first{term_ + 100};
  const raft::Term second{term_ + 200};
  const uint64_t dropped = (*sender)->counters().link_full;
  (*sender)->Send(Heartbeat(first));
  EXPECT_EQ((*sender)->counters().link_full, dropped);
  (*sender)->Send(Heartbeat(second));  // the first one waits for its Flush
  EXPECT_EQ((*sender)->counters().link_full, dropped + 1);
  (*sender)->Flush();
  EXPECT_TRUE(Eventually([&] { return replica_->Status().node.term >= first; }));
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(replica_->Status().node.term, first);
}

TEST_F(TcpTransportTest, LinksFollowTheMembership) {
  auto sender = TcpTransport::Listen(
      {.cluster = kCluster, .self = kSender, .addresses = {{kSender, "127.0.0.1:0"}}});
  ASSERT_TRUE(sender.ok()) << sender.status();
  (*sender)->Send(Heartbeat(raft::Term{++term_}));
  (*sender)->Flush();
  EXPECT_EQ((*sender)->messages_without_address(), 1u);
  EXPECT_EQ((*sender)->counters().no_address, 1u);
  raft::Configuration members{.voters = {kSender, kReceiver}};
  for (const std::string& address : {receiver_->address(), std::string("127.0.0.1:1")}) {
    members.addresses = {{kReceiver, address}};
    (*sender)->SetMembers(members);
  }
  // There is nobody; the link to the first address goes when the thread comes to it.
  EXPECT_TRUE(Eventually([&] {
    const raft::Term before = replica_->Status().node.term;
    for (int i = 0; i < 20; ++i) {
      (*sender)->Send(Heartbeat(raft::Term{++term_}));
      (*sender)->Flush();
      absl::SleepFor(absl::Milliseconds(5));
    }
    return replica_->Status().node.term == before;
  }));
  members.addresses = {{kReceiver, receiver_->address()}};
  (*sender)->SetMembers(members);
  EXPECT_TRUE(ReachesTheReplica(**sender));
  (*sender)->SetMembers({.voters = {kSender}});
  EXPECT_TRUE(ReachesTheReplica(**sender));  // who was removed may still be answered
}

TEST_F(TcpTransportTest, WhoSaysWhereItIsCanBeAnswered) {
  auto caller = TcpSocket::Listen("127.0.0.1:0");
  ASSERT_TRUE(caller.ok()) << caller.status();
  raft::Message answer = Heartbeat(raft::Term{1});
  answer.from = kReceiver;
  answer.to = raft::ReplicaId{9};
  receiver_->Send(answer);
  EXPECT_EQ(receiver_->messages_without_address(), 1u);
  RawPeer peer(receiver_->address());
  std::string hello;
  AppendTcpHello({.cluster = kCluster,
                  .from = raft::ReplicaId{9},
                  .to = kReceiver,
                  .address = caller->LocalAddress()},
                 hello);
  peer.Say(hello);
  EXPECT_TRUE(Eventually([&] {
    receiver_->Send(answer);
    return caller->Accept().is_open();
  }));
}

TEST_F(TcpTransportTest, AnotherClusterIsTurnedAway) {
  RawPeer peer(receiver_->address());
  std::string hello;
  AppendTcpHello({.cluster = raft::ClusterId{6}, .from = kSender, .to = kReceiver}, hello);
  peer.Say(hello);
  EXPECT_TRUE(peer.IsClosed());
}

TEST_F(TcpTransportTest, PeerOfAnotherClusterNeverReachesTheReplica) {
  const std::unique_ptr<TcpTransport> sender = Connect(raft::ClusterId{6});
  const std::unique_ptr<TcpTransport> good = Connect(kCluster);
  for (int i = 0; i < 20; ++i) {
    raft::Message stray = Heartbeat({1000});
    stray.cluster = raft::ClusterId{6};
    sender->Send(stray);
    sender->Flush();
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_EQ(replica_->Status().node.term, raft::Term{0});
  EXPECT_TRUE(ReachesTheReplica(*good));
}

// The connection itself is in order: the sender takes one replica for another.
TEST_F(TcpTransportTest, MessageForAnotherReplicaEndsTheConnection) {
  raft::Message stray = Heartbeat({1000});
  stray.to = raft::ReplicaId{3};
  std::string batch;
  raft::EncodeMessage(stray, batch);
  const auto length = static_cast<uint32_t>(batch.size());
  std::string bytes;
  AppendTcpHello({.cluster = kCluster, .from = kSender, .to = kReceiver}, bytes);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  RawPeer peer(receiver_->address());
  peer.Say(bytes + batch);
  EXPECT_TRUE(peer.IsClosed());
  EXPECT_EQ(replica_->Status().node.term, raft::Term{0});
}

TEST_F(TcpTransportTest, WhatIsNoPeerIsTurnedAway) {
  std::string hello;
  AppendTcpHello({.cluster = kCluster, .from = kSender, .to = kReceiver}, hello);
  const std::string no_length("\0\0\0\0", 4);
  for (const std::string& said : {std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                                  hello + "\xff\xff\xff\xff",  // a batch of 4 GiB
                                  hello + no_length,           // an empty one
                                  hello + std::string("\4\0\0\0junk", 8)}) {
    RawPeer peer(receiver_->address());
    peer.Say(said);
    EXPECT_TRUE(peer.IsClosed()) << said;
  }
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  EXPECT_TRUE(ReachesTheReplica(*sender)) << "others are not touched by that";
}

TEST_F(TcpTransportTest, HelloMayComeByteByByte) {
  RawPeer peer(receiver_->address());
  std::string hello;
  AppendTcpHello({.cluster = raft::ClusterId{6}, .from = kSender, .to = kReceiver}, hello);
  for (const char byte : hello) {
    peer.Say(std::string(1, byte));
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_TRUE(peer.IsClosed()) << "it was read to its end, where another cluster is named";
}

TEST_F(TcpTransportTest, BrokenConnectionIsOpenedAgain) {
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  ASSERT_TRUE(ReachesTheReplica(*sender));
  const std::string address = receiver_->address();
  receiver_.reset();
  Listen(address);
  EXPECT_TRUE(ReachesTheReplica(*sender));
}

TEST_F(TcpTransportTest, NothingIsSentAfterStop) {
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  ASSERT_TRUE(ReachesTheReplica(*sender));
  const raft::Term later{term_ + 100};  // what was sent before may still arrive
  sender->Stop();
  sender->Send(Heartbeat(later));
  sender->Flush();
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_LT(replica_->Status().node.term, later);
}

// Of names in these tests.
std::vector<SocketAddress> InDigits(const std::string& address) {
  return FindAddresses(address, AI_NUMERICHOST).value();
}

TEST_F(TcpTransportTest, NameThatIsLookedUpForEverHoldsUpNobodyAndNoStop) {
  const auto asked = std::make_shared<absl::Notification>();
  const auto let_go = std::make_shared<absl::Notification>();
  receiver_.reset();
  auto listening = TcpTransport::Listen(
      {.cluster = kCluster,
       .self = kReceiver,
       .addresses = {{raft::ReplicaId{3}, "silent.test:1"}, {kReceiver, "127.0.0.1:0"}},
       .find_addresses = [asked, let_go](const std::string& address) -> NameLookup::Answer {
         EXPECT_EQ(address, "silent.test:1");
         if (!asked->HasBeenNotified()) asked->Notify();
         let_go->WaitForNotification();
         return absl::InvalidArgumentError("silent");
       }});
  ASSERT_TRUE(listening.ok()) << listening.status();
  receiver_ = *std::move(listening);
  receiver_->Serve(*replica_);
  asked->WaitForNotification();
  const std::unique_ptr<TcpTransport> sender = Connect(kCluster);
  EXPECT_TRUE(ReachesTheReplica(*sender));
  receiver_.reset();  // returns
  let_go->Notify();
}

TEST_F(TcpTransportTest, AllAddressesOfANameAreTried) {
  std::vector<SocketAddress> found = InDigits("127.0.0.1:1");  // nobody listens there
  found.push_back(InDigits(receiver_->address()).front());
  auto sender = TcpTransport::Listen(
      {.cluster = kCluster,
       .self = kSender,
       .addresses = {{kSender, "127.0.0.1:0"}, {kReceiver, "two.test:1"}},
       .find_addresses = [found](const std::string&) -> NameLookup::Answer { return found; }});
  ASSERT_TRUE(sender.ok()) << sender.status();
  EXPECT_TRUE(ReachesTheReplica(**sender));
}

// A socket whose queue of connections is full drops what asks for one, as a firewall does.
TEST_F(TcpTransportTest, AddressThatDoesNotAnswerIsGivenUpForTheNext) {
  auto full = TcpSocket::Listen("127.0.0.1:0");
  ASSERT_TRUE(full.ok()) << full.status();
  ASSERT_EQ(::listen(full->fd(), 0), 0);
  std::vector<SocketAddress> found = InDigits(full->LocalAddress());
  std::vector<TcpSocket> waiting;
  for (int i = 0; i < 8; ++i) waiting.push_back(TcpSocket::Connect(found.front()).value());
  found.push_back(InDigits(receiver_->address()).front());
  auto sender = TcpTransport::Listen(
      {.cluster = kCluster,
       .self = kSender,
       .addresses = {{kSender, "127.0.0.1:0"}, {kReceiver, "two.test:1"}},
       .find_addresses = [found](const std::string&) -> NameLookup::Answer { return found; }});
  ASSERT_TRUE(sender.ok()) << sender.status();
  EXPECT_TRUE(ReachesTheReplica(**sender));
}

TEST(TcpTransportListenTest, RefusesBadAddresses) {
  const auto listen = [](const std::string& address) {
    return TcpTransport::Listen(
               {.cluster = kCluster, .self = kSender, .addresses = {{kSender, address}}})
        .status();
  };
  EXPECT_TRUE(listen("127.0.0.1:0").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(listen("127.0.0.1"))) << "no port";
  EXPECT_TRUE(absl::IsInvalidArgument(listen("no such host:1")));
  EXPECT_FALSE(listen("192.0.2.1:1").ok()) << "not an address of this machine";
  EXPECT_TRUE(absl::IsInvalidArgument(
      TcpTransport::Listen({.cluster = kCluster, .self = kSender, .addresses = {}}).status()));
}

}  // namespace
}  // namespace blixard::rpc
