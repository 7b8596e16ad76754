// How the verbs print: for people in columns and sentences, for programs as JSON.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/run.hpp"
#include "framework/engine/status.hpp"

namespace certctl::cli {

void print(const std::string& text);
void print_line(const std::string& line);

// The report of renew, deliver, verify, rollback, release: a line per profile, or JSON.
void print_reports(const std::vector<engine::RunReport>& reports, bool json, bool quiet);
// The worst exit state of all.
[[nodiscard]] int exit_code(const std::vector<engine::RunReport>& reports, engine::ExitState start);
// `status` for people.
[[nodiscard]] std::string status_text(const engine::ProfileStatus& status);
[[nodiscard]] std::string error_text(const Error& error);

}  // namespace certctl::cli
