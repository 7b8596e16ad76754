// Forks without end, within a limit of processes that it insists on.
#include <sys/resource.h>
#include <unistd.h>

int main() {
  rlimit limit{};
  if (::geteuid() == 0 || ::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur > 200) return 2;
  (void)::alarm(60);  // whatever happens to the test
  for (;;) {
    if (::fork() == 0) {
      (void)::setsid();
      (void)::alarm(60);
    }
  }
}
