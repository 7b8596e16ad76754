// certctl-web: the page of the daemon, as a process without rights. It shows what the engine says, and hands on what
// somebody who has logged in wants.
#include <certctl/result.hpp>

#include <signal.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <iostream>

#include "framework/crypto/library_start.hpp"
#include "framework/daemon/web/http_server.hpp"
#include "framework/daemon/web/privileges.hpp"
#include "framework/daemon/web/site.hpp"
#include "framework/sys/out_of_memory.hpp"

namespace {

using namespace certctl;

std::string device_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "this device";
}

bool is_link(const std::string& text) {
  return text.empty() || text.starts_with("/") || text.starts_with("http://") || text.starts_with("https://");
}

struct Arguments {
  std::string listen = "127.0.0.1:8740";
  std::string user = "certctl-web";
  bool behind_proxy = false;
  web::SiteSettings site;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--listen", arguments.listen, "ADDRESS:PORT or unix:PATH")->capture_default_str();
  app.add_option("--socket", arguments.site.engine_socket, "socket of the engine, `certctl serve --page-user`")
      ->capture_default_str();
  app.add_option("--user", arguments.user, "becomes this user when started as root")->capture_default_str();
  app.add_option("--name", arguments.site.names,
                 "name that the page may be reached under, beside addresses and the device's own; repeatable");
  app.add_option("--return", arguments.site.return_link, "where the link Return leads: a path or a URL")
      ->check([](const std::string& text) { return is_link(text) ? "" : "is no path, http:// or https://"; });
  app.add_option("--licenses", arguments.site.licenses, "directory with PACKAGE/copyright")->capture_default_str();
  app.add_flag("--behind-tls", arguments.site.behind_tls,
               "browsers reach it by https, through a proxy: cookies are for that only");
  app.add_flag("--behind-proxy", arguments.behind_proxy, "the proxy says in X-Forwarded-For who asks");
  app.add_flag("--metrics-for-all", arguments.site.metrics_for_all, "/metrics answers others than this device, too");
}

int serve(Arguments arguments) {
  // Blocked before there are threads: they are waited for below.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  arguments.site.device = device_name();
  web::Listener listener = web::listen_at(arguments.listen);  // first: it may need rights
  web::give_up_privileges(arguments.user);
  std::cerr << "listening at " << listener.shown << std::endl;
  if (!listener.local && !arguments.site.behind_tls)
    std::cerr << "warning: others than this device reach it, and the password is not encrypted on its way: put a proxy "
                 "with TLS before it (--behind-tls)"
              << std::endl;
  web::Site site(std::move(arguments.site));
  const bool forwarded = arguments.behind_proxy || listener.is_unix;
  const web::HttpServer server(std::move(listener), forwarded,
                               [&](const page::Request& request) { return site.answer(request); });
  int received = 0;
  while (::sigwait(&signals, &received) == 0 && received == SIGHUP) continue;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  sys::end_when_out_of_memory();
  if (!crypto::start_library()) sys::end_out_of_memory();
  CLI::App app("The page of certctl: state, plans and buttons, for the daemon `certctl serve --page-user`.");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(std::move(arguments));
  } catch (const Failure& failure) {
    std::cerr << "certctl-web: " << failure.error().message << "\n";
    if (!failure.error().hint.empty()) std::cerr << "  " << failure.error().hint << "\n";
    return 2;
  } catch (const std::exception& exception) {
    std::cerr << "certctl-web: " << exception.what() << "\n";
    return 1;
  }
}
