// Labels are stored in lower case and nearly always arrive so: only the others are copied.
#include "memory_optimization/cow.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

using blixard::memory::Cow;

Cow LowerCase(absl::string_view label) {
  Cow text = Cow::Borrowed(label);
  if (std::none_of(label.begin(), label.end(), absl::ascii_isupper)) return text;
  absl::AsciiStrToLower(&text.ToOwned());
  return text;
}

int main() {
  CHECK(!LowerCase("zone").is_owned());
  const Cow changed = LowerCase("Zone");
  CHECK(changed.is_owned());
  CHECK_EQ(changed.view(), "zone");
}
