# Toolchain for another of Debian's architectures: cross compiler of Debian, libraries from a directory of unpacked packages
# (scripts/sysroot). CERTCTL_TRIPLET (arm-linux-gnueabihf, aarch64-linux-gnu) and CERTCTL_SYSROOT are given on the command
# line.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CERTCTL_TRIPLET CERTCTL_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR "${CERTCTL_TRIPLET}")
set(CMAKE_C_COMPILER ${CERTCTL_TRIPLET}-gcc)
set(CMAKE_CXX_COMPILER ${CERTCTL_TRIPLET}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${CERTCTL_TRIPLET})
set(CMAKE_SYSROOT ${CERTCTL_SYSROOT})
set(CMAKE_FIND_ROOT_PATH ${CERTCTL_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CERTCTL_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CERTCTL_SYSROOT}/usr/lib/${CERTCTL_TRIPLET}/pkgconfig:${CERTCTL_SYSROOT}/usr/share/pkgconfig)
# 32-bit ARM: notes about how g++ passed arguments before 7.1, which concerns nobody here.
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
