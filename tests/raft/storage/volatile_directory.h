// A place for the files of a test that needs real files but not a disk.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_VOLATILE_DIRECTORY_H_
#define BLIXARD_TESTS_RAFT_STORAGE_VOLATILE_DIRECTORY_H_

#include <string>

namespace blixard {

// A new, empty directory, removed with all it holds by the destructor. In memory where the machine
// offers that (/dev/shm): there fdatasync never waits for a disk that others keep busy, so no
// leader loses its office over it. Else among the test's temporary files. Its name has the
// process's number, by which tools/test knows and removes what a test that was killed left there.
class VolatileDirectory {
 public:
  VolatileDirectory();
  ~VolatileDirectory();

  VolatileDirectory(const VolatileDirectory&) = delete;
  VolatileDirectory& operator=(const VolatileDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace blixard

#endif  // BLIXARD_TESTS_RAFT_STORAGE_VOLATILE_DIRECTORY_H_
