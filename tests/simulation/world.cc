#include "tests/simulation/world.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/configuration.h"
#include "raft/runtime/replica.h"
#include "tests/simulation/change_drawing.h"
#include "tests/simulation/linearizability.h"
#include "tests/simulation/slots.h"

namespace blixard::raft {
namespace {

constexpr VirtualTime kTickTime = 100 * kMillisecond;
constexpr VirtualTime kLookAgain = 200 * kMillisecond;  // while waiting for the cluster to converge
constexpr uint32_t kOperationsAfterHeal = 2;            // of every client

enum class EventKind : uint8_t {
  kTick,            // a = replica, b = life
  kDeliver,         // a = replica, b = slot of the message
  kAppends,         // a = replica, b = life
  kApplies,         // likewise
  kPrepare,         // likewise
  kSnapshots,       // likewise
  kParcelArrives,   // a = receiver, b = slot of the parcel
  kParcelReport,    // a = sender, b = slot of the report
  kRestart,         // a = replica
  kFaultBegins,     // b = place in the schedule
  kFaultEnds,       // likewise
  kBegin,           // a = client
  kRequestArrives,  // a = replica, b = slot of the request
  kAnswerArrives,   // b = slot of the answer
  kTimeout,         // a = client, b = attempt
  kHeal,
  kLookForConvergence,
};

absl::string_view EventName(EventKind kind) {
  switch (kind) {
    case EventKind::kTick:
      return "tick";
    case EventKind::kDeliver:
      return "deliver";
    case EventKind::kAppends:
      return "appends";
    case EventKind::kApplies:
      return "applies";
    case EventKind::kPrepare:
      return "prepare";
    case EventKind::kSnapshots:
      return "snapshots";
    case EventKind::kParcelArrives:
      return "parcel";
    case EventKind::kParcelReport:
      return "parcel_report";
    case EventKind::kRestart:
      return "restart";
    case EventKind::kFaultBegins:
      return "fault_begins";
    case EventKind::kFaultEnds:
      return "fault_ends";
    case EventKind::kBegin:
      return "begin";
    case EventKind::kRequestArrives:
      return "request";
    case EventKind::kAnswerArrives:
      return "answer";
    case EventKind::kTimeout:
      return "timeout";
    case EventKind::kHeal:
      return "heal";
    case EventKind::kLookForConvergence:
      return "look";
  }
  return "?";
}

uint32_t VotersOf(const WorldOptions& options) {
  if (options.replicas != 0) return options.replicas;
  constexpr uint32_t kSizes[] = {3, 3, 3, 3, 5, 5, 7};
  return kSizes[SplitMix(options.seed ^ 0x73697a65).Below(std::size(kSizes))];
}

// Some are in no group at first.
constexpr uint32_t kSpareReplicas = 2;
uint32_t MachinesOf(const WorldOptions& options) { return VotersOf(options) + kSpareReplicas; }

std::string Described(const Message& message) {
  return absl::StrFormat("  %d->%d type=%d term=%d log=%d/%d commit=%d entries=%d context=%x%s",
                         static_cast<uint64_t>(message.from), static_cast<uint64_t>(message.to),
                         static_cast<int>(message.type), message.term.value, message.log.term.value,
                         message.log.index.value, message.commit.value, message.entries.size(),
                         message.context, message.reject ? " reject" : "");
}

class World final : public ReplicaSurroundings {
 public:
  explicit World(const WorldOptions& options);
  WorldResult Run();

  void Send(const Message& message) override;
  void Answer(ReplicaId replica, const ClientAnswer& answer) override;
  void Flush() override {}
  uint64_t NowNanoseconds() override { return static_cast<uint64_t>(now_); }
  void ScheduleAppends(ReplicaId replica) override;
  void ScheduleApplies(ReplicaId replica) override;
  void SchedulePrepare(ReplicaId replica) override;
  void ScheduleSnapshots(ReplicaId replica) override;
  void SendSnapshot(SnapshotParcel parcel) override;

