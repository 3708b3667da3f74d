#include "raft/storage/snapshot_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "raft/core/checksum.h"

namespace blixard::raft {
namespace {

absl::StatusOr<std::string> ReadBytes(File& file, uint64_t offset, size_t bytes) {
  std::string content(bytes, '\0');
  const absl::StatusOr<size_t> read = file.Read(offset, absl::MakeSpan(content));
  if (!read.ok()) return read.status();
  content.resize(*read);
  return content;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(std::unique_ptr<File> file) {
  const absl::StatusOr<uint64_t> size = file->Size();
  if (!size.ok()) return size.status();
  const absl::StatusOr<std::string> front = ReadBytes(*file, 0, kMaxSnapshotHeaderBytes);
  if (!front.ok()) return front.status();
  const absl::StatusOr<DecodedSnapshotHeader> header = DecodeSnapshotHeader(*front);
  if (!header.ok()) return header.status();
  if (*size < header->bytes + kSnapshotFooterBytes) {
    return absl::DataLossError(absl::StrCat("snapshot file size: want ",
                                            header->bytes + kSnapshotFooterBytes, " at least, got ",
                                            *size));
  }
  const absl::StatusOr<std::string> back =
      ReadBytes(*file, *size - kSnapshotFooterBytes, kSnapshotFooterBytes);
  if (!back.ok()) return back.status();
  const absl::StatusOr<SnapshotFooter> footer = DecodeSnapshotFooter(header->seed, *back);
  if (!footer.ok()) return footer.status();
  const uint64_t want =
      SnapshotFileBytes(header->bytes, header->header.chunk_bytes, footer->stream_bytes);
  if (footer->file_bytes != *size || want != *size) {
    return absl::DataLossError(absl::StrCat("snapshot file size: want ", want, ", got ", *size));
  }
  return std::unique_ptr<SnapshotReader>(new SnapshotReader(std::move(file), *header, *footer));
}

SnapshotReader::SnapshotReader(std::unique_ptr<File> file, const DecodedSnapshotHeader& header,
                               const SnapshotFooter& footer)
    : file_(std::move(file)),
      header_(header.header),
      header_bytes_(header.bytes),
      seed_(header.seed),
      footer_(footer) {}

absl::StatusOr<size_t> SnapshotReader::ReadAt(uint64_t offset, absl::Span<char> into) {
  size_t done = 0;
  while (done < into.size() && offset < footer_.stream_bytes) {
    const uint64_t number = offset / header_.chunk_bytes;
    if (!chunk_ || chunk_number_ != number) {
      if (absl::Status status = LoadChunk(number); !status.ok()) return status;
    }
    const absl::string_view data = chunk_.view().substr(kChunkHeaderBytes);
    const size_t copied = data.copy(into.data() + done, into.size() - done,
                                    static_cast<size_t>(offset % header_.chunk_bytes));
    done += copied;
    offset += copied;
  }
  return done;
}

absl::Status SnapshotReader::LoadChunk(uint64_t number) {
  const uint64_t offset = number * header_.chunk_bytes;
  const size_t bytes =
      kChunkHeaderBytes + std::min<uint64_t>(header_.chunk_bytes, footer_.stream_bytes - offset);
  const uint64_t place = header_bytes_ + number * (kChunkHeaderBytes + header_.chunk_bytes);
  chunk_.Reset();
  absl::StatusOr<memory::Buffer> chunk = memory::BufferPool::Default().Acquire(bytes);
  if (!chunk.ok()) return chunk.status();
  chunk->Resize(bytes);
  const absl::StatusOr<size_t> read =
      file_->Read(place, absl::MakeSpan(chunk->mutable_data(), bytes));
  if (!read.ok()) return read.status();
  const absl::Status checked = CheckChunk(seed_, offset, chunk->view().substr(0, *read));
  if (!checked.ok()) {
    return absl::DataLossError(absl::StrCat(checked.message(), " (at byte ", place, ")"));
  }
  chunk_ = *std::move(chunk);
  chunk_number_ = number;
  return absl::OkStatus();
}

absl::StatusOr<size_t> SnapshotReader::Read(absl::Span<char> into) {
  const absl::StatusOr<size_t> read = ReadAt(position_, into);
  if (!read.ok()) return read;
  read_crc32c_ = ExtendCrc32c(read_crc32c_, {into.data(), *read});
  position_ += *read;
  if (*read > 0 || into.empty()) return read;
  if (absl::Status status = CheckStream(read_crc32c_); !status.ok()) return status;
  return size_t{0};
}

absl::Status SnapshotReader::Verify() {
  uint32_t crc32c = 0;
  for (uint64_t offset = 0; offset < footer_.stream_bytes; offset += header_.chunk_bytes) {
    if (absl::Status status = LoadChunk(offset / header_.chunk_bytes); !status.ok()) return status;
    crc32c = ExtendCrc32c(crc32c, chunk_.view().substr(kChunkHeaderBytes));
  }
  return CheckStream(crc32c);
}

absl::Status SnapshotReader::CheckStream(uint32_t crc32c) const {
  if (crc32c == footer_.stream_crc32c) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat("snapshot stream checksum: want %08x, got %08x",
                                             footer_.stream_crc32c, crc32c));
}

}  // namespace blixard::raft
