#include "tests/simulation/world.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/object_pool.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/chaos.h"
#include "tests/simulation/client_mail.h"
#include "tests/simulation/convergence.h"
#include "tests/simulation/disk_operator.h"
#include "tests/simulation/linearizability.h"
#include "tests/simulation/local_clock.h"
#include "tests/simulation/machine_room.h"
#include "tests/simulation/mail.h"
#include "tests/simulation/pool_census.h"
#include "tests/simulation/run_trace.h"
#include "tests/simulation/safety_checks.h"
#include "tests/simulation/virtual_network.h"
#include "tests/simulation/virtual_replica.h"
#include "tests/simulation/workload.h"

namespace blixard::raft {
namespace {

constexpr VirtualTime kLookAgain = 200 * kMillisecond;  // while waiting for the cluster to converge
constexpr uint32_t kOperationsAfterHeal = 2;            // of every client

uint32_t VotersOf(const WorldOptions& options) {
  if (options.replicas != 0) return options.replicas;
  constexpr uint32_t kSizes[] = {1, 3, 3, 3, 3, 3, 5, 5, 7};
  return kSizes[SplitMix(options.seed ^ 0x73697a65).Below(std::size(kSizes))];
}

// Some are in no group at first.
constexpr uint32_t kSpareReplicas = 2;
uint32_t MachinesOf(const WorldOptions& options) { return VotersOf(options) + kSpareReplicas; }

// In some worlds leaders read from their clocks, and the clocks are as good as that needs; in some
// a leader stays without a quorum. All ask before they raise the term: else replicas that were
// removed and do not know it would raise it again and again, and the others come to no rest.
ElectionSettings ElectionsOf(const WorldOptions& options) {
  switch (SplitMix(options.seed ^ 0x6c65617365).Below(8)) {
    case 0:
    case 1:
      return {.lease = {.enabled = true, .clock_error_ticks = 3}};
    case 2:
      return {.check_quorum = false};
    default:
      return {};
  }
}

// In half of the worlds some wait longer before they campaign. None waits for ever: the only one
// with the whole log might be it.
uint32_t PriorityOf(const WorldOptions& options, uint32_t index) {
  SplitMix random(options.seed ^ 0x7072696f);
  if (random.Below(2) == 0) return kHighestPriority;
  uint64_t below = 0;
  for (uint32_t i = 0; i <= index; ++i) below = random.Below(4);
  return kHighestPriority - static_cast<uint32_t>(below);
}

class World final : public ReplicaSurroundings {
 public:
  explicit World(const WorldOptions& options);
  WorldResult Run();

  void Send(const Message& message) override;
  void SendPiece(const SnapshotPiece& piece) override;
  void Answer(ReplicaId replica, const ClientAnswer& answer) override;
  void Flush() override {}
  VirtualTime LocalNow(ReplicaId replica) override {
    return room_.of(replica).clock.At(agenda_.now());
  }
  uint64_t NowNanoseconds() override { return static_cast<uint64_t>(agenda_.now()); }
  void ScheduleAppends(ReplicaId replica) override;
  void ScheduleApplies(ReplicaId replica) override;
  void SchedulePrepare(ReplicaId replica) override;
  void ScheduleSnapshots(ReplicaId replica) override;
  void ScheduleCourier(ReplicaId replica) override;

 private:
  void AddMachines();
  void Plan();
  void Handle(const Event& event);
  void HandleWorldEvent(const Event& event, EventKind kind);
  void HandleReplicaEvent(const Event& event, EventKind kind);
  void HandleWork(const Event& event, EventKind kind);
  void HandleArrival(const Event& event, EventKind kind);
  VirtualTime DrawMicroseconds(uint64_t least, uint64_t more);
  VirtualTime DiskTime(ReplicaId replica, VirtualTime usual);
  void ScheduleWork(ReplicaId replica, EventKind kind, VirtualTime delay);
  void Act(uint32_t client, const Workload::Action& action);
  void BeginFault(uint64_t place);
  void Heal();
  void LookForConvergence();
  void LeaveJoint();
  bool Converged();
  void Finish(WorldResult& result);

  const WorldOptions options_;
  const uint32_t voters_;    // at the beginning
  const uint32_t replicas_;  // with those that wait to be added
  SplitMix random_;
  Agenda agenda_;
  RunTrace trace_;
  SafetyChecks checks_;
  Coverage coverage_;
  VirtualNetwork network_;
  Workload workload_;
  MachineRoom room_;
  Mail mail_;
  ClientMail client_mail_;
  Chaos chaos_;
  DiskOperator operator_;
  std::vector<Fault> faults_;