 private:
  // How a machine is, apart from its replica.
  struct Machine {
    std::unique_ptr<VirtualReplica> replica;
    VirtualTime paused_until = 0;
    VirtualTime tick_time = kTickTime;
    VirtualTime disk_slower = 0;
    VirtualTime down_for = kSecond;  // when the process stops by itself
    uint32_t full = 0;               // faults that fill the disk
    bool restarts = false;           // a restart is on its way
    uint64_t disk_failures = 0;      // that its process has ended for

    // Whether the disk failed since this was asked last.
    bool TakeDiskFailure() {
      return std::exchange(disk_failures, replica->disk().failures()) != disk_failures;
    }
  };

  void Push(VirtualTime time, EventKind kind, uint32_t a = 0, uint64_t b = 0);
  void Handle(const Event& event);
  void HandleReplicaEvent(const Event& event, EventKind kind);
  bool tells() const { return options_.keep_trace || options_.print_trace; }
  void Tell(const std::string& what);
  void Note(const Event& event, uint64_t detail);
  struct ParcelReport {
    uint32_t life = 0;  // of the sender, when it sent
    ReplicaId peer = kNoReplica;
    bool delivered = false;
  };
  struct SentParcel {
    SnapshotParcel parcel;
    uint32_t sender_life = 0;
  };
  VirtualTime DrawMicroseconds(uint64_t least, uint64_t more);
  VirtualTime DiskTime(ReplicaId replica, VirtualTime usual);
  void ScheduleWork(ReplicaId replica, EventKind kind, VirtualTime delay);
  void DeliverParcel(uint32_t receiver, uint64_t slot);
  void Report(Link link, ParcelReport report);
  void Act(uint32_t client, const Workload::Action& action);
  void Deliver(uint32_t machine, uint64_t slot);
  void Restart(uint32_t machine);
  void PowerOff(uint32_t machine, VirtualTime down_for);
  void NoticeFailure(uint32_t machine);
  void EndForDiskFailure(uint32_t machine);
  const VirtualReplica* Leader() const;
  void Ask(uint32_t machine, ReplicaRequest request);
  void AskLeader(ReplicaRequest request);
  void BeginFault(const Fault& fault);
  void EndFault(const Fault& fault);
  void CutOff(const Fault& fault, bool cut);
  void Heal();
  void LeaveJoint();
  bool Converged();
  std::string WhyNotConverged() const;
  std::string DescribedAll() const;
  void Finish(WorldResult& result);

  const WorldOptions options_;
  const uint32_t voters_;    // at the beginning
  const uint32_t replicas_;  // with those that wait to be added
  SplitMix random_;
  EventQueue queue_;
  SafetyChecks checks_;
  Coverage coverage_;
  VirtualNetwork network_;
  Workload workload_;
  std::vector<Machine> machines_;
  Slots<memory::Pooled<Message>> messages_;
  Slots<SentParcel> parcels_;
  Slots<ParcelReport> reports_;
  Slots<ClientRequest> requests_;
  Slots<ClientAnswer> answers_;
  std::vector<Fault> faults_;
  std::vector<VirtualTime> last_arrival_;  // by link, to count what overtakes

