// Lines, or plain chunks, of a stream of any length in constant memory.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_CHUNK_READER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_CHUNK_READER_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace blixard::memory {

// What bytes are read from.
class ReadSource {
 public:
  virtual ~ReadSource() = default;
  // As read(2): up to `max_bytes` (at least 1) into `into`; fewer is fine, 0 is the end, -1 an
  // error with errno set.
  virtual ssize_t Read(char* into, size_t max_bytes) = 0;
};

// A descriptor, which it closes.
class DescriptorSource final : public ReadSource {
 public:
  // Errors: what errno says with the path.
  static absl::StatusOr<std::unique_ptr<DescriptorSource>> Open(const std::string& path);

  explicit DescriptorSource(int fd) : fd_(fd) {}
  ~DescriptorSource() override;
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;

  ssize_t Read(char* into, size_t max_bytes) override;

 private:
  int fd_;
};

struct ChunkReaderOptions {
  std::string name = "input";                // what errors call it: a path
  size_t max_line_bytes = size_t{64} << 10;  // without its end
  size_t chunk_bytes = size_t{64} << 10;     // asked of the source at a time
};

// Not thread-safe. One buffer of max_line_bytes + chunk_bytes + 2, allocated at construction, is
// all the memory it ever uses. Views are good until the next call.
//
//   while (const std::optional<std::string_view> line = reader.NextLine()) Take(*line);
//   if (!reader.status().ok()) return reader.status();
class ChunkReader {
 public:
  // `source` must outlive the reader. CHECKs that both sizes are at least 1 and below 1 GiB.
  explicit ChunkReader(ReadSource& source, ChunkReaderOptions options = {});
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  // The next line without its LF or CR LF; the last one need not have an end. Other bytes, NUL and
  // lone CRs among them, are part of the line. nullopt: the end, or an error, as status() says:
  // kInvalidArgument "NAME:LINE: line: want at most N bytes, got more", or what errno says when
  // reading fails. A line that was cut off by an error is not returned.
  std::optional<std::string_view> NextLine();

  // The next bytes, whatever they are, at most chunk_bytes + max_line_bytes + 2; nullopt as above.
  // May be mixed with NextLine: bytes come once, in their order.
  std::optional<std::string_view> NextChunk();

  // OK until something failed, for good then.
  const absl::Status& status() const { return status_; }
  // Of the line that NextLine returned last; the first is 1.
  uint64_t line_number() const { return line_number_; }

 private:
  std::string_view waiting() const { return {buffer_.get() + begin_, end_ - begin_}; }
  bool Fill();
  struct LineExtent {
    size_t line_bytes;
    size_t with_end_bytes;
  };
  std::optional<std::string_view> CheckedLine(LineExtent extent);
  std::nullopt_t FailLongLine();

  ReadSource& source_;
  const ChunkReaderOptions options_;
  const size_t capacity_;
  const std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;  // buffer_[begin_, end_) was read and not handed out
  size_t end_ = 0;
  uint64_t line_number_ = 0;
  bool at_end_ = false;
  absl::Status status_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_CHUNK_READER_H_
