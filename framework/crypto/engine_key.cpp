#define OPENSSL_SUPPRESS_DEPRECATED  // the engine API NOLINT(readability-identifier-naming)

#include "framework/crypto/engine_key.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/engine.h>
#include <openssl/ui.h>

namespace certctl::crypto {
namespace {

using EnginePtr = OsslPtr<ENGINE, &ENGINE_free>;

[[noreturn]] void engine_failed(const std::string& what) {
  throw Failure::never("engine-failed", what + ": " + first_openssl_error());
}

void command(ENGINE* engine, const std::string& id, const std::string& name, const char* value) {
  // The value may be a PIN.
  if (ENGINE_ctrl_cmd_string(engine, name.c_str(), value, 0) != 1)
    engine_failed("the engine " + id + " does not take the command " + name);
}

EnginePtr load(const EngineSettings& settings) {
  if (settings.dynamic_path.empty()) {
    EnginePtr engine(ENGINE_by_id(settings.id.c_str()));
    if (!engine) engine_failed("cannot load the engine " + settings.id);
    return engine;
  }
  EnginePtr engine(ENGINE_by_id("dynamic"));
  if (!engine) engine_failed("OpenSSL has no dynamic engines");
  const bool loaded = ENGINE_ctrl_cmd_string(engine.get(), "SO_PATH", settings.dynamic_path.c_str(), 0) == 1 &&
                      ENGINE_ctrl_cmd_string(engine.get(), "ID", settings.id.c_str(), 0) == 1 &&
                      ENGINE_ctrl_cmd_string(engine.get(), "LIST_ADD", "1", 0) == 1 &&
                      ENGINE_ctrl_cmd_string(engine.get(), "LOAD", nullptr, 0) == 1;
  if (!loaded) engine_failed("cannot load the engine " + settings.id + " from " + settings.dynamic_path);
  return engine;
}

void finish(ENGINE* engine) noexcept {
  ENGINE_finish(engine);
  ENGINE_free(engine);
}

}  // namespace

Engine::Engine(engine_st* started) : engine_(started, &finish) {}

Engine Engine::open(const EngineSettings& settings) {
  const ErrorFence fence;
  ENGINE_load_dynamic();
  EnginePtr engine = load(settings);
  if (!settings.module_path.empty()) command(engine.get(), settings.id, "MODULE_PATH", settings.module_path.c_str());
  for (const auto& [name, value] : settings.commands)
    command(engine.get(), settings.id, name, value.empty() ? nullptr : value.reveal().c_str());
  if (ENGINE_init(engine.get()) != 1) engine_failed("the engine " + settings.id + " does not start");
  return Engine(engine.release());
}

Key Engine::private_key(const std::string& name) const {
  const ErrorFence fence;
  const EvpPkeyPtr key(ENGINE_load_private_key(engine_.get(), name.c_str(), UI_OpenSSL(), nullptr));
  // The name is not shown: a PKCS #11 URI may have the PIN in it.
  if (!key) engine_failed("the engine has no such private key");
  return Key::from_borrowed(key.get());
}

}  // namespace certctl::crypto
