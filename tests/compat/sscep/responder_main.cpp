// The responder as a program: writes its certificates into DIRECTORY, prints its port, and answers until it is ended.
// usage: sscep-responder DIRECTORY [PORT]
#include "tests/compat/sscep/responder.hpp"

#include <fstream>
#include <iostream>

#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: sscep-responder DIRECTORY [PORT]\n";
    return 2;
  }
  try {
    const std::string directory = argv[1];
    sscep_test::Responder responder(argc > 2 ? std::stoi(argv[2]) : 0);
    for (const std::string shape : {"single", "ra", "pair", "chain", "ec"}) {
      int number = 0;
      for (const auto& certificate : responder.set(shape))
        std::ofstream(directory + "/" + shape + "-" + std::to_string(number++)) << certificate.to_pem();
    }
    std::ofstream(directory + "/stranger") << responder.stranger().certificate.to_pem();
    std::cout << responder.port() << std::endl;
    ::pause();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
