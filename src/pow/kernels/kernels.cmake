# pouw_kernels(NAME [SOURCE file] FLAGS ...): compiles kernels/NAME.cpp, or the file named, for one instruction set and adds the object to pouw_pow. The
# flags apply to this source alone; tests/pow checks that its object defines nothing that other code could pick up.
function(pouw_kernels name)
  cmake_parse_arguments(arg "" "SOURCE" "FLAGS" ${ARGN})
  if(NOT arg_SOURCE)
    set(arg_SOURCE ${name}.cpp)
  endif()
  set(target pouw_kernels_${name})
  add_library(${target} OBJECT kernels/${arg_SOURCE})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:pouw_build_flags>)
  target_compile_options(${target} PRIVATE ${arg_FLAGS})
  # Nothing throws: without this a destructor refers to what unwinds, by a weak symbol.
  target_compile_options(${target} PRIVATE -fno-exceptions)
  # Optimised whatever else is being debugged. g++ 12 would move constants out of the loops into registers that the
  # sums need, and warns of the undefined operands in its own intrinsics.
  target_compile_options(${target} PRIVATE -O3 $<$<CXX_COMPILER_ID:GNU>:-fno-move-loop-invariants -Wno-uninitialized
                                           -Wno-maybe-uninitialized>)
  # One object for one instruction set: never in one unit with another.
  set_target_properties(
    ${target}
    PROPERTIES POSITION_INDEPENDENT_CODE ON
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               UNITY_BUILD OFF)
  pouw_objects(pow ${target})
  set_property(GLOBAL APPEND PROPERTY POUW_KERNEL_TARGETS ${target})
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  pouw_kernels(avx2 FLAGS -mavx2)
  pouw_kernels(avx_vnni FLAGS -mavx2 -mavxvnni)
  pouw_kernels(avx512vl_vnni SOURCE avx_vnni.cpp FLAGS -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
  pouw_kernels(avx512_vnni FLAGS -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
  pouw_kernels(amx_int8 FLAGS -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mamx-tile -mamx-int8)
  pouw_kernels(amx_int8_emulated SOURCE amx_int8.cpp FLAGS -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -DPOUW_EMULATED_TILES)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  pouw_kernels(neon_dotprod FLAGS -march=armv8.2-a+dotprod)
endif()
