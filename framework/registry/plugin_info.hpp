// What is known of a plugin without making an instance, and why a file is none. Plain data.
#pragma once

#include <certctl/options.hpp>
#include <certctl/result.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "framework/registry/kind.hpp"

namespace certctl::registry {

struct PluginInfo {
  Kind kind = Kind::hook;
  std::string name;  // [a-z0-9][a-z0-9_-]*
  std::string version;
  std::string summary;                  // one line
  std::string path;                     // absolute; empty: linked into the program
  std::span<const OptionSpec> options;  // lives as long as the program, or as this value and its copies
  std::shared_ptr<const void> owner{};  // of the options of an executable
};

// A file that looks like a plugin and is not used. One line for people: "<path>: <message>".
// Codes: plugin-unsafe (others could change the file), plugin-malformed (no plugin, or a damaged one), plugin-revision
// (built for another contract), plugin-name (kind or name differ from the file's), plugin-unloadable (the system's
// loader refuses it), plugin-shadowed (another of the same kind and name comes first).
struct Refusal {
  std::string path;
  Error error;
};

// A plugin that is ready for use: what it is, and how instances are made.
struct Plugin {
  PluginInfo info;
  // Returns a pointer to the kind's interface, or null with *error filled.
  std::function<void*(const Options& options, Host& host, Error& error)> create;
  void (*destroy)(void* instance) = nullptr;
};

}  // namespace certctl::registry
