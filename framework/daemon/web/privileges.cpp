#include "framework/daemon/web/privileges.hpp"

#include <certctl/result.hpp>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "framework/sys/account.hpp"

namespace certctl::web {
namespace {

void become(const std::string& user) {
  const auto account = sys::find_account(user);
  if (!account)
    throw Failure::never("no-such-user", "there is no user " + user + " for the page",
                         "make one: useradd --system --no-create-home --shell /usr/sbin/nologin " + user);
  const auto [id, group] = *account;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 || ::setresuid(id, id, id) != 0)
    throw Failure::never("still-root", std::string("rights cannot be given up: ") + std::strerror(errno));
}

}  // namespace

void give_up_privileges(const std::string& user) {
  if (::geteuid() == 0) become(user);
  if (::geteuid() == 0 || ::getuid() == 0 || ::getegid() == 0 || ::setuid(0) == 0)
    throw Failure::never("still-root", "the page never runs as root", "give it a user of its own with --user");
  ::umask(077);
  const rlimit none{0, 0};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0 ||
      ::setrlimit(RLIMIT_CORE, &none) != 0)
    throw Failure::never("still-root", std::string("the process cannot be confined: ") + std::strerror(errno));
}

}  // namespace certctl::web
