// How much memory a process holds, by the kernel's account.
#ifndef BLIXARD_BENCH_RAFT_RESIDENT_MEMORY_H_
#define BLIXARD_BENCH_RAFT_RESIDENT_MEMORY_H_

#include <unistd.h>

#include <fstream>
#include <string>

namespace blixard::bench {

// Of a process id, or of "self". Shared libraries count. 0 when there is no such process.
inline double ResidentMiB(const std::string& process) {
  std::ifstream statm("/proc/" + process + "/statm");
  double total_pages = 0;
  double resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_RESIDENT_MEMORY_H_