  bool healed_ = false;
  bool converged_ = false;
  uint32_t completed_at_heal_ = 0;
  uint64_t events_ = 0;
};

World::World(const WorldOptions& options)
    : options_(options),
      voters_(VotersOf(options)),
      replicas_(MachinesOf(options)),
      random_(options.seed),
      trace_({.keep = options.keep_trace, .print = options.print_trace}),
      checks_(replicas_),
      network_(replicas_ + kSimulatedClients, random_.Next()),
      workload_(random_.Next(), replicas_, checks_, coverage_),
      room_({.agenda = agenda_, .random = random_, .checks = checks_, .coverage = coverage_}),
      mail_(replicas_, network_, agenda_, coverage_),
      client_mail_(replicas_, network_, agenda_, coverage_),
      chaos_({.agenda = agenda_, .room = room_, .network = network_, .coverage = coverage_}),
      operator_(room_, agenda_, coverage_),
      faults_(options.faults.has_value() ? *options.faults : WorldFaults(options)) {
  AddMachines();
  Plan();
}

void World::AddMachines() {
  std::vector<ReplicaId> voters;
  for (uint32_t i = 0; i < voters_; ++i) voters.push_back(ReplicaId{i + 1});
  for (uint32_t i = 0; i < replicas_; ++i) {
    VirtualReplicaOptions replica{.id = ReplicaId{i + 1},
                                  .voters = {},
                                  .seed = random_.Next(),
                                  .priority = PriorityOf(options_, i),
                                  .elections = ElectionsOf(options_)};
    if (i < voters_) replica.voters = voters;
    room_.Add(std::make_unique<VirtualReplica>(
                  replica, *this, ReplicaWatchers{.checks = checks_, .coverage = coverage_}),
              LocalClock(static_cast<VirtualTime>(random_.Below(kTickTime))));
  }
}

void World::Plan() {
  for (uint32_t i = 0; i < replicas_; ++i) agenda_.At(0, EventKind::kRestart, i);
  for (uint32_t i = 0; i < kSimulatedClients; ++i) {
    agenda_.At(workload_.DrawPause(), EventKind::kBegin, i);
  }
  for (size_t i = 0; i < faults_.size(); ++i) {
    agenda_.At(faults_[i].time, EventKind::kFaultBegins, 0, i);
  }
  agenda_.At(options_.chaos, EventKind::kHeal);
}

WorldResult World::Run() {
  while (checks_.violation().empty() && !converged_) {
    ++events_;
    Handle(agenda_.Next());
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
    case EventKind::kFrameArrives:
    case EventKind::kAppends:
    case EventKind::kApplies:
    case EventKind::kPrepare:
    case EventKind::kSnapshots:
    case EventKind::kCourier:
    case EventKind::kRestart:
    case EventKind::kRequestArrives:
      return HandleReplicaEvent(event, kind);
    default:
      return HandleWorldEvent(event, kind);
  }
}

void World::HandleWorldEvent(const Event& event, EventKind kind) {
  switch (kind) {
    case EventKind::kFaultBegins:
      trace_.Note(event, event.b);
      return BeginFault(event.b);
    case EventKind::kFaultEnds:
      trace_.Note(event, event.b);
      if (!healed_) chaos_.End(faults_[event.b]);
      return;
    case EventKind::kOperator:
      trace_.Note(event, 0);
      return operator_.LookAfter(event.a);
    case EventKind::kBegin:
      trace_.Note(event, 0);
      return Act(event.a, workload_.Begin(event.a, agenda_.now()));
    case EventKind::kAnswerArrives: {
      const ClientAnswer answer = client_mail_.TakeAnswer(event.b);
      trace_.Note(event, uint64_t{answer.client} << 40 | uint64_t{answer.attempt} << 8 |
                             static_cast<uint64_t>(answer.kind));
      return Act(answer.client, workload_.OnAnswer(answer, agenda_.now()));
    }
    case EventKind::kTimeout:
      trace_.Note(event, event.b);
      return Act(event.a,
                 workload_.OnTimeout(event.a, static_cast<uint32_t>(event.b), agenda_.now()));
    case EventKind::kHeal:
      trace_.Note(event, 0);
      return Heal();
    default:
      return LookForConvergence();
  }
}

void World::HandleReplicaEvent(const Event& event, EventKind kind) {
  Machine& machine = room_.at(event.a);
  if (machine.paused_until > agenda_.now()) {  // it stands still, and finds all when it goes on
    coverage_.Hit(Rare::kHeldByPause);
    return agenda_.At(machine.paused_until, kind, event.a, event.b);
  }
  switch (kind) {
    case EventKind::kRestart:
      trace_.Note(event, event.b);
      return room_.Restart(event.a, event.b != 0);
    case EventKind::kDeliver:
    case EventKind::kFrameArrives:
    case EventKind::kRequestArrives:
      HandleArrival(event, kind);
      break;
    default:
      if (!machine.replica->running() || event.b != machine.replica->life()) return;
      trace_.Note(event, 0);
      HandleWork(event, kind);
      break;
  }
}

void World::HandleWork(const Event& event, EventKind kind) {
  Machine& machine = room_.at(event.a);
  VirtualReplica& replica = *machine.replica;
  switch (kind) {
    case EventKind::kTick:
      if (!machine.clock.is_right()) coverage_.Hit(Rare::kTickOfBadClock);
      replica.Tick();
      if (replica.running()) room_.ScheduleTick(event.a);
      return;
    case EventKind::kApplies:
      replica.CarryOutApplies();
      break;
    case EventKind::kAppends:
      replica.CarryOutAppends();
      break;
    case EventKind::kPrepare:
      replica.CarryOutPrepare();
      break;
    case EventKind::kSnapshots:
      replica.CarryOutSnapshots();
      break;
    default:
      replica.CarryOutCourier();
      break;
  }
  room_.NoticeFailure(event.a);
}

void World::HandleArrival(const Event& event, EventKind kind) {
  VirtualReplica& replica = *room_.at(event.a).replica;
  if (kind == EventKind::kDeliver) {
    memory::Pooled<Message> message = mail_.TakeMessage(event.b);
    trace_.Note(event, static_cast<uint64_t>(message->type) << 56 ^ message->term.value << 40 ^
                           message->log.index.value << 8 ^
                           static_cast<uint64_t>(message->from) << 4 ^ uint64_t{message->reject});
    if (trace_.tells()) trace_.Tell(agenda_.now(), Mail::Described(*message));
    if (replica.running()) replica.Deliver(std::move(message));
  } else if (kind == EventKind::kFrameArrives) {
    const std::string frame = mail_.TakeFrame(event.b);
    trace_.Note(event, frame.size());
    if (replica.running()) replica.DeliverPiece(frame);
  } else {
    const ClientRequest request = client_mail_.TakeRequest(event.b);
    trace_.Note(event, uint64_t{request.client} << 32 | request.attempt);
    if (replica.running()) replica.Request(request);
  }
}

void World::Send(const Message& message) {
  if (message.reject) {
    if (message.type == MessageType::kPreVoteReply) coverage_.Hit(Rare::kPreVoteRefused);
    if (message.type == MessageType::kVoteReply) coverage_.Hit(Rare::kVoteRefused);
    if (message.type == MessageType::kAppendReply) coverage_.Hit(Rare::kAppendRefused);
  }
  checks_.OnSend(message);
  mail_.Send(message);
}

void World::SendPiece(const SnapshotPiece& piece) {
  mail_.SendFrame(
      {.from = static_cast<uint32_t>(piece.from) - 1, .to = static_cast<uint32_t>(piece.to) - 1},
      piece.frame);
}

void World::Answer(ReplicaId replica, const ClientAnswer& answer) {
  ClientAnswer told = answer;
  const VirtualReplica& answering = *room_.of(replica).replica;
  if (answering.running()) told.leader = answering.node().leader();
  if (told.kind == ClientAnswer::Kind::kRefused && told.read) coverage_.Hit(Rare::kReadRefused);
  if (told.kind == ClientAnswer::Kind::kDone && told.read) {
    coverage_.Hit(Rare::kReadAnswered);
    const bool follows = told.leader != kNoReplica && told.leader != replica;
    if (follows) coverage_.Hit(Rare::kReadByFollower);
  }
  client_mail_.Send(told, replica);
}

VirtualTime World::DrawMicroseconds(uint64_t least, uint64_t more) {
  return static_cast<VirtualTime>(least + random_.Below(more)) * kMicrosecond;
}

void World::ScheduleWork(ReplicaId replica, EventKind kind, VirtualTime delay) {
  agenda_.After(delay, kind, static_cast<uint32_t>(replica) - 1, room_.of(replica).replica->life());
}

VirtualTime World::DiskTime(ReplicaId replica, VirtualTime usual) {
  const VirtualTime slower = room_.of(replica).disk_slower;
  if (slower > 0) coverage_.Hit(Rare::kDiskSlowed);
  return usual + slower;
}

void World::ScheduleAppends(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kAppends, DiskTime(replica, DrawMicroseconds(100, 2000)));
}

// Half of the time at once, as the runtime does for a lone request.
void World::ScheduleApplies(ReplicaId replica) {
  const VirtualTime drawn = DrawMicroseconds(0, 1000);
  ScheduleWork(replica, EventKind::kApplies, drawn < 500 * kMicrosecond ? 0 : drawn);
}

// Sometimes so late that the log has to make its segment itself.
void World::SchedulePrepare(ReplicaId replica) {
  const uint64_t longest = random_.Below(8) == 0 ? 5'000'000 : 30'000;
  ScheduleWork(replica, EventKind::kPrepare, DiskTime(replica, DrawMicroseconds(0, longest)));
}

void World::ScheduleSnapshots(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kSnapshots, DiskTime(replica, DrawMicroseconds(500, 100'000)));
}

void World::ScheduleCourier(ReplicaId replica) {
  ScheduleWork(replica, EventKind::kCourier, DiskTime(replica, DrawMicroseconds(100, 5000)));
}

void World::Act(uint32_t client, const Workload::Action& action) {
  switch (action.kind) {
    case Workload::Action::Kind::kNothing:
      return;
    case Workload::Action::Kind::kBegin:
      return agenda_.After(action.delay, EventKind::kBegin, client);
    case Workload::Action::Kind::kSend:
      if (client_mail_.Send(action.request, action.to, action.delay) > 1) {
        workload_.OnDoubled(client);
      }
      return agenda_.After(action.delay + Workload::kAnswerTimeout, EventKind::kTimeout, client,
                           action.request.attempt);
  }
}

void World::BeginFault(uint64_t place) {
  const Fault& fault = faults_[place];
  if (trace_.tells()) trace_.Tell(agenda_.now(), ToString(fault));
  if (fault.duration > 0) agenda_.After(fault.duration, EventKind::kFaultEnds, 0, place);
  chaos_.Begin(fault);
}

// No fault is left, and everybody who is down comes up.
void World::Heal() {
  healed_ = true;
  network_.Heal();
  room_.Repair();
  completed_at_heal_ = workload_.least_completed();
  agenda_.After(kLookAgain, EventKind::kLookForConvergence);
}

// What an operator does who finds a change half way.
void World::LeaveJoint() {
  const VirtualReplica* leader = room_.Leader();
  if (leader == nullptr) return;
  const Configuration& group = leader->node().configuration();
  if (!group.IsJoint() || group.auto_leave) return;
  room_.AskLeader({.kind = ReplicaRequest::Kind::kChangeMembers, .change = {}});
}

bool World::Converged() {
  LeaveJoint();
  if (workload_.least_completed() < completed_at_heal_ + kOperationsAfterHeal) return false;
  if (!room_.operator_is_done()) return false;
  workload_.Finish();
  return workload_.idle() && WhyNotConverged(room_).empty();
}

void World::LookForConvergence() {
  converged_ = Converged();
  if (!converged_ && agenda_.now() > options_.chaos + options_.heal) {
    const std::string why = WhyNotConverged(room_);
    checks_.Fail(absl::StrCat("not converged ", options_.heal / kSecond,
                              " s after the last fault: ", why.empty() ? "a client waits" : why,
                              DescribedAll(room_)));
  }
  agenda_.After(kLookAgain, EventKind::kLookForConvergence);
}

void World::Finish(WorldResult& result) {
  room_.EndAll();
  result.history = workload_.TakeHistory();
  if (checks_.violation().empty()) {
    const LinearizabilityResult linear = CheckLinearizability(result.history);
    if (linear.verdict != Verdict::kLinearizable) checks_.Fail(linear.explanation);
  }
  result.violation = checks_.violation();
  result.trace_hash = trace_.hash();
  result.trace = trace_.TakeText();
  result.events = events_;
  result.checks = checks_.checks();
  result.simulated = agenda_.now();
  result.converged_after = agenda_.now() - options_.chaos;
  result.replicas = voters_;
  result.coverage = coverage_;
  result.faults = faults_;
}

}  // namespace

std::vector<Fault> WorldFaults(const WorldOptions& options) {
  return DrawFaults({.seed = options.seed,
                     .replicas = MachinesOf(options),
                     .clients = kSimulatedClients,
                     .until = options.chaos,
                     .good_clocks = ElectionsOf(options).lease.enabled});
}

WorldResult RunWorld(const WorldOptions& options) {
  const PoolCensus before;
  WorldResult result = World(options).Run();
  if (result.violation.empty()) result.violation = before.Difference();
  return result;
}

}  // namespace blixard::raft
