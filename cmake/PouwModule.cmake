# How the modules are built, installed and found again.
#
# A static build has one archive a module, and pouw::NAME is that archive. A shared build (BUILD_SHARED_LIBS) has one
# library, libpouw, with all modules that a node links, and pouw::NAME is an interface to it; the archives then are
# only the places where the objects are compiled. What a node never links (OPTIONAL) is an archive in both.

# pouw_use_headers(TARGET LIBRARIES ...): a header-only library for the sources of TARGET alone. Nothing of it appears
# in what TARGET asks of its users, as a private link to it would.
function(pouw_use_headers target)
  foreach(library IN LISTS ARGN)
    target_include_directories(${target} SYSTEM PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
  endforeach()
endfunction()

# The packages, as find_package takes them with the version after an @, that define the LIBRARIES.
function(pouw_packages out)
  set(packages "")
  foreach(library IN LISTS ARGN)
    if(library STREQUAL "sodium::sodium")
      list(APPEND packages sodium@1.0.18)
    elseif(library MATCHES "^pouw(::|_)")
      continue()
    elseif(library MATCHES "^([A-Za-z0-9_.]+)::")
      list(APPEND packages ${CMAKE_MATCH_1})
    else()
      message(FATAL_ERROR "no package is known that defines ${library}")
    endif()
  endforeach()
  set(${out} ${packages} PARENT_SCOPE)
endfunction()

# pouw_install(SET TARGET): rules in an export set of its own. Where pouw is part of another project and POUW_INSTALL
# is off, they stay out of its installation, but they are there: the project may export targets that link pouw.
function(pouw_install set target)
  set(optional "")
  if(NOT POUW_INSTALL)
    set(optional EXCLUDE_FROM_ALL)
  endif()
  install(
    TARGETS ${target}
    EXPORT pouwTargets-${set}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT pouw ${optional}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT pouw ${optional}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT pouw ${optional}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT pouw ${optional})
  install(EXPORT pouwTargets-${set} NAMESPACE pouw:: DESTINATION ${POUW_INSTALL_CMAKEDIR} COMPONENT pouw ${optional})
  export(EXPORT pouwTargets-${set} NAMESPACE pouw:: FILE ${PROJECT_BINARY_DIR}/pouwTargets-${set}.cmake)
endfunction()

# pouw_module(NAME [OPTIONAL] [SOURCES ...] [DEPENDS ...] [PRIVATE_DEPENDS ...] [HEADER_DEPENDS ...])
#
# One module: alias pouw::NAME, public headers in include/pouw/NAME (each compiled by itself as a check), export set
# pouwTargets-NAME. Without SOURCES it is header-only, else the target pouw_NAME compiles it. DEPENDS are in its public
# headers, PRIVATE_DEPENDS are linked, HEADER_DEPENDS are header-only libraries that its sources include.
function(pouw_module name)
  cmake_parse_arguments(arg "OPTIONAL" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS;HEADER_DEPENDS" ${ARGN})
  set(target pouw_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    set_target_properties(
      ${target}
      PROPERTIES POSITION_INDEPENDENT_CODE ON
                 CXX_VISIBILITY_PRESET hidden
                 VISIBILITY_INLINES_HIDDEN ON)
    target_compile_options(${target} PRIVATE ${POUW_COMPILE_OPTIONS})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_DEPENDS})
    pouw_use_headers(${target} ${arg_HEADER_DEPENDS})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()

  set(public ${target})
  set(asked ${arg_DEPENDS})
  if(BUILD_SHARED_LIBS AND NOT arg_OPTIONAL)
    # The objects are compiled against the archives below them; users get the library instead.
    list(TRANSFORM arg_DEPENDS REPLACE "^pouw::" "pouw_" OUTPUT_VARIABLE below)
    target_compile_features(${target} ${scope} cxx_std_20)
    target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(${target} ${scope} ${below})
    set(public pouw_${name}_interface)
    add_library(${public} INTERFACE)
    if(arg_SOURCES)
      set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
      target_sources(pouw_shared PRIVATE $<TARGET_OBJECTS:${target}>)
      target_link_libraries(pouw_shared PRIVATE ${arg_PRIVATE_DEPENDS})
      target_link_libraries(${public} INTERFACE pouw_shared)
    endif()
    set(scope INTERFACE)
  else()
    list(APPEND asked ${arg_PRIVATE_DEPENDS})
  endif()
  add_library(pouw::${name} ALIAS ${public})
  set_target_properties(${public} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(${public} ${scope} cxx_std_20)
  target_link_libraries(${public} ${scope} ${arg_DEPENDS})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/pouw/${name}/*.hpp)
  target_sources(${public} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
  pouw_install(${name} ${public})

  # What pouwConfig.cmake knows of the module, and pouw.pc of the archives.
  set(modules ${arg_DEPENDS})
  list(FILTER modules INCLUDE REGEX "^pouw::")
  list(TRANSFORM modules REPLACE "^pouw::" "")
  pouw_packages(packages ${asked})
  list(JOIN modules " " modules_text)
  list(JOIN packages " " packages_text)
  set_property(GLOBAL APPEND_STRING PROPERTY POUW_CONFIG_TABLE
    "set(_pouw_modules_${name} ${modules_text})\nset(_pouw_packages_${name} ${packages_text})\n")
  set_property(GLOBAL APPEND PROPERTY POUW_MODULES ${name})
  if(arg_SOURCES AND NOT BUILD_SHARED_LIBS AND NOT arg_OPTIONAL)
    set_property(GLOBAL APPEND PROPERTY POUW_ARCHIVES ${target})
    set_property(GLOBAL APPEND PROPERTY POUW_ARCHIVE_PACKAGES ${packages})
  endif()
endfunction()

# pouw_objects(NAME OBJECTS): adds the objects of an object library to a module. They are not among the archive's own
# objects, which the shared library is made of.
function(pouw_objects name objects)
  target_sources(pouw_${name} PRIVATE $<TARGET_OBJECTS:${objects}>)
  if(TARGET pouw_shared)
    target_sources(pouw_shared PRIVATE $<TARGET_OBJECTS:${objects}>)
  endif()
endfunction()

# Sets OUT to whether FILE includes private headers of the modules, itself or by headers of the tests. A shared library
# does not export what they declare.
function(pouw_needs_internals out file)
  set(${out} FALSE PARENT_SCOPE)
  file(STRINGS ${file} lines REGEX "^#include \"[a-z_0-9]+/")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "\"(.*)\"" line "${line}")
    set(header ${CMAKE_MATCH_1})
    if(EXISTS ${PROJECT_SOURCE_DIR}/tests/${header})
      pouw_needs_internals(needed ${PROJECT_SOURCE_DIR}/tests/${header})
    else()
      string(REGEX MATCH "^[a-z_0-9]+" module ${header})
      set(needed FALSE)
      if(module IN_LIST POUW_NODE_MODULES AND EXISTS ${PROJECT_SOURCE_DIR}/src/${header})
        set(needed TRUE)
      endif()
    endif()
    if(needed)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()
