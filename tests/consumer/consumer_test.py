#!/usr/bin/env python3
"""pouw as strangers meet it: installed, by pkg-config, in the build folder, as sources of another project.

    consumer_test.py SOURCE BUILD [unittest arguments]

BUILD is a static or a shared build of everything that it installs. Nothing of pouw is compiled again.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
PROJECTS = SOURCE / "tests/consumer"
SHARED = any(BUILD.glob("libpouw.so*"))
EXPECTED = "210 bytes, 14 of 14 nonces verified, voting weight 14\n"
WORK = pathlib.Path(tempfile.mkdtemp())
PREFIX = WORK / "prefix"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(str(word) for word in command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def configure(project, name, **variables):
    build = WORK / name
    words = [f"-D{key}={value}" for key, value in variables.items()]
    run("cmake", "-G", "Ninja", "-S", PROJECTS / project, "-B", build, "-DCMAKE_BUILD_TYPE=None", *words)
    return build


def modules():
    """Every module of the package, with those that it stands on, itself among them."""
    table = re.findall(r"^set\(_pouw_modules_(\w+) ?([\w ]*)\)", (BUILD / "pouwConfig.cmake").read_text(), re.M)
    direct = {name: below.split() for name, below in table}

    def closed(name):
        return {name}.union(*(closed(below) for below in direct[name]))

    return {name: sorted(closed(name)) for name in direct}


def library_variables():
    all_modules = modules()
    variables = {f"WITH_{name}": ";".join(below) for name, below in all_modules.items()}
    return {"COMPONENTS": ";".join(all_modules), "POUW_SOURCE": SOURCE, "SHARED": "ON" if SHARED else "OFF", **variables}


def setUpModule():
    run("cmake", "--install", BUILD, "--prefix", PREFIX, "--component", "pouw")


def tearDownModule():
    shutil.rmtree(WORK)


class Installed(unittest.TestCase):
    def test_components_and_the_first_proof(self):
        self.assertIn(EXPECTED, (SOURCE / "README.md").read_text())
        build = configure("installed", "installed", CMAKE_PREFIX_PATH=PREFIX, HEADERS=PREFIX / "include", **library_variables())
        run("cmake", "--build", build)
        self.assertEqual(run(build / "first_proof"), EXPECTED)
        for module in modules():
            run(build / f"component_{module}/with_{module}")

    def test_the_build_folder_is_a_package_too(self):
        configure("installed", "from_build", pouw_DIR=BUILD, HEADERS=SOURCE / "include", **library_variables())

    def test_pkg_config_of_a_moved_tree(self):
        moved = WORK / "moved"
        shutil.copytree(PREFIX, moved, symlinks=True)
        folder = next(moved.rglob("pouw.pc")).parent
        environment = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
        flags = run("pkg-config", "--cflags", "--libs", "pouw", env=environment).split()
        self.assertEqual("-lsodium" in flags, not SHARED, flags)
        if SHARED:
            flags.append(f"-Wl,-rpath,{folder.parent}")
        program = WORK / "first_proof"
        run(os.environ.get("CXX", "c++"), "-std=c++20", SOURCE / "examples/first_proof.cpp", "-o", program, *flags, "-lfmt")
        self.assertEqual(run(program), EXPECTED)

    def test_our_own_flags_stay_at_home(self):
        exported = [*PREFIX.glob("lib/**/pouw*.cmake"), *PREFIX.glob("lib/**/pouw.pc")]
        self.assertTrue(exported)
        for file in exported:
            for flag in ("stack-protector", "stack-clash", "cf-protection", "branch-protection", "FORTIFY", "-Wl,-z", "-Wconversion"):
                self.assertNotIn(flag, file.read_text(), file.name)

    def test_what_is_there(self):
        libraries = sorted(path.name for path in PREFIX.glob("lib/**/libpouw*") if not path.is_symlink())
        if SHARED:
            shared = [name for name in libraries if ".so" in name]
            self.assertEqual(len(shared), 1, libraries)
            self.assertTrue(shared[0].startswith("libpouw.so."), libraries)
        else:
            self.assertFalse([name for name in libraries if not name.endswith(".a")], libraries)
        for private in ("engine.hpp", "scoring.hpp"):
            self.assertFalse(list(PREFIX.glob(f"include/**/{private}")))


class Sources(unittest.TestCase):
    def check(self, source, **variables):
        version = re.search(r"^CMAKE_PROJECT_VERSION:STATIC=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M).group(1)
        build = configure("sources", source, FROM=source, POUW_SOURCE=SOURCE, EXPECTED_VERSION=version, **variables)
        exported = "".join(path.read_text() for path in build.glob("CMakeFiles/Export/**/ours.cmake"))
        for name in ("pouw::proof", "pouw::beacon"):
            self.assertIn(name, exported)
        # Nothing of pouw is installed with the other project, unless it says so.
        script = (build / ("pouw" if source == "add_subdirectory" else "_deps/pouw-build") / "cmake_install.cmake").read_text()
        self.assertNotIn("NOT CMAKE_INSTALL_COMPONENT\n", script)

    def test_add_subdirectory(self):
        self.check("add_subdirectory")

    def test_fetch_content(self):
        self.check("FetchContent")

    def test_add_subdirectory_shared(self):
        configure("sources", "shared", FROM="add_subdirectory", POUW_SOURCE=SOURCE, BUILD_SHARED_LIBS="ON", POUW_INSTALL="ON",
                  EXPECTED_VERSION=re.search(r"^CMAKE_PROJECT_VERSION:STATIC=(.*)$", (BUILD / "CMakeCache.txt").read_text(),
                                             re.M).group(1))  # fmt: skip


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
