// `certctl-devca serve` and `init`.
#include "framework/devca/commands.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/http_server.hpp"
#include "framework/devca/responder.hpp"
#include "framework/devca/state.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/clock.hpp"

#include <signal.h>

#include <iostream>

namespace certctl::devca {
namespace {

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port) + "/scep";
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

  const std::string url_file = settings.state + "/url";
  {
    const HttpServer server(responder, settings.listen, settings.port, settings.deadline);
    const std::string url = url_of(settings.listen, server.port());
    sys::replace_file(url_file, url + "\n", 0644);
    std::cout << url << "\n" << responder.authority().top().fingerprint() << std::endl;
    int signal_number = 0;
    sigwait(&signals, &signal_number);
  }
  sys::remove_file(url_file);
  return 0;
}

}  // namespace certctl::devca
