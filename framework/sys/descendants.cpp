#include "framework/sys/descendants.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace certctl::sys {
namespace {

struct Process {
  pid_t id;
  pid_t parent;
  std::uint64_t started;  // with the id it names one process for ever
  char state;
  bool below;  // the ancestor
};

constexpr std::size_t kMost = 65536;  // more than these are found in the next round

// What getdents64 writes.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

// A number at `at`, which is moved behind it.
std::uint64_t number_at(const char*& at) noexcept {
  std::uint64_t value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + static_cast<std::uint64_t>(*at++ - '0');
  return value;
}

bool read_process(int proc, const char* name, Process& process) noexcept {
  char path[32];
  const std::size_t length = std::strlen(name);
  if (length > 20) return false;
  std::memcpy(path, name, length);
  std::memcpy(path + length, "/stat", 6);
  const int file = ::openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char text[1024];
  const ssize_t got = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (got <= 0) return false;
  text[got] = '\0';
  // "id (name) state parent …", the 22nd field is the start; the name may hold anything
  const char* at = std::strrchr(text, ')');
  if (at == nullptr || at[1] != ' ' || at[2] == '\0' || at[3] != ' ') return false;
  process.state = at[2];
  at += 4;
  process.parent = static_cast<pid_t>(number_at(at));
  for (int field = 4; field < 22; ++field) {
    at = std::strchr(at, ' ');
    if (at == nullptr) return false;
    ++at;
  }
  process.started = number_at(at);
  const char* id = name;
  process.id = static_cast<pid_t>(number_at(id));
  process.below = false;
  return true;
}

class Table {
 public:
  explicit Table(pid_t ancestor) noexcept {
    void* memory = ::mmap(nullptr, kMost * sizeof(Process), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    processes_ = static_cast<Process*>(memory);
    proc_ = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc_ >= 0) read();
    mark(ancestor);
  }
  ~Table() {
    if (proc_ >= 0) ::close(proc_);
    if (processes_ != nullptr) ::munmap(processes_, kMost * sizeof(Process));
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] int count() const noexcept {
    int living = 0;
    for (std::size_t i = 0; i < size_; ++i) living += lives(processes_[i]) ? 1 : 0;
    return living;
  }

  int send(int signal) const noexcept {
    int sent = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      const Process& process = processes_[i];
      if (!lives(process) || (signal == SIGSTOP && (process.state == 'T' || process.state == 't'))) continue;
      if (send_one(process, signal)) ++sent;
    }
    return sent;
  }

 private:
  static bool lives(const Process& process) noexcept {
    return process.below && process.state != 'Z' && process.state != 'X';
  }

  void read() noexcept {
    alignas(Entry) static char buffer[32768];
    for (;;) {
      const long got = ::syscall(SYS_getdents64, proc_, buffer, sizeof buffer);
      if (got <= 0) return;
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
        const char* name = buffer + at + offsetof(Entry, name);
        if (*name >= '1' && *name <= '9' && size_ < kMost && read_process(proc_, name, processes_[size_])) ++size_;
        at += entry->length;
      }
    }
  }

  // /proc lists processes by rising number.
  [[nodiscard]] const Process* find(pid_t id) const noexcept {
    std::size_t low = 0;
    std::size_t high = size_;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (processes_[middle].id < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < size_ && processes_[low].id == id ? &processes_[low] : nullptr;
  }

  void mark(pid_t ancestor) noexcept {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < size_; ++i) {
        Process& process = processes_[i];
        if (process.below) continue;
        const Process* parent = find(process.parent);
        if (process.parent == ancestor || (parent != nullptr && parent->below)) process.below = changed = true;
      }
    }
  }

  // To the process that was found, and no other that got its number meanwhile.
  bool send_one(const Process& process, int signal) const noexcept {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process.id, 0));
    if (handle < 0 && errno != ENOSYS) return false;
    char name[24];
    char* at = name + sizeof name - 1;
    *at = '\0';
    for (pid_t rest = process.id; rest > 0; rest /= 10) *--at = static_cast<char>('0' + rest % 10);
    Process again{};
    bool sent = false;
    if (read_process(proc_, at, again) && again.started == process.started) {
      sent = handle >= 0 ? ::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0) == 0
                         : ::kill(process.id, signal) == 0;
    }
    if (handle >= 0) ::close(handle);
    return sent;
  }

  Process* processes_ = nullptr;
  std::size_t size_ = 0;
  int proc_ = -1;
};

}  // namespace

int count_descendants(pid_t ancestor) noexcept {
  return Table(ancestor).count();
}

int signal_descendants(pid_t ancestor, int signal) noexcept {
  return Table(ancestor).send(signal);
}

}  // namespace certctl::sys
