// Fields of a received message as views into it: decoding allocates nothing, and lengths are
// believed only after they were checked.
#include <glog/logging.h>

#include <cstdint>

#include "absl/strings/string_view.h"
#include "memory_optimization/byte_reader.h"
#include "memory_optimization/bytes.h"
#include "memory_optimization/bytes_reader.h"

using blixard::memory::ByteReader;
using blixard::memory::Bytes;
using blixard::memory::BytesReader;

constexpr absl::string_view kMessage("\x2a\0\0\0\x05hello", 10);

int main() {
  ByteReader reader(kMessage);
  CHECK_EQ(reader.Get<uint32_t>("id"), 42u);
  const absl::string_view text = reader.GetSized(1024, "text");
  CHECK(reader.Finish().ok());
  CHECK_EQ(text, "hello");
  CHECK(text.data() == kMessage.data() + 5);

  BytesReader keeping(Bytes::FromStatic(kMessage));
  keeping.Get<uint32_t>("id");
  const Bytes kept = keeping.GetSizedBytes(1024, "text");  // lives on by its own share
  CHECK_EQ(kept.view(), "hello");

  ByteReader torn(kMessage.substr(0, 7));
  torn.Get<uint32_t>("id");
  torn.GetSized(1024, "text");
  LOG(INFO) << torn.status();
  CHECK(!torn.ok());
}
