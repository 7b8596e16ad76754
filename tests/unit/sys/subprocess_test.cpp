#include "framework/sys/subprocess.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/contract/test_host.hpp"
#include "tests/unit/sys/child_process.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::sys;
using namespace std::chrono_literals;
using certctl::contract::Scratch;
using test::failure_text;
using test::in_child;
using Steady = std::chrono::steady_clock;

namespace {

ProcessRequest shell(const std::string& text, std::chrono::milliseconds timeout = 20s) {
  ProcessRequest request;
  request.command = {true, {text}};
  request.environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  request.timeout = timeout;
  request.grace = 300ms;
  return request;
}

ProcessRequest direct(std::vector<std::string> words) {
  ProcessRequest request = shell("");
  request.command = {false, std::move(words)};
  return request;
}

bool lives(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto end = text.rfind(')');
  return end != std::string::npos && text[end + 2] != 'Z';
}

bool ends_soon(pid_t process) {
  for (int i = 0; i < 100 && lives(process); ++i) std::this_thread::sleep_for(10ms);
  return !lives(process);
}

std::vector<pid_t> numbers_in(const fs::path& file) {
  std::vector<pid_t> numbers;
  std::ifstream stream(file);
  for (pid_t number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_CASE("exit status, signal and output are told apart") {
  CHECK(run_process(shell("exit 0")).succeeded());
  for (const int status : {1, 2, 77, 126, 127, 255}) {
    const auto result = run_process(shell("exit " + std::to_string(status)));
    CHECK(result.exit_status == status);
    CHECK(result.signal == 0);
    CHECK_FALSE(result.succeeded());
  }
  const auto killed = run_process(shell("kill -9 $$"));
  CHECK(killed.signal == 9);
  CHECK(killed.exit_status == -1);
  CHECK(describe_end(killed) == "ended by signal 9");
  CHECK(run_process(shell("echo out; echo err >&2; echo more")).output == "out\nerr\nmore\n");
  CHECK(run_process(direct({"printf", "%s.", "a b", "$HOME", ""})).output == "a b.$HOME..");
  CHECK(run_process(shell("- echo")).exit_status == 127);  // text, not an option of the shell
}

TEST_CASE("the command gets what it is given and nothing else") {
  const Scratch scratch;
  const int leaked = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  REQUIRE(leaked >= 0);
  ::setenv("CERTCTL_TEST_SECRET", "x", 1);
  auto request = shell("env | sort; ls /proc/self/fd | wc -l; pwd; umask; wc -c");
  request.environment.push_back("A=b c");
  request.directory = scratch.path();
  request.file_mask = 027;
  const auto result = run_process(request);
  ::unsetenv("CERTCTL_TEST_SECRET");
  ::close(leaked);
  // ls itself has 0, 1, 2 and the directory open
  CHECK(result.output == "A=b c\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=" + scratch.path().string() + "\n4\n" +
                             scratch.path().string() + "\n0027\n0\n");

  auto with_input = shell("cat; cat");
  with_input.input = std::string(100'000, 'i');
  with_input.output_limit = 200'000;
  CHECK(run_process(with_input).output == with_input.input);
}

TEST_CASE("signals are at their defaults, in a session of its own") {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto result = run_process(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f1,5,6 /proc/$$/stat"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  INFO(result.output);
  CHECK(result.output.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") == 0);
  long id = 0;
  long group = 0;
  long session = 0;
  REQUIRE(std::sscanf(result.output.c_str() + result.output.rfind('\n', result.output.size() - 2), "%ld %ld %ld", &id,
                      &group, &session) == 3);
  CHECK(id == group);
  CHECK(id == session);
}

TEST_CASE("what can't be started says why") {
  const Scratch scratch;
  const std::string d = scratch.path();
  CHECK(failure_text([&] { (void)run_process(direct({d + "/no"})); }) ==
        "'" + d + "/no' does not exist | mend the path of the command");
  const fs::path plain = scratch.write("plain", "#!/bin/sh\n", 0644);
  CHECK(failure_text([&] { (void)run_process(direct({plain})); }).find("may not be executed | ") != std::string::npos);
  CHECK(failure_text([&] { (void)run_process(direct({d})); }).find("may not be executed | ") != std::string::npos);
  const fs::path lost = scratch.write("lost", "#!/no/such/sh\r\necho\n", 0755);
  CHECK(failure_text([&] {
          (void)run_process(direct({lost}));
        }).find("needs the interpreter '/no/such/sh\\r', which does") != std::string::npos);
  const fs::path bare = scratch.write("bare", "echo hello\n", 0755);
  CHECK(failure_text([&] { (void)run_process(direct({bare})); }).find("first line like #!/bin/sh") !=
        std::string::npos);
  CHECK(failure_text([&] {
          (void)run_process(direct({"certctl-no-such-program"}));
        }).starts_with("'certctl-no-such-program' is in no directory of PATH"));
  auto nowhere = shell("true");
  nowhere.directory = d + "/no";
  CHECK(failure_text([&] {
          (void)run_process(nowhere);
        }).starts_with("cannot enter the directory " + d + "/no: no such"));
  CHECK(failure_text([&] {
          (void)run_process(direct({"/bin/true", std::string(3'000'000, 'x')}));
        }).find("too long arguments") != std::string::npos);
  CHECK(failure_text([&] { (void)run_process(direct({})); }) == "the command is empty | ");
  CHECK(failure_text([&] { (void)run_process(direct({std::string("/bin/true\0x", 11)})); }).find("NUL") !=
        std::string::npos);
  const fs::path busy = scratch.path() / "busy";
  fs::copy_file("/bin/true", busy);
  const int writer = ::open(busy.c_str(), O_WRONLY | O_CLOEXEC);
  CHECK(failure_text([&] { (void)run_process(direct({busy})); }).find("is being written") != std::string::npos);
  ::close(writer);
  CHECK(run_process(direct({busy})).succeeded());
}

TEST_CASE("a command that starts a daemon is over when it ends itself, and the daemon lives") {
  const Scratch scratch;
  const fs::path pids = scratch.path() / "pids";
  const auto begin = Steady::now();
  // once with its output open, once in a session of its own
  const auto result = run_process(shell("sleep 60 & echo $! >> " + pids.string() + "; setsid sh -c 'echo $$ >> " +
                                        pids.string() + "; exec sleep 60' & sleep 0.3; echo started"));
  CHECK(Steady::now() - begin < 5s);
  CHECK(result.succeeded());
  CHECK(result.output == "started\n");
  const auto daemons = numbers_in(pids);
  REQUIRE(daemons.size() == 2);
  for (const pid_t daemon : daemons) {
    CHECK(lives(daemon));
    ::kill(daemon, SIGKILL);
    CHECK(ends_soon(daemon));
  }
}

TEST_CASE("a daemon that goes on writing into the output of long ago takes no memory") {
  const Scratch scratch;
  const fs::path pids = scratch.path() / "pids";
  const fs::path said = scratch.path() / "said";
  const auto result = run_process(shell("(sleep 0.5; dd if=/dev/zero bs=64k count=100 2>" + said.string() +
                                        "; echo end >> " + said.string() + ") & echo $! > " + pids.string()));
  CHECK(result.succeeded());
  const auto daemons = numbers_in(pids);
  REQUIRE(daemons.size() == 1);
  for (int i = 0; i < 300 && lives(daemons[0]); ++i) std::this_thread::sleep_for(10ms);
  const std::string text = Scratch::read(said);
  CHECK(text.find("0+0 records out") != std::string::npos);
  CHECK(text.find("end") != std::string::npos);
}

TEST_CASE("at the deadline everybody goes, however they hide") {
  const Scratch scratch;
  const fs::path pids = scratch.path() / "pids";
  const std::string note = "echo $$ >> " + pids.string() + "; ";
  const std::string hide = "sh -c 'trap \"\" TERM HUP; " + note + "while :; do sleep 1; done'";
  const auto begin = Steady::now();
  const auto result =
      run_process(shell(note + "trap '' TERM; echo before; " + hide + " & setsid " + hide + " & (setsid " + hide +
                            " &) ; setsid sh -c '" + note + "kill -STOP $$' & while :; do sleep 1; done",
                        1000ms));
  const auto took = Steady::now() - begin;
  CHECK(result.timed_out);
  CHECK_FALSE(result.succeeded());
  CHECK(result.exit_status == -1);
  CHECK(result.signal == 9);
  CHECK(describe_end(result) == "not finished in time");
  CHECK(result.output == "before\n");
  CHECK(took >= 1300ms);
  CHECK(took < 8s);
  const auto all = numbers_in(pids);
  CHECK(all.size() == 5);
  for (const pid_t process : all) CHECK(ends_soon(process));
}

TEST_CASE("a command that ends at TERM is not killed") {
  const Scratch scratch;
  const auto begin = Steady::now();
  auto request = shell("trap 'echo cleaned; exit 3' TERM; sleep 30 & wait", 300ms);
  request.grace = 10s;
  const auto result = run_process(request);
  CHECK(result.timed_out);
  CHECK(result.exit_status == -1);
  CHECK(result.signal == 0);
  CHECK(result.output == "cleaned\n");
  CHECK(Steady::now() - begin < 5s);
}

TEST_CASE("a fork bomb within its limit of processes does not survive the deadline") {
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms(0777));
  const fs::path bomb = scratch.path() / "bomb-for-test";
  fs::copy_file(FORK_BOMB, bomb);
  const auto bombs = [] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "comm");
      std::string name;
      if (file >> name && name == "bomb-for-test") ++count;
    }
    return count;
  };
  int seen = 0;
  const std::string end = in_child([&] {
    test::become_nobody();
    const rlimit limit{80, 80};
    ::setrlimit(RLIMIT_NPROC, &limit);
    std::thread watcher([&] {
      for (int look = 0; look < 18 && seen <= 5; ++look) {
        std::this_thread::sleep_for(100ms);
        seen = std::max(seen, bombs());
      }
    });
    const auto result = run_process([&] {
      auto request = direct({bomb});
      request.timeout = 2000ms;
      return request;
    }());
    watcher.join();
    return (result.timed_out ? "timed out" : describe_end(result)) + (seen > 5 ? ", many" : ", few");
  });
  CHECK(end == "timed out, many");
  // The killed ones are listed until their new parent has looked after them.
  for (int round = 0; round < 100 && bombs() != 0; ++round) std::this_thread::sleep_for(100ms);
  CHECK(bombs() == 0);
}

TEST_CASE("a flood of output keeps its end and little memory") {
  auto request = shell("head -c 1000000000 /dev/zero; echo; echo the end", 60s);
  request.output_limit = 16;
  const auto memory_files = [] {  // KiB, of the whole machine
    std::ifstream meminfo("/proc/meminfo");
    std::string word;
    long value = 0;
    while (meminfo >> word) {
      if (word == "Shmem:" && meminfo >> value) break;
    }
    return value;
  };
  const long before = memory_files();
  std::atomic<bool> stop{false};
  std::atomic<long> most{0};
  std::thread meter([&] {
    while (!stop) {
      most = std::max(most.load(), memory_files() - before);
      std::this_thread::sleep_for(5ms);
    }
  });
  const auto result = run_process(request);
  stop = true;
  meter.join();
  CHECK(result.succeeded());
  CHECK(result.output_cut);
  CHECK(result.output == std::string(7, '\0') + "\nthe end\n");
  CHECK(most > 0);
  CHECK(most < 500'000);  // 976,562 without trimming
}

TEST_CASE("errors are kept apart when that is wanted") {
  auto request = shell("echo out; echo err >&2; head -c 3000000 /dev/zero >&2; echo end >&2");
  request.error_limit = 4;
  const auto result = run_process(request);
  CHECK(result.output == "out\n");
  CHECK(result.errors == "end\n");
  CHECK_FALSE(result.output_cut);
}

TEST_CASE("no output is wanted") {
  auto request = shell("echo x; exit 4");
  request.output_limit = 0;
  const auto result = run_process(request);
  CHECK(result.exit_status == 4);
  CHECK(result.output.empty());
}

TEST_CASE("commands of many threads at once don't mix") {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int step = 0; step < 10; ++step) {
        const auto result = run_process(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i)));
        if (result.exit_status == i && result.output == std::to_string(i) + "\n") ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 80);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no zombie, no process left
}

TEST_CASE("a command that ends its supervisor is no success") {
  CHECK(failure_text([] { (void)run_process(shell("kill -9 $PPID; sleep 1")); }).find("was ended by somebody") !=
        std::string::npos);
}

TEST_CASE("when certctl dies, the deadline still holds") {
  const Scratch scratch;
  const fs::path pids = scratch.path() / "pids";
  const std::string end = in_child([&] {
    std::thread killer([&] {
      while (numbers_in(pids).empty()) std::this_thread::sleep_for(5ms);
      ::kill(::getpid(), SIGKILL);
    });
    (void)run_process(shell("echo $$ > " + pids.string() + "; exec sleep 60", 1000ms));
    killer.join();
    return std::string("not killed");
  });
  CHECK(end == "ended by signal 9");
  const auto all = numbers_in(pids);
  REQUIRE(all.size() == 1);
  CHECK(lives(all[0]));
  for (int i = 0; i < 500 && lives(all[0]); ++i) std::this_thread::sleep_for(10ms);
  CHECK_FALSE(lives(all[0]));
}
