// The pages, by what they are for. Each function is one page's answer to one request; the visitor has logged in, except
// at login.
#pragma once

#include <string>

#include "framework/daemon/web/visit.hpp"

namespace certctl::web {

// login_pages.cpp
[[nodiscard]] page::Response show_login(const Visit& visit);
[[nodiscard]] page::Response log_in(Visit& visit);
[[nodiscard]] page::Response log_out(Visit& visit);

// look_pages.cpp
[[nodiscard]] page::Response show_status(Visit& visit);
[[nodiscard]] page::Response show_profile(Visit& visit, const std::string& profile);
[[nodiscard]] page::Response download_certificate(Visit& visit, const std::string& profile);
[[nodiscard]] page::Response show_licenses(Visit& visit);

// data_pages.cpp: for programs
[[nodiscard]] page::Response metrics(Visit& visit);
[[nodiscard]] page::Response json_answer(Visit& visit, const std::string& what, const std::string& profile);

// action_pages.cpp: `verb` is renew, deliver, verify, rollback or release
[[nodiscard]] page::Response preview_action(Visit& visit, const std::string& profile, const std::string& verb);
[[nodiscard]] page::Response start_action(Visit& visit, const std::string& profile, const std::string& verb);
[[nodiscard]] page::Response show_action(Visit& visit, const std::string& name);

// edit_pages.cpp: an empty profile is certctl.yaml
[[nodiscard]] page::Response show_editor(Visit& visit, const std::string& profile);
[[nodiscard]] page::Response save_editor(Visit& visit, const std::string& profile);
[[nodiscard]] page::Response show_new_profile(Visit& visit);
[[nodiscard]] page::Response create_profile(Visit& visit);

// global_pages.cpp
[[nodiscard]] page::Response show_global(Visit& visit);
[[nodiscard]] page::Response save_global(Visit& visit);

}  // namespace certctl::web
