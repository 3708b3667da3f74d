// Encode once; the log, the peers and the parser get slices of the same memory.
#include "memory_optimization/bytes.h"

#include <glog/logging.h>

#include <utility>

#include "memory_optimization/bytes_mut.h"

using blixard::memory::Bytes;
using blixard::memory::BytesMut;

int main() {
  BytesMut writer;
  CHECK(writer.Append("header:").ok());
  CHECK(writer.Append("payload").ok());
  const Bytes message = std::move(writer).Freeze();
  Bytes payload = message.Slice(7, 7);
  CHECK_EQ(payload.view(), "payload");
  CHECK(payload.data() == message.data() + 7) << "nothing was copied";

  // A small slice keeps its whole block: copy out what is kept for long.
  CHECK_GE(payload.retained_bytes(), message.size());
  CHECK(payload.Compact().ok());
  CHECK_EQ(Bytes::FromStatic("ok").retained_bytes(), 0u);
}