  VirtualTime now_ = 0;
  bool healed_ = false;
  bool converged_ = false;
  uint32_t completed_at_heal_ = 0;
  uint64_t hash_ = 0xcbf29ce484222325;
  std::string trace_;
  uint64_t events_ = 0;
};

// A line of the trace.
void World::Tell(const std::string& what) {
  const std::string line = absl::StrFormat("%.6f %s\n", static_cast<double>(now_) / kSecond, what);
  if (options_.print_trace) absl::PrintF("%s", line);
  if (options_.keep_trace) trace_ += line;
}

World::World(const WorldOptions& options)
    : options_(options),
      voters_(VotersOf(options)),
      replicas_(MachinesOf(options)),
      random_(options.seed),
      checks_(replicas_),
      network_(replicas_, random_.Next()),
      workload_(random_.Next(), replicas_, checks_, coverage_),
      last_arrival_(size_t{replicas_} * replicas_) {
  faults_ = options.faults.has_value() ? *options.faults : WorldFaults(options);
  std::vector<ReplicaId> voters;
  for (uint32_t i = 0; i < voters_; ++i) voters.push_back(ReplicaId{i + 1});
  machines_.resize(replicas_);
  for (uint32_t i = 0; i < replicas_; ++i) {
    VirtualReplicaOptions replica{.id = ReplicaId{i + 1}, .voters = {}, .seed = random_.Next()};
    if (i < voters_) replica.voters = voters;
    machines_[i].replica = std::make_unique<VirtualReplica>(
        replica, *this, ReplicaWatchers{.checks = checks_, .coverage = coverage_});
    Push(0, EventKind::kRestart, i);
  }
  for (uint32_t i = 0; i < kSimulatedClients; ++i) {
    Push(workload_.DrawPause(), EventKind::kBegin, i);
  }
  for (size_t i = 0; i < faults_.size(); ++i) Push(faults_[i].time, EventKind::kFaultBegins, 0, i);
  Push(options.chaos, EventKind::kHeal);
}

void World::Push(VirtualTime time, EventKind kind, uint32_t a, uint64_t b) {
  queue_.Push({.time = time, .kind = static_cast<uint8_t>(kind), .a = a, .b = b});
}

void World::Note(const Event& event, uint64_t detail) {
  for (const uint64_t value :
       {static_cast<uint64_t>(event.time), uint64_t{event.kind} << 32 | event.a, detail}) {
    hash_ = (hash_ ^ value) * 0x9E3779B97F4A7C15;
    hash_ ^= hash_ >> 32;
  }
  if (!tells()) return;
  Tell(absl::StrFormat("%s %d %x", EventName(static_cast<EventKind>(event.kind)), event.a, detail));
}

WorldResult World::Run() {
  while (checks_.violation().empty() && !converged_) {
    CHECK(!queue_.empty());
    const Event event = queue_.Pop();
    now_ = event.time;
    ++events_;
    Handle(event);
  }
  WorldResult result;
  Finish(result);
  return result;
}

void World::Handle(const Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  switch (kind) {
    case EventKind::kTick:
    case EventKind::kDeliver:
    case EventKind::kAppends:
    case EventKind::kApplies:
    case EventKind::kPrepare:
    case EventKind::kSnapshots:
    case EventKind::kParcelArrives:
    case EventKind::kParcelReport:
    case EventKind::kRestart:
    case EventKind::kRequestArrives:
      return HandleReplicaEvent(event, kind);
    case EventKind::kFaultBegins:
      Note(event, event.b);
      if (tells()) Tell(ToString(faults_[event.b]));
      return BeginFault(faults_[event.b]);
    case EventKind::kFaultEnds:
      Note(event, event.b);
      if (!healed_) EndFault(faults_[event.b]);
      return;
    case EventKind::kBegin:
      Note(event, 0);
      return Act(event.a, workload_.Begin(event.a, now_));
    case EventKind::kAnswerArrives: {
      const ClientAnswer answer = answers_.At(event.b);
      answers_.Free(event.b);
      Note(event, uint64_t{answer.client} << 40 | uint64_t{answer.attempt} << 8 |
                      static_cast<uint64_t>(answer.kind));
      return Act(answer.client, workload_.OnAnswer(answer, now_));
    }
    case EventKind::kTimeout:
      return Act(event.a, workload_.OnTimeout(event.a, static_cast<uint32_t>(event.b), now_));
    case EventKind::kHeal:
      Note(event, 0);
      return Heal();
    case EventKind::kLookForConvergence:
      converged_ = Converged();
      if (!converged_ && now_ > options_.chaos + options_.heal) {
        checks_.Fail(absl::StrCat("not converged ", options_.heal / kSecond,
                                  " s after the last fault: ", WhyNotConverged(), DescribedAll()));
      }
      return Push(now_ + kLookAgain, EventKind::kLookForConvergence);
  }
}

void World::HandleReplicaEvent(const Event& event, EventKind kind) {
  Machine& machine = machines_[event.a];
  if (machine.paused_until > now_) {  // it stands still, and finds everything when it goes on
    return Push(machine.paused_until, kind, event.a, event.b);
  }
  VirtualReplica& replica = *machine.replica;
  const bool alive = replica.running() && event.b == replica.life();
  switch (kind) {
    case EventKind::kRestart:
      Note(event, 0);
      return Restart(event.a);
    case EventKind::kTick:
      if (!alive) return;
      Note(event, 0);
      Push(now_ + machine.tick_time, kind, event.a, event.b);
      return replica.Tick(1);
    case EventKind::kAppends:
      if (!alive) return;
      Note(event, 0);
      replica.CarryOutAppends();
      return NoticeFailure(event.a);
    case EventKind::kApplies:
      if (!alive) return;
      Note(event, 0);
      return replica.CarryOutApplies();
    case EventKind::kPrepare:
      if (!alive) return;
      Note(event, 0);
      replica.CarryOutPrepare();
      return NoticeFailure(event.a);
    case EventKind::kSnapshots:
      if (!alive) return;
      Note(event, 0);
      replica.CarryOutSnapshots();
      return NoticeFailure(event.a);
    case EventKind::kParcelArrives:
      Note(event, 0);
      return DeliverParcel(event.a, event.b);
    case EventKind::kParcelReport: {
      const ParcelReport report = reports_.At(event.b);
      reports_.Free(event.b);
      Note(event, report.delivered);
      if (!replica.running() || replica.life() != report.life) return;
      return replica.ReportSnapshot(
          report.peer, report.delivered ? absl::OkStatus() : absl::UnavailableError("it was lost"));
    }
    case EventKind::kDeliver:
      return Deliver(event.a, event.b);
    default: {
      const ClientRequest request = requests_.At(event.b);
      requests_.Free(event.b);
      Note(event, uint64_t{request.client} << 32 | request.attempt);
      if (replica.running()) replica.Request(request);
      return;
    }
  }
}

void World::Deliver(uint32_t machine, uint64_t slot) {
  memory::Pooled<Message> message = std::move(messages_.At(slot));
  messages_.Free(slot);
  VirtualReplica& replica = *machines_[machine].replica;
  Note({.time = now_, .kind = static_cast<uint8_t>(EventKind::kDeliver), .a = machine},
       static_cast<uint64_t>(message->type) << 56 ^ message->term.value << 40 ^
           message->log.index.value << 8 ^ static_cast<uint64_t>(message->from) << 4 ^
           uint64_t{message->reject});
  if (tells()) Tell(Described(*message));
  if (replica.running()) replica.Deliver(std::move(message));
}

void World::Send(const Message& message) {
  if (message.reject) {
    if (message.type == MessageType::kPreVoteReply) coverage_.Hit(Rare::kPreVoteRefused);
    if (message.type == MessageType::kVoteReply) coverage_.Hit(Rare::kVoteRefused);
    if (message.type == MessageType::kAppendReply) coverage_.Hit(Rare::kAppendRefused);
  }
  checks_.OnSend(message);
  const Link link{.from = static_cast<uint32_t>(message.from) - 1,
                  .to = static_cast<uint32_t>(message.to) - 1};
  const Deliveries deliveries = network_.Route(link);
  VirtualTime& last = last_arrival_[size_t{link.from} * replicas_ + link.to];
  for (size_t i = 0; i < deliveries.count; ++i) {
    const VirtualTime arrival = now_ + deliveries.delays[i];
    if (i > 0) coverage_.Hit(Rare::kMessageDuplicated);
    if (arrival < last) coverage_.Hit(Rare::kMessageReordered);
    last = std::max(last, arrival);
    memory::Pooled<Message> copy = AcquireMessage();
    if (!copy) continue;  // lost
    *copy = message;
    Push(arrival, EventKind::kDeliver, link.to, messages_.Put(std::move(copy)));
  }
}

void World::Answer(ReplicaId replica, const ClientAnswer& answer) {
  ClientAnswer told = answer;
  const VirtualReplica& answering = *machines_[static_cast<uint32_t>(replica) - 1].replica;
  if (answering.running()) told.leader = answering.node().leader();
  if (told.kind == ClientAnswer::Kind::kRefused && told.read) coverage_.Hit(Rare::kReadRefused);
  if (told.kind == ClientAnswer::Kind::kDone && told.read) {
    coverage_.Hit(Rare::kReadAnswered);
    if (told.leader != replica) coverage_.Hit(Rare::kReadByFollower);
  }
  Push(now_ + DrawMicroseconds(0, 2000), EventKind::kAnswerArrives, 0, answers_.Put(told));
}

VirtualTime World::DrawMicroseconds(uint64_t least, uint64_t more) {
  return static_cast<VirtualTime>(least + random_.Below(more)) * kMicrosecond;
}

void World::ScheduleWork(ReplicaId replica, EventKind kind, VirtualTime delay) {
  const auto index = static_cast<uint32_t>(replica) - 1;
  Push(now_ + delay, kind, index, machines_[index].replica->life());
}

VirtualTime World::DiskTime(ReplicaId replica, VirtualTime usual) {
  return usual + machines_[static_cast<uint32_t>(replica) - 1].disk_slower;
}

void World::ScheduleAppends(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kAppends, DiskTime(replica, DrawMicroseconds(100, 2000)));
}

// Half of the time at once, as the runtime does for a lone request.
void World::ScheduleApplies(ReplicaId replica) {
  const VirtualTime drawn = DrawMicroseconds(0, 1000);
  ScheduleWork(replica, EventKind::kApplies, drawn < 500 * kMicrosecond ? 0 : drawn);
}

void World::SchedulePrepare(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kPrepare, DiskTime(replica, DrawMicroseconds(0, 30'000)));
}

void World::ScheduleSnapshots(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kSnapshots, DiskTime(replica, DrawMicroseconds(500, 100'000)));
}

// A parcel takes far longer than a message; the sender learns in the end whether it got there.
void World::SendSnapshot(SnapshotParcel parcel) {
  const Link link{.from = static_cast<uint32_t>(parcel.message.from) - 1,
                  .to = static_cast<uint32_t>(parcel.message.to) - 1};
  const Deliveries deliveries = network_.Route(link);
  const uint32_t life = machines_[link.from].replica->life();
  if (deliveries.count == 0) return Report(link, {.life = life, .delivered = false});
  const uint64_t slot = parcels_.Put({.parcel = std::move(parcel), .sender_life = life});
  Push(now_ + 10 * deliveries.delays[0], EventKind::kParcelArrives, link.to, slot);
}

void World::DeliverParcel(uint32_t receiver, uint64_t slot) {
  const SentParcel sent = std::move(parcels_.At(slot));
  parcels_.Free(slot);
  VirtualReplica& replica = *machines_[receiver].replica;
  const bool delivered = replica.running() && replica.ReceiveSnapshot(sent.parcel);
  const Link link{.from = static_cast<uint32_t>(sent.parcel.message.from) - 1, .to = receiver};
  Report(link, {.life = sent.sender_life, .delivered = delivered});
  NoticeFailure(receiver);
}

// A lost parcel is noticed by its silence.
void World::Report(Link link, ParcelReport report) {
  report.peer = ReplicaId{link.to + 1};
  const Deliveries way_back = network_.Route({.from = link.to, .to = link.from});
  if (way_back.count == 0) report.delivered = false;
  const VirtualTime delay = report.delivered ? way_back.delays[0] : kSecond;
  Push(now_ + delay, EventKind::kParcelReport, link.from, reports_.Put(report));
}

void World::Act(uint32_t client, const Workload::Action& action) {
  switch (action.kind) {
    case Workload::Action::Kind::kNothing:
      return;
    case Workload::Action::Kind::kBegin:
      return Push(now_ + action.delay, EventKind::kBegin, client);
    case Workload::Action::Kind::kSend:
      Push(now_ + action.delay, EventKind::kRequestArrives, static_cast<uint32_t>(action.to) - 1,
           requests_.Put(action.request));
      return Push(now_ + action.delay + Workload::kAnswerTimeout, EventKind::kTimeout, client,
                  action.request.attempt);
  }
}

void World::Restart(uint32_t index) {
  Machine& machine = machines_[index];
  machine.restarts = false;
  if (machine.replica->running()) return;
  if (absl::Status started = machine.replica->Start(); !started.ok()) {
    if (machine.replica->disk().dead() || absl::IsResourceExhausted(started)) {
      return PowerOff(index, machine.down_for);
    }
    if (machine.TakeDiskFailure()) return EndForDiskFailure(index);
    return checks_.Fail(
        absl::StrCat("replica ", index + 1, " does not start from its disk: ", started.ToString()));
  }
  Push(now_ + static_cast<VirtualTime>(random_.Below(kTickTime)), EventKind::kTick, index,
       machine.replica->life());
}

void World::PowerOff(uint32_t index, VirtualTime down_for) {
  Machine& machine = machines_[index];
  if (machine.replica->running()) machine.replica->End();
  machine.replica->disk().Crash(&random_);
  coverage_.Hit(Rare::kCrash);
  if (machine.restarts) return;
  machine.restarts = true;
  Push(now_ + down_for, EventKind::kRestart, index);
}

// The disk died or failed under the replica, so its process has ended.
void World::NoticeFailure(uint32_t index) {
  Machine& machine = machines_[index];
  if (machine.restarts || (machine.replica->running() && !machine.replica->disk().dead())) return;
  if (machine.replica->disk().dead()) {
    coverage_.Hit(Rare::kCrashInWrite);
    return PowerOff(index, machine.down_for);
  }
  if (!machine.TakeDiskFailure()) {
    return checks_.Fail(absl::StrCat(
        "replica ", index + 1, " stopped without reason: ", machine.replica->failure().ToString()));
  }
  coverage_.Hit(Rare::kFailedSyncStop);
  EndForDiskFailure(index);
}

// Often the machine stays up. Then the next process finds what the kernel still shows of the data
// that were not written, and of some of it no more.
void World::EndForDiskFailure(uint32_t index) {
  Machine& machine = machines_[index];
  if (random_.Below(2) == 0) return PowerOff(index, machine.down_for);
  machine.replica->disk().EndProcess(&random_);
  coverage_.Hit(Rare::kRestartAfterFailedSync);
  machine.restarts = true;
  Push(now_ + machine.down_for, EventKind::kRestart, index);
}

void World::CutOff(const Fault& fault, bool cut) {
  const auto change = [&](uint32_t from, uint32_t to) {
    if (cut) {
      network_.Cut({.from = from, .to = to});
    } else {
      network_.Mend({.from = from, .to = to});
    }
  };
  if (!cut) coverage_.Hit(Rare::kPartitionHealed);
  if (fault.kind == FaultKind::kOneWay) return change(fault.a, fault.b);
  if (fault.kind == FaultKind::kCutLink) {
    change(fault.a, fault.b);
    return change(fault.b, fault.a);
  }
  for (uint32_t from = 0; from < replicas_; ++from) {
    for (uint32_t to = 0; to < replicas_; ++to) {
      if ((fault.amount >> from & 1) != (fault.amount >> to & 1)) change(from, to);
    }
  }
}

void World::BeginFault(const Fault& fault) {
  Machine& machine = machines_[fault.a];
  VirtualReplica& replica = *machine.replica;
  const auto amount = static_cast<int64_t>(fault.amount);
  const Link link{.from = fault.a, .to = fault.b};
  if (fault.duration > 0) {
    Push(now_ + fault.duration, EventKind::kFaultEnds, 0,
         static_cast<uint64_t>(&fault - faults_.data()));
  }
  switch (fault.kind) {
    case FaultKind::kCrash:
      return PowerOff(fault.a, fault.duration);
    case FaultKind::kCrashInWrite:
      machine.down_for = fault.duration;
      return replica.disk().DieAt(fault.amount);
    case FaultKind::kProcessEnd:
      if (!replica.running()) return;
      replica.End();
      machine.restarts = true;
      return Push(now_ + fault.duration, EventKind::kRestart, fault.a);
    case FaultKind::kPause:
      machine.paused_until = std::max(machine.paused_until, now_ + fault.duration);
      return;
    case FaultKind::kPartition:
    case FaultKind::kOneWay:
    case FaultKind::kCutLink:
      return CutOff(fault, true);
    case FaultKind::kSlowLink:
      return network_.SlowDown(link, amount * kMillisecond);
    case FaultKind::kDropMessages:
      return network_.AddDrops(amount);
    case FaultKind::kDuplicate:
      return network_.AddDuplicates(amount);
    case FaultKind::kReorder:
      return network_.AddJitter(amount * kMillisecond);
    case FaultKind::kClockDrift:
      machine.tick_time = kTickTime * amount / 1000;
      return;
    case FaultKind::kClockJump:
      if (replica.running() && machine.paused_until <= now_) {
        replica.Tick(static_cast<uint32_t>(amount));
      }
      return;
    case FaultKind::kSlowDisk:
      machine.disk_slower += amount * kMillisecond;
      return;
    case FaultKind::kFailSync:
      machine.down_for = fault.duration;
      return replica.disk().FailSync(fault.amount);
    case FaultKind::kDiskFull:
      ++machine.full;
      return replica.disk().set_capacity_bytes(0);
    case FaultKind::kCampaign:
      return Ask(fault.a, {.kind = ReplicaRequest::Kind::kCampaign});
    case FaultKind::kForgetLeader:
      return Ask(fault.a, {.kind = ReplicaRequest::Kind::kForgetLeader});
    case FaultKind::kTransferLeader:
      return AskLeader({.kind = ReplicaRequest::Kind::kTransfer, .to = ReplicaId{fault.a + 1}});
    case FaultKind::kChangeMembers:
      if (const VirtualReplica* leader = Leader()) {
        AskLeader({.kind = ReplicaRequest::Kind::kChangeMembers,
                   .change = DrawChange(leader->node().configuration(), leader->node().GetStatus(),
                                        {.replicas = replicas_, .seed = fault.amount})});
      }
      return;
    case FaultKind::kCount:
      return;
  }
}

void World::EndFault(const Fault& fault) {
  Machine& machine = machines_[fault.a];
  const auto amount = static_cast<int64_t>(fault.amount);
  const Link link{.from = fault.a, .to = fault.b};
  switch (fault.kind) {
    case FaultKind::kPartition:
    case FaultKind::kOneWay:
    case FaultKind::kCutLink:
      return CutOff(fault, false);
    case FaultKind::kSlowLink:
      return network_.SlowDown(link, -amount * kMillisecond);
    case FaultKind::kDropMessages:
      return network_.AddDrops(-amount);
    case FaultKind::kDuplicate:
      return network_.AddDuplicates(-amount);
    case FaultKind::kReorder:
      return network_.AddJitter(-amount * kMillisecond);
    case FaultKind::kClockDrift:
      machine.tick_time = kTickTime;
      return;
    case FaultKind::kSlowDisk:
      machine.disk_slower -= amount * kMillisecond;
      return;
    case FaultKind::kDiskFull:
      if (--machine.full == 0) machine.replica->disk().set_capacity_bytes(UINT64_MAX);
      return;
    default:
      return;
  }
}

// Whoever leads in the highest term, as far as anybody could find out.
const VirtualReplica* World::Leader() const {
  const VirtualReplica* leader = nullptr;
  for (const Machine& machine : machines_) {
    const VirtualReplica& replica = *machine.replica;
    if (!replica.running() || replica.node().role() != Role::kLeader) continue;
    if (leader == nullptr || leader->node().term() < replica.node().term()) leader = &replica;
  }
  return leader;
}

void World::Ask(uint32_t index, ReplicaRequest request) {
  Machine& machine = machines_[index];
  if (machine.replica->running() && machine.paused_until <= now_) {
    machine.replica->Request(std::move(request));
  }
}

void World::AskLeader(ReplicaRequest request) {
  if (const VirtualReplica* leader = Leader()) {
    Ask(static_cast<uint32_t>(leader->id()) - 1, std::move(request));
  }
}

// No fault is left, and everybody who is down comes up.
void World::Heal() {
  healed_ = true;
  network_.Heal();
  for (uint32_t i = 0; i < replicas_; ++i) {
    Machine& machine = machines_[i];
    machine.paused_until = now_;
    machine.down_for = kSecond / 10;
    machine.tick_time = kTickTime;
    machine.disk_slower = 0;
    machine.replica->disk().DieAt(0);
    machine.replica->disk().FailSync(0);
    machine.replica->disk().set_capacity_bytes(UINT64_MAX);
    if (!machine.replica->running()) Push(now_, EventKind::kRestart, i);
  }
  completed_at_heal_ = workload_.least_completed();
  Push(now_ + kLookAgain, EventKind::kLookForConvergence);
}

// What an operator does who finds a change half way.
void World::LeaveJoint() {
  const VirtualReplica* leader = Leader();
  if (leader == nullptr) return;
  const Configuration& group = leader->node().configuration();
  if (!group.IsJoint() || group.auto_leave) return;
  AskLeader({.kind = ReplicaRequest::Kind::kChangeMembers, .change = {}});
}

bool World::Converged() {
  LeaveJoint();
  if (workload_.least_completed() < completed_at_heal_ + kOperationsAfterHeal) return false;
  workload_.Finish();
  return workload_.idle() && WhyNotConverged().empty();
}

std::string World::WhyNotConverged() const {
  const VirtualReplica* leader = Leader();
  if (leader == nullptr) return "nobody leads";
  const Configuration& group = leader->node().configuration();
  if (group.IsJoint()) return absl::StrCat("the group is joint: ", ToString(group));
  for (const Machine& machine : machines_) {
    const VirtualReplica& replica = *machine.replica;
    if (!group.HasMember(replica.id())) continue;
    const std::string name = absl::StrCat("replica ", static_cast<uint64_t>(replica.id()));
    if (!replica.running()) return absl::StrCat(name, " is down");
    if (&replica != leader && replica.node().role() == Role::kLeader) return "two replicas lead";
    if (replica.applied() != leader->node().last_index()) {
      return absl::StrCat(name, " applied ", replica.applied().value, " of ",
                          leader->node().last_index().value);
    }
    if (replica.state_digest() != leader->state_digest()) return "states differ";
  }
  if (!workload_.idle()) return "a client waits";
  return "";
}

// Each replica, for whoever has to find out why.
std::string World::DescribedAll() const {
  std::string text;
  for (const Machine& machine : machines_) {
    const VirtualReplica& replica = *machine.replica;
    absl::StrAppend(&text, "; replica ", static_cast<uint64_t>(replica.id()), " ");
    if (!replica.running()) {
      absl::StrAppend(&text, "is down");
      continue;
    }
    const RawNode& node = replica.node();
    absl::StrAppend(&text, RoleName(node.role()), " of term ", node.term().value, ", log ",
                    node.log().first_index().value, " to ", node.last_index().value, ", commit ",
                    node.commit_index().value, ", applied ", replica.applied().value, ", ",
                    ToString(node.configuration()), node.LostData() ? ", lost data" : "");
  }
  return text;
}

void World::Finish(WorldResult& result) {
  result.history = workload_.TakeHistory();
  if (checks_.violation().empty()) {
    const LinearizabilityResult linear = CheckLinearizability(result.history);
    if (linear.verdict != Verdict::kLinearizable) checks_.Fail(linear.explanation);
  }
  result.violation = checks_.violation();
  result.trace_hash = hash_;
  result.trace = std::move(trace_);
  result.events = events_;
  result.checks = checks_.checks();
  result.simulated = now_;
  result.converged_after = now_ - options_.chaos;
  result.replicas = voters_;
  result.coverage = coverage_;
  result.faults = faults_;
}

}  // namespace

std::vector<Fault> WorldFaults(const WorldOptions& options) {
  return DrawFaults(
      {.seed = options.seed, .replicas = MachinesOf(options), .until = options.chaos});
}

WorldResult RunWorld(const WorldOptions& options) { return World(options).Run(); }

}  // namespace blixard::raft
