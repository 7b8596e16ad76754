// The few durable things that the store does in its directory. Everything that fails is a certctl::Failure.
#pragma once

#include <optional>
#include <string>

// Nothing: it is not there. What is there and cannot be read is a failure, and not the same.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);
// A new file, 0600, synced. For a file in a directory that has no number yet.
void write_new(const std::string& path, const std::string& text);
// Whole or not at all, also after a power cut.
void replace_file(const std::string& directory, const std::string& name, const std::string& text);
void replace_link(const std::string& directory, const std::string& name, const std::string& target);
void make_directory(const std::string& path);
void rename_in(const std::string& directory, const std::string& from, const std::string& to);
void sync_directory(const std::string& path);
// With all that is in it; fine when it is not there.
void remove_directory(const std::string& path);
