#include "framework/compat/sscep/key_source.hpp"

#include "framework/compat/sscep/files.hpp"

namespace certctl::sscep {

crypto::Key KeySource::load(const std::string& name) const {
  return read_key(name);
}

}  // namespace certctl::sscep
