# What makes a fault in memory harder to use, as far as compiler and linker have it:
#
#   POUW_HARDENING_COMPILE_OPTIONS  canaries, probes of large stack frames, checked libc calls, landing pads of indirect branches
#   POUW_HARDENING_LINK_OPTIONS     for programs and shared libraries: read-only relocations, all bound at the start, and a stack
#                                   that does not execute. The dynamic linker, when it binds a function at its first call, saves
#                                   the vector registers on the stack: with them, secrets.
#
# Both are for our own targets and reach no consumer.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

set(POUW_HARDENING_COMPILE_OPTIONS "")
set(POUW_HARDENING_LINK_OPTIONS "")
set(flags -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND flags -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  list(APPEND flags -mbranch-protection=standard)
endif()
foreach(flag IN LISTS flags)
  string(MAKE_C_IDENTIFIER "POUW_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    list(APPEND POUW_HARDENING_COMPILE_OPTIONS ${flag})
  endif()
endforeach()
foreach(flag IN ITEMS -z,relro -z,now -z,noexecstack)
  string(MAKE_C_IDENTIFIER "POUW_LINKS${flag}" known)
  check_linker_flag(CXX -Wl,${flag} ${known})
  if(${known})
    list(APPEND POUW_HARDENING_LINK_OPTIONS -Wl,${flag})
  endif()
endforeach()
# libc checks calls only in optimised code, and warns elsewhere; sanitizers check more than it does.
if(NOT POUW_SANITIZE)
  set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  if(CMAKE_CXX_FLAGS MATCHES "(^| )-O[1-3sz]( |$)")
    set(optimised $<NOT:$<CONFIG:Debug>>)
  endif()
  list(APPEND POUW_HARDENING_COMPILE_OPTIONS $<${optimised}:-U_FORTIFY_SOURCE> $<${optimised}:-D_FORTIFY_SOURCE=3>)
endif()
