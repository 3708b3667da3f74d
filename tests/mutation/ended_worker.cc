// Preloaded into tools/simulate by simulate_test: its workers end as soon as they begin, as if
// somebody had ended them from outside while they were at no seed. Only they call dup2.
#include <unistd.h>

extern "C" int dup2(int, int) { _exit(0); }
