#include "tests/raft/storage/log_model.h"

#include <glog/logging.h>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"

namespace blixard::raft {

Entry MakeEntry(EntryId id, absl::string_view payload) {
  Entry entry;
  entry.term = id.term;
  entry.index = id.index;
  entry.payload_crc32c = PayloadCrc32c(payload);
  if (payload.empty()) return entry;
  entry.type = EntryType::kCommand;
  absl::StatusOr<memory::Buffer> buffer = memory::BufferPool::Default().AcquireCopy(payload);
  CHECK(buffer.ok()) << buffer.status();
  entry.payload = *std::move(buffer);
  return entry;
}

std::ostream& operator<<(std::ostream& out, const LogModel& model) {
  out << "term " << model.hard_state.term << " vote " << model.hard_state.vote << " commit "
      << model.hard_state.commit << ", base " << model.base.term << "/" << model.base.index << ", "
      << model.entries.size() << " entries";
  for (const EntryModel& entry : model.entries) {
    out << "\n  " << entry.id.term << "/" << entry.id.index << " type "
        << static_cast<int>(entry.type) << ", " << entry.payload_bytes << " bytes with checksum "
        << entry.payload_crc32c;
  }
  return out;
}

void LogModel::Put(const Entry& entry) {
  CHECK_LE(entry.index, last_index() + 1);
  CHECK_EQ(entry.payload_crc32c, PayloadCrc32c(entry.payload.view()));
  CHECK_GT(entry.index, base.index);
  entries.resize(entry.index - base.index - 1);
  entries.push_back({.id = entry.id(),
                     .type = entry.type,
                     .payload_bytes = static_cast<uint32_t>(entry.payload.size()),
                     .payload_crc32c = entry.payload_crc32c});
}

void LogModel::Append(const std::optional<HardState>& state, absl::Span<const Entry> added) {
  for (const Entry& entry : added) Put(entry);
  if (state.has_value()) hard_state = *state;
}

void LogModel::CompactThrough(EntryId through) {
  if (through.index <= base.index) return;
  CHECK_EQ(IdAt(through.index).term, through.term);
  entries.erase(entries.begin(),
                entries.begin() + static_cast<ptrdiff_t>(through.index - base.index));
  base = through;
}

void LogModel::InstallSnapshot(EntryId last, const HardState& state) {
  hard_state = {.term = state.term, .vote = state.vote, .commit = last.index};
  base = last;
  entries.clear();
}

EntryId LogModel::IdAt(LogIndex index) const {
  if (index == base.index) return base;
  CHECK_GT(index, base.index);
  CHECK_LE(index, last_index());
  return entries[index - base.index - 1].id;
}

LogModel ModelOf(const RecoveredLog& log) {
  LogModel model;
  model.base = log.base;
  model.Append(log.hard_state, log.entries);
  return model;
}

std::vector<LogModel> StepsOfAppend(LogModel before, const std::optional<HardState>& hard_state,
                                    absl::Span<const Entry> added) {
  std::vector<LogModel> steps;
  LogModel& state = before;
  if (hard_state.has_value()) {
    state.hard_state.term = hard_state->term;
    state.hard_state.vote = hard_state->vote;
    steps.push_back(state);
  }
  for (const Entry& entry : added) {
    state.Put(entry);
    steps.push_back(state);
  }
  if (hard_state.has_value()) {
    state.hard_state.commit = hard_state->commit;
    steps.push_back(state);
  }
  return steps;
}

}  // namespace blixard::raft
