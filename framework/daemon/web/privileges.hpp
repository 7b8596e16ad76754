// The page's process has no rights of its own.
#pragma once

#include <string>

namespace certctl::web {

// Becomes `user` when it is root; and in any case can gain nothing any more, leaves no core, and is traced by nobody.
// Failures: no-such-user, still-root (the user is root, or rights cannot be given up).
void give_up_privileges(const std::string& user);

}  // namespace certctl::web
