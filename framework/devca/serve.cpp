// `certctl-devca serve` and `init`.
#include "framework/devca/commands.hpp"
#include "framework/devca/est_responder.hpp"
#include "framework/devca/est_tls.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/http_server.hpp"
#include "framework/devca/responder.hpp"
#include "framework/devca/state.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/clock.hpp"

#include <signal.h>

#include <iostream>
#include <optional>

namespace certctl::devca {
namespace {

std::string origin_of(const std::string& scheme, const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return scheme + "://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

int make_ca(const ServeSettings& settings) {
  const sys::SystemClock clock;
  make_state_directory(settings.state);
  const State lock(settings.state);
  std::cout << open_authority(settings.state, settings.shape, clock.now()).top().fingerprint() << "\n";
  return 0;
}

int serve(const ServeSettings& settings) {
  // Blocked before any thread is made, so that only sigwait() gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const sys::SystemClock clock;
  std::vector<Fault> faults;
  for (const std::string& text : settings.faults) faults.push_back(parse_fault(text));
  Responder responder(settings, clock);
  State(settings.state).set_faults(print_faults(faults));

  EstResponder est(settings, responder.authority(), clock);
  const std::string url_file = settings.state + "/url";
  const std::string est_file = settings.state + "/est-url";
  {
    std::optional<HttpServer> est_server;
    if (settings.est.on)
      est_server.emplace([&est](const HttpRequest& request) { return est.answer(request); }, settings.listen,
                         settings.est.port, settings.deadline,
                         make_tls(responder.authority(), settings.est.tls, settings.listen, clock.now()));
    const HttpServer server(responder, settings.listen, settings.port, settings.deadline);
    const std::string url = origin_of("http", settings.listen, server.port()) + "/scep";
    std::string est_url;
    if (est_server) {
      est_url = origin_of("https", settings.listen, est_server->port());
      sys::replace_file(est_file, est_url + "\n", 0644);
    }
    sys::replace_file(url_file, url + "\n", 0644);
    std::cout << url << "\n" << responder.authority().top().fingerprint() << "\n";
    if (est_server) std::cout << est_url << "\n";
    std::cout << std::flush;
    int signal_number = 0;
    sigwait(&signals, &signal_number);
  }
  sys::remove_file(url_file);
  sys::remove_file(est_file);
  return 0;
}

}  // namespace certctl::devca
