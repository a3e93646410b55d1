#!/usr/bin/env python3
"""The command line as its users meet it: what works, and every error with its exit code and its line.

    cli_test.py PATH-OF-POUW [unittest options]
"""

import json
import os
import pathlib
import pty
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

POUW = os.path.abspath(sys.argv.pop(1))
ROOT = pathlib.Path(__file__).resolve().parents[2]

GENESIS_HASH = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
GENESIS_HEADER = (
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e"
    "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)
GENESIS = ["--chain-id", "bitcoin", "--height", "0", "--block-hash", GENESIS_HASH]
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
EASY = ["--probability", "1/10"]


def run(*arguments, env=None, **options):
    environment = {**os.environ, **(env or {})}
    return subprocess.run(
        [POUW, *map(str, arguments)], capture_output=True, text=True, timeout=600, env=environment, **options
    )


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)

    def succeeds(self, *arguments, **options):
        outcome = run(*arguments, **options)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return outcome

    def json(self, *arguments):
        return json.loads(self.succeeds(*arguments, "--json").stdout)

    def fails(self, code, text, *arguments, **options):
        """Ends with this code and one line on standard error that contains the text; nothing new lies on the disk."""
        before = sorted(os.listdir(self.path))
        outcome = run(*arguments, **options)
        self.assertEqual(outcome.returncode, code, outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
        self.assertIn(text, outcome.stderr)
        self.assertEqual(sorted(os.listdir(self.path)), before)
        return outcome

    def key(self, name="node.key"):
        file = self.path / name
        public_key = self.json("keygen", "--out", file)["node"]
        return file, public_key

    def race(self, *options, out="race.proof", preset="tiny", chain=None, key=None):
        file = self.path / out
        key = key or self.key(f"{out}.key")[0]
        return file, self.json("race", "--preset", preset, "--insecure", *(chain or GENESIS), "--key", key, "--out", file,
                               *options)

    @staticmethod
    def expected(summary, preset="tiny"):
        """The options of a verifier that expects everything: nothing is left unchecked."""
        return ["--preset", preset, "--insecure", *GENESIS, "--threshold", summary["threshold"], "--public-key",
                summary["node"]]


class Evaluate(CommandLine):
    CHECK_VALUES = [
        ("tiny", "output", "0", [42, 24, 206, 217], [17, 3, 11, -34],
         "f55321ed39b5d4605feb26145fa018d69c4e9cb488a6530f8bd690d0539a5d32", 277113),
        ("tiny", "output", "1", [241, 243, 224, 166], [-31, -22, 23, -5],
         "aa0dafbc51c1199d276f8d4923cd7a5851e949bf90f82af0fa3d8218f59d26a3", 300111),
        ("tiny", "output", "18446744073709551615", [38, 35, 76, 150], [-19, 0, 13, -36],
         "a9c752195ed125f5e9dd3baaa9a018df187e4d66c4979c644e9d263149ec08d1", 308493),
        ("tiny", "input", "0", [224, 105, 170, 16], [-9, -12, -3, -1],
         "41465d9ecb76525b50376ee1ca56f299f97ce417a02be7c7b7c85c5f11216cac", 296629),
        ("tiny-gated", "output", "0", [210, 208, 57, 170], [-4, -7, 1, -2],
         "b8bf963c059fd983560c1c74b5821fab927d9421ec47ee9d89b74def7f0dd9ab", 231857),
        ("tiny-gated", "output", "1", [182, 7, 15, 237], [2, 7, 61, -13],
         "b73c458c489cd775d4c003f3e19b074c115c0121b36a0871025a7d9b92c9342b", 298880),
        ("whitepaper", "output", "0", [2058, 5791, 321, 1690], [17, -40, -9, 32],
         "9fa73d510eb191d736c759c2d43688728137bfafe0eb97d9be17f8bf4986819c", 1109047),
        ("whitepaper", "output", "1", [5316, 1508, 5688, 7710], [14, -11, 38, -4],
         "57c43c9fa7ca88d52963433706a687027722e3471af3fc8cbde07ae3f4c20d66", 1040478),
        ("whitepaper-2.3b", "output", "0", [5238, 189, 2665, 6759], [-40, 10, 14, -88],
         "c371f0f6681dcb9040ca3b32a02c7ae06ad860e9b66e3ef856cd6ab615490399", 984428),
        ("whitepaper-2.3b", "output", "1", [3827, 5499, 2940, 4781], [5, -14, -23, -5],
         "28934dd772fe05ec91fe5b12cecbd9bca6003d41b0effc5412fa4f74f03f9d46", 1052888),
    ]

    def test_prints_the_check_values_of_the_specification(self):
        for preset, binding in dict.fromkeys((value[:2] for value in self.CHECK_VALUES)):
            if os.environ.get("POUW_SANITIZE") and preset == "whitepaper-2.3b":
                continue  # the same code on longer rows: minutes under sanitizers
            values = [value for value in self.CHECK_VALUES if value[:2] == (preset, binding)]
            results = self.json(
                "evaluate", "--preset", preset, "--binding", binding, *GENESIS, "--public-key", KEY,
                "--nonce", ",".join(value[2] for value in values),
            )["results"]
            for value, result in zip(values, results, strict=True):
                self.assertEqual(
                    [result[name] for name in ("nonce", "tokens", "output_first", "output_digest", "squared_distance")],
                    [value[2], value[3], value[4], value[5], value[6]],
                )

    def test_every_supported_backend_agrees(self):
        for backend in self.json("info")["backends"]:
            if not backend["supported"]:
                continue
            result = self.json(
                "evaluate", "--preset", "tiny", "--backend", backend["name"], *GENESIS, "--public-key", KEY, "--nonce", 0
            )
            self.assertEqual(result["backend"], backend["name"])
            self.assertEqual(result["results"][0]["squared_distance"], 277113)

    def test_takes_keys_of_1_to_64_bytes(self):
        for size in (1, 33, 64):
            self.json("evaluate", "--preset", "tiny", *GENESIS, "--public-key", "ab" * size, "--nonce", 1)
        for size in (0, 65):
            self.fails(1, "--public-key", "evaluate", "--preset", "tiny", *GENESIS, "--public-key", "ab" * size, "--nonce", 1)

    def test_header_and_hash_are_the_same_race(self):
        by_header = self.json("evaluate", "--preset", "tiny", "--chain-id", "bitcoin", "--height", 0, "--block-header",
                              GENESIS_HEADER, "--public-key", KEY, "--nonce", 0)
        self.assertEqual(by_header["race_seed"], "633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36")

    def test_refuses_bad_numbers(self):
        for nonce in ("-1", "18446744073709551616", "1,", "", "0x1", "1.5", " 1", "1,,2"):
            self.fails(2, "--nonce", "evaluate", "--preset", "tiny", *GENESIS, "--public-key", KEY, f"--nonce={nonce}")
        for height in ("-1", "18446744073709551616", "ten"):
            self.fails(2, "--height", "evaluate", "--preset", "tiny", "--chain-id", "x", f"--height={height}",
                       "--block-hash", GENESIS_HASH, "--public-key", KEY, "--nonce", 1)


class RaceAndVerify(CommandLine):
    def test_a_race_is_verified_against_what_the_verifier_knows(self):
        file, summary = self.race("--nonces", 500, *EASY)
        self.assertIsInstance(summary["solutions"], int)
        self.assertEqual(summary["nonces_tried"], "500")
        self.assertAlmostEqual(summary["expected_solutions"], 50, delta=0.5)
        self.assertGreater(summary["nonces_per_second"], 0)
        self.assertGreater(summary["solutions"], 20)
        verdict = self.json("verify", file, "--preset", "tiny", "--insecure", "--binding", "output", *GENESIS, *EASY,
                            "--public-key", summary["node"])
        self.assertEqual(verdict["valid"], True)
        self.assertEqual(verdict["unchecked"], [])
        self.assertIsNone(verdict["reason"])
        self.assertIsNone(verdict["first_false_nonce"])
        self.assertEqual((verdict["passed"], verdict["node"]), (verdict["claimed"], summary["node"]))
        self.assertEqual((verdict["model"], verdict["race_seed"]), (summary["model"], summary["race_seed"]))
        text = self.succeeds("verify", file, *self.expected(summary))
        count = summary["solutions"]
        self.assertEqual(verdict["weight"], str(count))
        self.assertIn(f"voting weight {count}", text.stdout)
        self.assertEqual(text.stdout.splitlines()[-1], f"verified {count} of {count} nonces")
        self.assertEqual(self.json("verify", file, "--low-memory", *self.expected(summary))["weight"], str(count))

    def test_a_claim_on_its_own_terms_is_valid_and_weighs_nothing(self):
        file, summary = self.race("--nonces", 50, "--threshold", "18446744073709551615")
        self.assertEqual(summary["solutions"], 50)
        everything = self.expected(summary)
        for missing, option in (("threshold", "--threshold"), ("public-key", "--public-key"), ("preset", "--preset")):
            at = everything.index(option)
            given = everything[:at] + everything[at + 2 :]
            outcome = run("verify", file, *given, "--json")
            self.assertEqual(outcome.returncode, 3, outcome.stderr)
            verdict = json.loads(outcome.stdout)
            self.assertIn(missing, verdict["unchecked"])
            self.assertEqual((verdict["valid"], verdict["weight"], verdict["passed"]), (True, "0", "50"))
            text = run("verify", file, *given)
            self.assertEqual(text.returncode, 3)
            self.assertIn(missing, text.stdout)
            self.assertIn("no voting weight", text.stdout)
            self.assertEqual(text.stdout.splitlines()[-1], "verified 50 of 50 nonces")
            stored = self.path / "verdict.json"
            stored.write_text(outcome.stdout)
            self.fails(1, missing, "weights", stored, "--insecure")
        self.assertEqual(self.json("verify", file, *everything)["weight"], "50")

    def test_a_model_that_is_not_known_to_be_sound_needs_an_opt_in(self):
        file, summary = self.race("--nonces", 100, *EASY)
        key = self.key("other.key")[0]
        expected = [option for option in self.expected(summary) if option != "--insecure"]
        out = self.path / "new"
        self.fails(2, "--insecure", "race", "--preset", "tiny", *GENESIS, "--nonces", 5, "--key", key, "--out", out)
        self.fails(2, "--insecure", "verify", file, *expected)
        verdict = self.path / "verdict.json"
        verdict.write_text(self.succeeds("verify", file, *expected, "--insecure", "--json").stdout)
        self.fails(2, "--insecure", "weights", verdict)
        self.assertEqual(self.json("weights", verdict, "--insecure")["total"], str(summary["solutions"]))
        self.fails(2, "--insecure", "commit", file, "--out", out)
        commitment = self.path / "commitment"
        self.succeeds("commit", file, "--insecure", "--out", commitment)
        opening = ["open", file, "--commitment", commitment, "--rank", 0, "--out", out]
        self.fails(2, "--insecure", *opening)
        self.succeeds(*opening, "--insecure")
        self.fails(2, "--insecure", "verify", "--commitment", commitment, "--opening", out)

    def test_the_result_does_not_depend_on_threads(self):
        key, _ = self.key()
        proofs = []
        for threads in (1, 2, 5):
            file, _ = self.race("--nonces", 300, "--threads", threads, *EASY, out=f"{threads}.proof", key=key)
            proofs.append(file.read_bytes())
        self.assertEqual(len(set(proofs)), 1)

    def test_no_hit_is_a_valid_empty_proof(self):
        file, summary = self.race("--nonces", 3, "--threshold", 1)
        self.assertEqual(summary["solutions"], 0)
        text = self.succeeds("verify", file, *self.expected(summary)).stdout
        self.assertEqual(text.splitlines()[-1], "verified 0 of 0 nonces")

    def test_seconds_end_a_race(self):
        started = time.monotonic()
        _, summary = self.race("--seconds", "1.5")
        self.assertLess(time.monotonic() - started, 30)
        self.assertGreater(int(summary["nonces_tried"]), 0)

    def test_expect_chooses_a_probability(self):
        _, summary = self.race("--seconds", 1, "--expect", 1000000)
        self.assertEqual(summary["probability"], "1/2")

    def test_ctrl_c_keeps_what_was_found(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            key, _ = self.key(f"{number}.key")
            file = self.path / f"{number}.proof"
            process = subprocess.Popen(
                [POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--key", key, "--out", file, "--json"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(3)
            process.send_signal(number)
            out, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, error)
            summary = json.loads(out)
            self.assertGreater(summary["solutions"], 0)
            self.assertEqual(self.json("verify", file, *self.expected(summary))["valid"], True)

    def test_a_race_without_output_reader_still_writes_its_proof(self):
        key, public_key = self.key()
        file = self.path / "p"
        read, write = os.pipe()
        os.close(read)
        subprocess.run([POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--nonces", "50", "--key", key,
                        "--out", file], stdout=write, stderr=subprocess.DEVNULL, timeout=60)
        os.close(write)
        verdict = self.json("verify", file, "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--public-key", public_key)
        self.assertEqual(verdict["valid"], True)

    def test_progress_on_a_terminal(self):
        key, _ = self.key()
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--seconds", "2", "--key", key, "--out",
             self.path / "p"],
            stdout=subprocess.DEVNULL, stderr=child)
        os.close(child)
        shown = b""
        try:
            while chunk := os.read(parent, 4096):
                shown += chunk
        except OSError:  # the terminal is gone with the process
            pass
        os.close(parent)
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertIn(b"nonces/s", shown)
        self.assertIn(b"solutions found", shown)
        self.assertIn(b"left", shown)

    def test_binding_input_needs_an_opt_in(self):
        key, _ = self.key()
        common = ["race", "--preset", "tiny", "--binding", "input", *GENESIS, "--nonces", "5", "--key", key, "--out", self.path / "p"]
        self.fails(2, "--insecure", *common)
        self.succeeds(*common, "--insecure")
        self.fails(2, "--insecure", "verify", self.path / "p")
        self.fails(2, "--insecure", "verify", self.path / "p", "--binding", "input")
        self.assertEqual(run("verify", self.path / "p", "--insecure").returncode, 3)

    def test_the_last_nonce_can_be_tried_and_none_after_it(self):
        _, summary = self.race("--start", "18446744073709551614", "--nonces", 2)
        self.assertEqual(summary["nonces_tried"], "2")
        key, _ = self.key()
        self.fails(2, "--nonces", "race", "--preset", "tiny", "--insecure", *GENESIS, "--start", "18446744073709551614", "--nonces", 3,
                   "--key", key, "--out", self.path / "q")


class RaceErrors(CommandLine):
    def setUp(self):
        super().setUp()
        self.node_key, _ = self.key()
        self.out = self.path / "race.proof"
        self.common = ["race", "--preset", "tiny", "--insecure", "--nonces", "5", "--key", self.node_key, "--out", self.out]

    def test_usage(self):
        for text, arguments in {
            "--chain-id": ["--height", "1", "--block-hash", GENESIS_HASH],
            "--height": ["--chain-id", "x", "--block-hash", GENESIS_HASH],
            "--block-hash": ["--chain-id", "x", "--height", "1"],
            "--block-header": [*GENESIS, "--block-header", GENESIS_HEADER],
            "--probability": [*GENESIS, "--probability", "0.1"],
            "--probability: ": [*GENESIS, "--probability", "1/1"],
            "--probability:": [*GENESIS, "--probability", "0/5"],
            "--threshold": [*GENESIS, "--threshold", "0"],
            "--threshold, --probability": [*GENESIS, "--threshold", "5", *EASY],
            "--threads": [*GENESIS, "--threads", "0"],
            "--threads: ": [*GENESIS, "--threads", "-1"],
            "--seconds": [*GENESIS, "--seconds", "0"],
            "--seconds: ": [*GENESIS, "--seconds", "-3"],
            "--seconds:": [*GENESIS, "--seconds", "1e3"],
            "--start": [*GENESIS, "--start", "-1"],
            "--binding": [*GENESIS, "--binding", "both"],
            "--backend": [*GENESIS, "--backend", "abacus"],
            "--wrong": [*GENESIS, "--wrong", "1"],
        }.items():
            self.fails(2, text.strip(), *self.common, *arguments)

    def test_odd_or_non_hex_is_usage_and_a_wrong_value_a_verdict(self):
        chain = ["--chain-id", "bitcoin", "--height", "0"]
        for option in ("--block-hash", "--block-header"):
            self.fails(2, option, *self.common, *chain, option, "abc")
            self.fails(2, option, *self.common, *chain, option, "zz")
            self.fails(1, option, *self.common, *chain, option, "abcd")
        self.fails(2, "--beacon", *self.common, *GENESIS, "--beacon", "0")
        self.fails(1, "--beacon", *self.common, *GENESIS, "--beacon", "00")
        self.fails(1, "proof-of-work", *self.common, *chain, "--block-header", GENESIS_HEADER[:-2] + "7d")

    def test_unknown_preset_backend_and_command(self):
        self.fails(2, "unknown preset 'huge'", "race", "--preset", "huge", *GENESIS, "--key", self.node_key, "--out", self.out)
        self.fails(2, "unknown backend", *self.common, *GENESIS, env={"POUW_BACKEND": "abacus"})
        self.fails(2, "unknown command 'rase'", "rase")
        self.fails(2, "subcommand", )

    def test_an_existing_file_is_never_overwritten(self):
        self.out.write_text("precious")
        self.fails(2, "not overwritten", *self.common, *GENESIS)
        self.assertEqual(self.out.read_text(), "precious")
        self.fails(2, "not overwritten", "keygen", "--out", self.node_key)

    def test_places_that_cannot_be_written(self):
        common = ["race", "--preset", "tiny", "--insecure", "--nonces", "5", "--key", self.node_key, *GENESIS]
        self.fails(2, "No such file", *common, "--out", self.path / "no" / "p")
        self.fails(2, "not overwritten", *common, "--out", self.path)
        self.fails(2, "not overwritten", *common, "--out", "/dev/full")

    def test_a_full_disk_leaves_nothing(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        self.fails(2, "race.proof", *self.common, *GENESIS, preexec_fn=limit)
        self.fails(2, "new.key", "keygen", "--out", self.path / "new.key", preexec_fn=limit)

    def test_bad_key_files(self):
        bad = self.path / "bad.key"
        for content in (b"", b"pouw-master-seed-v1:", b"x" * 85, b"x" * 100000, self.node_key.read_bytes() + b"\n"):
            bad.write_bytes(content)
            bad.chmod(0o600)
            self.fails(2, "bad.key", "race", "--preset", "tiny", "--insecure", *GENESIS, "--key", bad, "--out", self.out)
        self.fails(2, "none.key", "race", "--preset", "tiny", "--insecure", *GENESIS, "--key", self.path / "none.key", "--out", self.out)
        self.fails(2, "directory", "race", "--preset", "tiny", "--insecure", *GENESIS, "--key", self.path, "--out", self.out)


class VerifyErrors(CommandLine):
    def setUp(self):
        super().setUp()
        self.file, self.summary = self.race("--nonces", 300, *EASY)

    def refused(self, reason, *arguments):
        outcome = run("verify", *arguments, "--insecure", "--json")
        self.assertEqual(outcome.returncode, 1, outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
        verdict = json.loads(outcome.stdout)
        self.assertEqual((verdict["valid"], verdict["reason"]), (False, reason))
        text = run("verify", *arguments, "--insecure")
        self.assertEqual(text.returncode, 1)
        self.assertRegex(text.stdout.splitlines()[-1], r"^verified \d+ of \d+ nonces$")
        return verdict

    def changed(self, change):
        file = self.path / "changed.proof"
        file.write_bytes(change(self.file.read_bytes()))
        return file

    def test_what_is_given_must_match(self):
        other_hash = ["--chain-id", "bitcoin", "--height", "0", "--block-hash", "11" * 32]
        self.refused("race_mismatch", self.file, *other_hash)
        self.refused("race_mismatch", self.file, "--chain-id", "other", "--height", "0", "--block-hash", GENESIS_HASH)
        self.refused("race_mismatch", self.file, "--chain-id", "bitcoin", "--height", "1", "--block-hash", GENESIS_HASH)
        self.refused("race_mismatch", self.file, *GENESIS, "--beacon", "01" + 31 * "00")
        self.refused("node_mismatch", self.file, "--public-key", KEY)
        self.refused("model_mismatch", self.file, "--preset", "whitepaper")
        self.refused("model_mismatch", self.file, "--preset", "tiny-gated")
        self.refused("threshold_mismatch", self.file, "--threshold", "5")
        self.refused("threshold_mismatch", self.file, "--probability", "1/900")
        self.assertEqual(self.refused("model_mismatch", self.file, "--preset", "whitepaper")["unchecked"],
                         ["race", "public-key", "threshold"])

    def test_changed_files(self):
        self.refused("truncated", self.changed(lambda data: data[:-1]))
        self.refused("truncated", self.changed(lambda data: b""))
        self.refused("trailing_bytes", self.changed(lambda data: data + b"\0"))
        self.refused("invalid_magic", self.changed(lambda data: b"x" + data[1:]))
        self.refused("unsupported_version", self.changed(lambda data: data[:8] + b"\2" + data[9:]))
        self.refused("invalid_threshold", self.changed(lambda data: data[:108] + bytes(8) + data[116:]))
        # Bytes that the node has not signed are not decoded, whatever they announce.
        self.refused("invalid_signature", self.changed(lambda data: data[:116] + b"\xff" * 8 + data[124:]))
        self.refused("invalid_public_key", self.changed(lambda data: data[:76] + b"\1" + bytes(31) + data[108:]))
        self.refused("invalid_signature", self.changed(lambda data: data[:-1] + bytes([data[-1] ^ 1])))
        self.refused("model_mismatch", self.changed(lambda data: data[:12] + bytes(32) + data[44:]))

    def test_a_false_nonce_is_named(self):
        vectors = json.loads((ROOT / "tests/vectors/proof/proofs.json").read_text())["cases"]
        case = next(case for case in vectors if case.get("reason") == "false_nonce")
        file = self.path / "false.proof"
        file.write_bytes(bytes.fromhex(case["proof"]))
        for options in ((), ("--low-memory",), ("--threads", "1")):
            verdict = self.refused("false_nonce", file, *options)
            self.assertEqual(verdict["first_false_nonce"], case["false_nonce"])
        found = self.refused("false_nonce", file, "--all")["false_nonces"]
        self.assertEqual(found[0]["nonce"], case["false_nonce"])
        self.assertIn(case["false_nonce"], run("verify", file, "--insecure").stderr)

    def test_files_that_cannot_be_read(self):
        self.fails(2, "No such file", "verify", self.path / "none")
        self.fails(2, "not a regular file", "verify", self.path)
        huge = self.path / "huge"
        with open(huge, "wb") as file:
            file.truncate(1 << 40)
        self.fails(2, "too large", "verify", huge)

    def test_usage(self):
        self.fails(2, "--public-key", "verify", self.file, "--public-key", "abc")
        self.fails(1, "--public-key", "verify", self.file, "--public-key", "abcd")
        self.fails(1, "--public-key", "verify", self.file, "--public-key", "01" + 31 * "00")
        self.fails(1, "--public-key", "verify", self.file, "--public-key", "ed" + 30 * "ff" + "7f")
        self.fails(2, "--chain-id", "verify", self.file, "--height", "1")
        self.fails(2, "--preset", "verify", self.file, "--preset", "none")
        self.fails(2, "FILE", "verify")


class Commitments(CommandLine):
    SEED = "5a" * 32

    def setUp(self):
        super().setUp()
        self.node_key, self.public_key = self.key()
        self.proof, summary = self.race("--nonces", 400, *EASY, key=self.node_key)
        self.count = summary["solutions"]
        self.everything = self.expected(summary)
        self.commitment = self.path / "commitment"
        self.json("commit", self.proof, "--key", self.node_key, "--insecure", "--out", self.commitment)
        self.target = ["--false-fraction", "1/4", "--soundness", "4"]
        self.terms = ["--seed", self.SEED, *self.target]

    def open(self, *options, out="opening", proof=None, commitment=None):
        file = self.path / out
        self.json("open", proof or self.proof, "--commitment", commitment or self.commitment, "--insecure", *options,
                  "--out", file)
        return file

    def samples(self, target=None, **options):
        return self.open("--seed", self.SEED, *(target or self.target), **options)

    def verify(self, opening, *options, commitment=None):
        return ["verify", "--commitment", commitment or self.commitment, "--opening", opening, "--insecure", *options]

    def refused(self, reason, *arguments):
        outcome = run(*arguments, "--json")
        self.assertEqual(outcome.returncode, 1, outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
        verdict = json.loads(outcome.stdout)
        self.assertEqual((verdict["valid"], verdict["reason"]), (False, reason))
        return verdict

    def false_proof(self):
        """A proof by a key that tests know, with a false nonce."""
        vectors = json.loads((ROOT / "tests/vectors/proof/commitments.json").read_text())
        case = next(case for case in vectors["cases"] if case["name"] == "one false nonce")
        paths = {}
        for name in ("commitment", "opening", "fraud_proof"):
            paths[name] = self.path / f"false.{name}"
            paths[name].write_bytes(bytes.fromhex(case[name]))
        return case, paths

    def test_a_commitment_is_verified_by_sample(self):
        opening = self.samples()
        verdict = self.json(*self.verify(opening, *self.terms, "--preset", "tiny", *GENESIS, *EASY, "--public-key", self.public_key,
                                         "--binding", "output"))
        self.assertEqual(verdict["unchecked"], [])
        self.assertEqual((verdict["valid"], verdict["weight"]), (True, str(self.count)))
        samples = verdict["samples"]
        self.assertTrue(1 <= int(samples) < self.count)
        self.assertGreaterEqual(int(verdict["soundness"]), 4)
        self.assertEqual(verdict["node"], self.public_key)
        text = self.succeeds(*self.verify(opening, *self.terms, "--preset", "tiny", *GENESIS, *EASY, "--public-key", self.public_key))
        self.assertEqual(text.stdout.splitlines()[-1], f"verified {samples} of {samples} samples of {self.count} nonces")
        everything = ["--false-fraction", f"1/{self.count}", "--soundness", 4096]
        whole = self.samples(everything, out="whole")
        verdict = self.json(*self.verify(whole, "--seed", self.SEED, *everything, "--preset", "tiny", *GENESIS, *EASY,
                                         "--public-key", self.public_key))
        self.assertEqual(verdict["soundness"], "certain")
        on_its_own_terms = run(*self.verify(opening, *self.terms), "--json")
        self.assertEqual(on_its_own_terms.returncode, 3)
        self.assertEqual(json.loads(on_its_own_terms.stdout)["weight"], "0")
        self.assertIn("no voting weight", run(*self.verify(opening, *self.terms)).stdout)

    def test_without_soundness_there_is_no_weight(self):
        opening = self.samples()
        for bits in ("0", "4097"):
            self.fails(2, "--soundness", *self.verify(opening, "--seed", self.SEED, "--false-fraction", "1/4", "--soundness", bits))
            self.fails(2, "--soundness", "open", self.proof, "--commitment", self.commitment, "--insecure", "--seed", self.SEED,
                       "--false-fraction", "1/4", "--soundness", bits, "--out", self.path / "o")
        for missing in (["--false-fraction", "1/4"], ["--soundness", "4"]):
            self.fails(2, "go together", *self.verify(opening, "--seed", self.SEED, *missing))

    def test_samples_that_do_not_fit_are_refused(self):
        opening = self.samples()
        other = ["--seed", "5b" * 32, *self.terms[2:]]
        self.refused("wrong_samples", *self.verify(opening, *other))
        self.refused("insufficient_soundness", *self.verify(opening, *self.terms[:-1], "40"))
        self.refused("wrong_samples", *self.verify(self.samples(["--false-fraction", "1/4", "--soundness", "5"], out="more"), *self.terms))
        samples = json.loads(run(*self.verify(opening, *self.terms), "--json").stdout)["samples"]
        first = ",".join(map(str, range(int(samples))))
        self.refused("wrong_samples", *self.verify(self.open("--rank", first, out="ranks"), *self.terms))
        data = opening.read_bytes()
        for reason, changed in {
            "truncated": data[:-1],
            "trailing_bytes": data + b"\0",
            "invalid_magic": b"x" + data[1:],
            "root_mismatch": data[:-1] + bytes([data[-1] ^ 1]),
        }.items():
            file = self.path / "changed"
            file.write_bytes(changed)
            self.refused(reason, *self.verify(file, *self.terms))

    def test_terms_and_signatures_are_compared(self):
        opening = self.samples()
        self.refused("race_mismatch", *self.verify(opening, *self.terms, "--chain-id", "other", "--height", 0, "--block-hash", GENESIS_HASH))
        self.refused("node_mismatch", *self.verify(opening, *self.terms, "--public-key", KEY))
        self.refused("threshold_mismatch", *self.verify(opening, *self.terms, "--threshold", 5))
        self.refused("model_mismatch", *self.verify(opening, *self.terms, "--preset", "tiny-gated"))
        data = self.commitment.read_bytes()
        forged = self.path / "forged"
        forged.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        self.refused("invalid_signature", *self.verify(opening, *self.terms, commitment=forged))

    def test_an_unsigned_commitment_is_nobodys(self):
        unsigned = self.path / "unsigned"
        self.assertFalse(self.json("commit", self.proof, "--insecure", "--out", unsigned)["signed"])
        opening = self.samples(commitment=unsigned)
        outcome = run(*self.verify(opening, *self.terms, commitment=unsigned), "--json")
        self.assertEqual(outcome.returncode, 3)
        verdict = json.loads(outcome.stdout)
        self.assertIn("signature", verdict["unchecked"])
        self.assertEqual(verdict["weight"], "0")
        self.refused("invalid_signature", *self.verify(opening, *self.terms, "--public-key", self.public_key, commitment=unsigned))
        file = self.path / "v.json"
        file.write_text(json.dumps(verdict))
        self.fails(1, "no signature", "weights", file)

    def test_single_nonces_are_shown_and_weigh_nothing(self):
        outcome = run(*self.verify(self.open("--rank", "2,0,2"), *self.everything), "--json")
        self.assertEqual(outcome.returncode, 3, outcome.stderr)
        verdict = json.loads(outcome.stdout)
        self.assertEqual(verdict["unchecked"], ["samples"])
        self.assertEqual([nonce["rank"] for nonce in verdict["nonces"]], ["0", "2"])
        self.assertEqual((verdict["valid"], verdict["weight"], verdict["soundness"]), (True, "0", None))
        present = verdict["nonces"][0]["nonce"]
        shown = json.loads(run(*self.verify(self.open("--nonce", f"{present},18446744073709551615", out="o2"), *self.everything),
                               "--json").stdout)
        self.assertEqual([nonce["nonce"] for nonce in shown["nonces"]], [present])

    def test_a_false_nonce_makes_a_fraud_proof(self):
        case, paths = self.false_proof()
        evidence = self.path / "evidence"
        vectors = json.loads((ROOT / "tests/vectors/proof/commitments.json").read_text())
        terms = vectors["expected"]
        expected = ["--preset", "tiny", "--insecure", *GENESIS, "--public-key", terms["node"], "--threshold", terms["threshold"]]
        target = ["--false-fraction", "/".join(terms["false_fraction"]), "--soundness", terms["soundness"]]
        convicted = self.json("verify", "--fraud-proof", paths["fraud_proof"], *expected)
        self.assertEqual((convicted["valid"], convicted["false_nonce"]), (True, case["accused"]))
        self.assertGreaterEqual(convicted["squared_distance"], int(convicted["threshold"]))
        self.assertEqual(len(convicted["evidence"]), 64)
        self.assertIn("convicted: ", self.succeeds("verify", "--fraud-proof", paths["fraud_proof"], *expected).stdout)
        on_its_own_terms = run("verify", "--fraud-proof", paths["fraud_proof"], "--insecure")
        self.assertEqual(on_its_own_terms.returncode, 3)
        self.assertIn("no conviction", on_its_own_terms.stdout)
        self.refused("node_mismatch", "verify", "--fraud-proof", paths["fraud_proof"], "--insecure", "--public-key", self.public_key)
        only_false = next(case for case in vectors["cases"] if case["name"] == "only false nonces")
        for name in ("commitment", "opening"):
            (self.path / name.upper()).write_bytes(bytes.fromhex(only_false[name]))
        verdict = self.refused("false_nonce", "verify", "--commitment", self.path / "COMMITMENT", "--opening", self.path / "OPENING",
                               "--insecure", "--seed", only_false["seed"], *target, "--evidence", evidence)
        convicted = self.json("verify", "--fraud-proof", evidence, *expected)
        self.assertEqual(convicted["false_nonce"], verdict["first_false_nonce"])
        innocent = next(case for case in vectors["cases"] if case["name"] == "a scan")
        accusation = self.path / "accusation"
        accusation.write_bytes(bytes.fromhex(innocent["fraud_proof"]))
        self.refused("passing_nonce", "verify", "--fraud-proof", accusation, "--insecure")

    def test_errors(self):
        out = self.path / "o"
        opening = self.samples()
        common = ["open", self.proof, "--commitment", self.commitment, "--insecure", "--out", out]
        commit = ["commit", self.proof, "--insecure"]
        self.fails(1, "rank", *common, "--rank", self.count)
        self.fails(2, "--seed", *common)
        self.fails(2, "--soundness", *common, "--seed", self.SEED)
        self.fails(2, "--rank", *common, "--rank", "-1")
        self.fails(1, "--seed", *common, "--seed", "00", *self.target)
        self.fails(2, "not overwritten", *commit, "--out", self.commitment)
        self.fails(1, "another node", *commit, "--key", self.key("other")[0], "--out", out)
        self.fails(2, "--ranges", *commit, "--ranges", "5-4", "--out", out)
        self.fails(1, "--ranges", *commit, "--ranges", "0-1", "--out", out)
        self.succeeds(*commit, "--ranges", "0-199,200-399", "--out", self.path / "ranged")
        other, _ = self.race("--nonces", 100, *EASY, out="other.proof", key=self.node_key)
        self.fails(1, "count", "open", other, "--commitment", self.commitment, "--insecure", "--rank", 0, "--out", out)
        self.fails(2, "go together", "verify", "--commitment", self.commitment)
        self.fails(2, "go together", *self.verify(opening, "--seed", self.SEED))
        self.fails(2, "exactly one", *self.verify(opening), self.proof)
        self.fails(2, "--false-fraction", *self.verify(opening, "--seed", self.SEED, "--false-fraction", "0/4", "--soundness", 4))
        self.fails(2, "--false-fraction", *self.verify(opening, "--seed", self.SEED, "--false-fraction", "0.1", "--soundness", 4))
        self.fails(2, "--soundness", *self.verify(opening, "--seed", self.SEED, "--false-fraction", "1/4", "--soundness", "-4"))

    def test_weights_of_verdicts(self):
        verdicts = []
        for number, nonces in enumerate((600, 200, 100)):
            file, summary = self.race("--nonces", nonces, *EASY, out=f"{number}.proof")
            verdict = self.path / f"{number}.json"
            verdict.write_text(self.succeeds("verify", file, *self.expected(summary), "--json").stdout)
            verdicts.append(verdict)
        weights = [int(json.loads(file.read_text())["weight"]) for file in verdicts]
        table = self.json("weights", "--insecure", *verdicts, "--out", self.path / "table")
        self.assertEqual(table["total"], str(sum(weights)))
        self.assertEqual(sorted(int(node["weight"]) for node in table["nodes"]), sorted(weights))
        self.assertEqual((self.path / "table").stat().st_size, 24 + 40 * 3)
        capped = self.json("weights", "--insecure", *verdicts, "--cap", "30%")
        limit = sum(weights) * 30 // 100
        self.assertEqual([int(node["weight"]) for node in capped["nodes"]], 3 * [limit])
        self.assertEqual(int(capped["unassigned"]), sum(weights) - 3 * limit)
        self.assertEqual(self.json("weights", "--insecure", *verdicts, "--cap", "3/10")["digest"], capped["digest"])
        self.assertIn("digest", self.succeeds("weights", "--insecure", *verdicts).stdout)
        self.fails(1, "two weights", "weights", "--insecure", verdicts[0], verdicts[0])
        for share in ("0%", "101%", "30", "x/2", "1/0"):
            self.fails(2, "--cap", "weights", "--insecure", verdicts[0], "--cap", share)
        bad = self.path / "bad.json"
        for content in ("", "{}", "[]", '{"valid": 1}', '{"valid": true}', '{"valid": true, "unchecked": []}', "nonsense"):
            bad.write_text(content)
            self.fails(2, "bad.json", "weights", "--insecure", bad)
        changed = json.loads(verdicts[1].read_text())
        for name in ("race_seed", "model", "threshold"):
            bad.write_text(json.dumps({**changed, name: "1" if name == "threshold" else 64 * "0"}))
            self.fails(1, "another race, model or threshold", "weights", "--insecure", verdicts[0], bad)
        bad.write_text(json.dumps({**changed, "weight": "-1"}))
        self.fails(2, "bad.json", "weights", "--insecure", bad)
        bad.write_text(json.dumps({**changed, "node": "01" + 31 * "00"}))
        self.fails(1, "bad.json", "weights", "--insecure", bad)
        for field in ("weight", "passed"):
            bad.write_text(json.dumps({**changed, field: "18446744073709551615"}))
            self.fails(1, "more than was verified", "weights", "--insecure", bad)
        bad.write_text(json.dumps({**changed, "samples": "0", "passed": "0", "soundness": "20"}))
        self.fails(1, "more than was verified", "weights", "--insecure", bad)
        bad.write_text(json.dumps({**changed, "model": 64 * "0"}))
        self.fails(2, "--insecure", "weights", bad)
        bad.write_text(json.dumps({**changed, "valid": False}))
        self.assertEqual(self.json("weights", "--insecure", verdicts[0], bad)["total"], str(weights[0]))


class Economics(CommandLine):
    VECTORS = ROOT / "tests" / "vectors" / "economics" / "settlements.json"

    @staticmethod
    def node(n):
        return n.to_bytes(32, "big").hex()

    def write(self, content, name="input.json"):
        file = self.path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    def epochs(self):
        return {entry["name"]: entry for entry in json.loads(self.VECTORS.read_text())["settlements"]}

    def votes(self, **changes):
        return {
            "epoch": "4", "price": "100", "bounds": {"lowest": "1", "highest": "1000", "step_ppm": "1000000"},
            "nodes": [{"node": self.node(1), "weight": "1"}, {"node": self.node(2), "weight": "3"}],
            "votes": [{"node": self.node(2), "price": "150"}], **changes,
        }  # fmt: skip

    def test_settles_as_the_reference_does(self):
        for name, entry in list(self.epochs().items())[::5]:
            file = self.write(entry["epoch"])
            outcome = run("settle", file, "--json")
            result = json.loads(outcome.stdout)
            if "error" in entry["result"]:
                self.assertEqual(outcome.returncode, 1, name)
                self.assertEqual([result["settled"], result["error"], result["field"]],
                                 [False, entry["result"]["error"], entry["result"]["field"]], name)
                self.assertEqual(outcome.stderr.count("\n"), 1)
            else:
                self.assertEqual(outcome.returncode, 0, outcome.stderr)
                self.assertEqual(result, {"settled": True, **entry["result"]}, name)

    def test_prints_one_line_a_payout(self):
        entry = self.epochs()["fraud reported by its user"]
        lines = self.succeeds("settle", self.write(entry["epoch"])).stdout.splitlines()
        self.assertEqual(len(lines), len(entry["result"]["requesters"]) + len(entry["result"]["payouts"]) + 1)
        self.assertIn("17100 paid in", lines[-1])

    def test_prints_nothing_of_an_epoch_that_is_refused_late(self):
        epoch = self.epochs()["cut off at the maximum"]["epoch"]
        epoch["tasks"].append(dict(epoch["tasks"][-1]))
        outcome = self.fails(1, "tasks[2]: a task has the id of the one before", "settle", self.write(epoch))
        self.assertEqual(outcome.stdout, "")

    def test_refuses_what_is_not_exactly_an_epoch(self):
        def spoilt(change):
            epoch = self.epochs()["fraud reported by its user"]["epoch"]
            change(epoch)
            return self.write(epoch)

        def set_in(path, value):
            def change(epoch):
                *parents, last = path
                for parent in parents:
                    epoch = epoch[parent]
                epoch[last] = value

            return change

        for field, change in (
            ("tasks[0].limit: a JSON number", set_in(["tasks", 0, "limit"], 5)),
            ("tasks[0].limit: a JSON number", set_in(["tasks", 0, "limit"], -5)),
            ("tasks[0].limit: a floating number", set_in(["tasks", 0, "limit"], 5.0)),
            ("tasks[0].limit: an amount is negative", set_in(["tasks", 0, "limit"], "-5")),
            ("tasks[0].limit: an amount is negative or out of range: a character", set_in(["tasks", 0, "limit"], "5.0")),
            ("tasks[0].limit: an amount is negative or out of range: a leading zero", set_in(["tasks", 0, "limit"], "05")),
            ("tasks[0].limit: an amount is negative or out of range: no digits", set_in(["tasks", 0, "limit"], "")),
            ("tasks[0].limit: the value is too large", set_in(["tasks", 0, "limit"], str(2**127))),
            ("tasks[0].work: the value is too large", set_in(["tasks", 0, "work"], str(2**64))),
            ("tasks[0].work: the value is too large", set_in(["tasks", 0, "work"], str(2**200))),
            ("tasks[1].tip: is unknown", set_in(["tasks", 1, "tip"], "1")),
            ("tip: stands after tasks", set_in(["tip"], "1")),
            ("tip: is unknown", lambda epoch: epoch.update(tip="1", tasks=epoch.pop("tasks"))),
            ("rules.training_ppm: a rate is above 1", set_in(["rules", "training_ppm"], "1000001")),
            ("rules.luck: is unknown", set_in(["rules", "luck"], "1")),
            ("rules: expected an object", set_in(["rules"], [])),
            ("nodes: expected an array", set_in(["nodes"], {})),
            ("nodes[0].weight: is missing", lambda epoch: epoch["nodes"][0].pop("weight")),
            ("tasks[3].votes: is missing", lambda epoch: epoch["tasks"][3].pop("votes")),
            ("tasks: is missing", lambda epoch: epoch.pop("tasks")),
            ("tasks: expected an array", set_in(["tasks"], {})),
            ("tasks: expected an array", set_in(["tasks"], None)),
            ("tasks[0]: expected an object", set_in(["tasks"], [5])),
            ("tasks[0]: expected an object", set_in(["tasks"], [[{}]])),
            ("settled: is missing", lambda epoch: epoch.pop("settled")),
            ("unregistered: is missing", lambda epoch: epoch.pop("unregistered")),
            ("tasks[0].executor: wrong length", set_in(["tasks", 0, "executor"], "00")),
            ("tasks[0].executor: not a hexadecimal string", set_in(["tasks", 0, "executor"], "0x")),
            ("tasks[0].answer: expected one of", set_in(["tasks", 0, "answer"], "late")),
            ("tasks[0].report_deposit: expected", set_in(["tasks", 0, "report_deposit"], False)),
            ("tasks[16].votes[0].verdict: ", set_in(["tasks", 16, "votes", 0, "verdict"], "true")),
            ("curve: the rules", set_in(["curve", "epochs_to_full"], "0")),
            ("epoch: the epoch does not follow", set_in(["epoch"], "9")),
        ):  # fmt: skip
            with self.subTest(field):
                outcome = self.fails(1, field, "settle", spoilt(change))
                self.assertEqual(outcome.stdout, "")

    def test_refuses_fields_that_stand_twice_or_too_late(self):
        text = json.dumps(self.epochs()["one node"]["epoch"])
        self.fails(1, "settled: stands twice", "settle", self.write(text.replace('"settled"', '"settled": "6", "settled"', 1)))
        self.fails(1, "limit: stands twice", "settle", self.write(text.replace('"limit"', '"limit": "9", "limit"', 1)))
        self.fails(1, "settled: is missing", "settle", self.write(text.replace('"settled": "6", ', "", 1)[:-1] + ', "settled": "6"}'))
        self.fails(1, "tasks: stands twice", "settle", self.write(text[:-1] + ', "tasks": []}'))

    def test_files_that_are_none(self):
        for command in ("settle", "price"):
            self.fails(2, "missing", command, self.path / "missing")
            self.fails(2, "not a regular file", command, self.path)
            for text in ("", "{", "{}x", '{"a": 1,}', "\xff", "nul"):
                self.fails(2, "not JSON", command, self.write(text))
            for text in ("[]", "5", "null"):
                self.fails(1, "expected an object", command, self.write(text))
            self.fails(2, "required", command)

    @unittest.skipIf(os.environ.get("POUW_SANITIZE"), "a sanitizer keeps freed memory")
    def test_memory_does_not_grow_with_the_tasks(self):
        epoch = self.epochs()["one node"]["epoch"]
        task = json.dumps(epoch["tasks"][0])
        head = json.dumps({**epoch, "tasks": []})[:-2]
        file = self.path / "long.json"
        with open(file, "w") as out:
            out.write(head + ",".join(task.replace(f'"id": "{self.node(0)}"', f'"id": "{self.node(i)}"') for i in range(40_000)) + "]}")
        small = self.write(epoch, "short.json")
        base = self.peak("settle", small)
        self.assertLess(self.peak("settle", file) - base, 4 << 10)
        self.assertGreater(os.path.getsize(file), 10 << 20)

    @staticmethod
    def peak(*arguments):
        """Kilobytes of memory at most, to the megabyte."""
        pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", (
            "import resource,subprocess,sys\n"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
            "sys.exit(min(250, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))"
        ), POUW, *map(str, arguments)])  # fmt: skip
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) << 10

    def test_prices(self):
        self.assertEqual(self.json("price", self.write(self.votes())), {"priced": True, "epoch": "5", "price": "150"})
        self.assertEqual(self.succeeds("price", self.write(self.votes(votes=[]))).stdout,
                         "epoch 5: 100 a unit of compute (before: 100)\n")
        step = {"lowest": "1", "highest": "1000", "step_ppm": "20000"}
        self.assertEqual(self.json("price", self.write(self.votes(bounds=step)))["price"], "102")

    def test_refuses_votes(self):
        one = {"node": self.node(2), "price": "150"}
        for field, changes in (
            ("votes[0]: no node of the epoch", {"votes": [{"node": self.node(7), "price": "1"}]}),
            ("votes[1]: a node judges or votes twice", {"votes": [one, one]}),
            ("votes[0]: the price is outside", {"votes": [{**one, "price": "1001"}]}),
            ("votes[0].price: an amount is negative", {"votes": [{**one, "price": "-1"}]}),
            ("votes[0].price: a floating number", {"votes": [{**one, "price": 1.5}]}),
            ("votes[0].weight: is unknown", {"votes": [{**one, "weight": "9"}]}),
            ("price: the price is outside", {"price": "1001"}),
            ("bounds: the rules", {"bounds": {"lowest": "0", "highest": "9", "step_ppm": "1"}}),
            ("bounds.step_ppm: a rate is above 1", {"bounds": {"lowest": "1", "highest": "900", "step_ppm": "1000001"}}),
            ("nodes: a node has two weights", {"nodes": [{"node": self.node(2), "weight": "1"}] * 2}),
            ("epoch: the epoch does not follow", {"epoch": str(2**64 - 1)}),
        ):  # fmt: skip
            with self.subTest(field):
                self.fails(1, field, "price", self.write(self.votes(**changes)))
        refusal = json.loads(run("price", self.write(self.votes(votes=[one, one])), "--json").stdout)
        self.assertEqual([refusal["priced"], refusal["error"]], [False, "duplicate_verdict"])


class Select(CommandLine):
    VECTORS = ROOT / "tests" / "vectors" / "validation" / "selections.json"

    def setUp(self):
        super().setUp()
        self.terms = {"--chain-id": "pouw-test", "--epoch": 7, "--beacon": "11" * 32, "--task": "22" * 32,
                      "--executor": KEY, "--rate": "1/2", "--weight": 50, "--total": 100}  # fmt: skip

    def arguments(self, **changes):
        terms = {**self.terms, **{"--" + name.replace("_", "-"): value for name, value in changes.items()}}
        return [str(part) for name, value in terms.items() for part in (name, value) if value is not None]

    def test_verifies_the_vectors(self):
        vectors = json.loads(self.VECTORS.read_text())
        verified = 0
        for vector in vectors["selections"]:
            weights = {node["key"]: int(node["weight"]) for node in vector["nodes"]}
            rate = vector["rate"]
            if not 0 < int(rate["numerator"]) <= int(rate["denominator"]):
                continue
            node = next(node for node in vector["nodes"] if node["key"] == vector["validator"])
            decision = self.json("select", *self.arguments(
                epoch=vector["epoch"], beacon=vector["beacon"], task=vector["task"], executor=vector["executor"],
                rate=f"{rate['numerator']}/{rate['denominator']}", weight=node["weight"], total=sum(weights.values()),
                executor_weight=weights.get(vector["executor"], 0), vrf_key=node["vrf_key"], proof=vector["proof"]))  # fmt: skip
            self.assertEqual(decision["selected"], vector["selected"])
            self.assertEqual(int(decision["threshold"], 16), int(vector["threshold"], 16))
            for name in ("draw", "beta", "proof"):
                self.assertEqual(decision[name], vector[name])
            verified += 1
        self.assertGreaterEqual(verified, 10)

    def table(self, nodes):
        """The weight table as `pouw weights --out` writes it."""
        rows = b"".join(bytes.fromhex(n["key"]) + int(n["weight"]).to_bytes(8, "little") for n in sorted(nodes, key=lambda n: n["key"]))
        file = self.path / "judges"
        file.write_bytes(b"pouwwgt1" + (1).to_bytes(4, "little") + bytes(8) + len(nodes).to_bytes(4, "little") + rows)
        return file

    def test_names_guaranteed_validators(self):
        vector = next(v for v in json.loads(self.VECTORS.read_text())["selections"] if v["guaranteed"] and v["rate"]["denominator"] == "1")
        node = next(node for node in vector["nodes"] if node["key"] == vector["validator"])
        terms = {"epoch": vector["epoch"], "beacon": vector["beacon"], "task": vector["task"], "executor": vector["executor"],
                 "weight": node["weight"], "total": sum(int(node["weight"]) for node in vector["nodes"]),
                 "vrf_key": node["vrf_key"], "proof": vector["proof"], "judges": self.table(vector["nodes"])}  # fmt: skip
        self.assertEqual(self.json("select", *self.arguments(rate="1/1", **terms))["guaranteed"], vector["guaranteed"])
        self.assertEqual(self.json("select", *self.arguments(rate="99/100", **terms))["guaranteed"], [])
        text = self.succeeds("select", *self.arguments(rate="1/1", **terms)).stdout
        self.assertIn("guaranteed   " + vector["guaranteed"][0], text)
        terms["judges"].write_bytes(b"no table")
        self.fails(2, "judges: not a file of this format", "select", *self.arguments(rate="1/1", **terms))

    def test_what_a_node_decides_others_verify(self):
        key, public_key = self.key()
        decided = set()
        for task in range(256):  # a quarter of the tasks select this node: 256 without one in 1e31 keys
            if task >= 4 and len(decided) == 2:
                break
            terms = {"task": f"{task:064x}"}
            own = self.json("select", "--key", key, *self.arguments(**terms))
            decided.add(own["selected"])
            proof = {"vrf_key": own["vrf_key"], "proof": own["proof"]}
            self.assertEqual(self.json("select", *self.arguments(**terms, **proof)), own)
            self.assertIn("selected", self.succeeds("select", *self.arguments(**terms, **proof)).stdout)
            outcome = self.fails(1, "is not one of this input", "select", *self.arguments(**proof, task="ff" * 32), "--json")
            self.assertEqual(json.loads(outcome.stdout)["error"], "false_vrf_proof")
        self.assertEqual(decided, {True, False})
        outcome = self.fails(1, "own work", "select", "--key", key, *self.arguments(executor=public_key), "--json")
        self.assertEqual(json.loads(outcome.stdout)["error"], "own_work")
        self.assertFalse(self.json("select", "--key", key, *self.arguments(weight=0))["selected"])
        always = self.json("select", "--key", key, *self.arguments(weight=100, rate="1/1"))
        self.assertTrue(always["selected"])
        self.assertEqual(always["threshold"], "1" + "0" * 32)
        self.fails(1, "exceed their total", "select", "--key", key, *self.arguments(weight=101))

    def test_usage(self):
        key, _ = self.key()
        self.fails(2, "exactly one", "select", *self.arguments())
        self.fails(2, "exactly one", "select", "--key", key, *self.arguments(proof="00"))
        self.fails(2, "exactly one", "select", *self.arguments(proof="00" * 80))
        self.fails(2, "--task", "select", "--key", key, *self.arguments(task=None))
        self.fails(2, "--rate", "select", "--key", key, *self.arguments(rate="2/1"))
        self.fails(2, "--rate", "select", "--key", key, *self.arguments(rate="0.1"))
        self.fails(2, "--weight", "select", "--key", key, *self.arguments(weight="-1"))
        self.fails(2, "--beacon", "select", "--key", key, *self.arguments(beacon="xy"))
        self.fails(1, "--beacon", "select", "--key", key, *self.arguments(beacon="11" * 31))
        self.fails(2, "nowhere", "select", "--key", self.path / "nowhere", *self.arguments())


class Hostile(CommandLine):
    """Whatever stands where a command looks, and wherever it writes: a line and an exit code, no crash, nothing lost."""

    def setUp(self):
        super().setUp()
        self.node_key, self.node = self.key()
        self.proof, self.summary = self.race("--nonces", 200, *EASY, key=self.node_key)
        self.commitment = self.path / "commitment"
        self.json("commit", self.proof, "--insecure", "--key", self.node_key, "--out", self.commitment)
        self.verdict = self.path / "verdict.json"
        self.verdict.write_text(self.succeeds("verify", self.proof, *self.expected(self.summary), "--json").stdout)
        self.epoch = self.path / "epoch.json"
        self.epoch.write_text(json.dumps(json.loads(Economics.VECTORS.read_text())["settlements"][0]["epoch"]))
        self.votes = self.path / "votes.json"
        self.votes.write_text(json.dumps(Economics.votes(Economics)))

    def commands(self):
        """Every command that prints, with arguments that it accepts; what they write is new each time."""
        selection = ["--chain-id", "c", "--epoch", 7, "--beacon", "11" * 32, "--task", "22" * 32, "--executor", KEY,
                     "--rate", "1/2", "--weight", 50, "--total", 100]  # fmt: skip
        vrf = self.json("vrf", "prove", "--key", self.node_key, "--alpha", "00")
        new = (self.path / f"new.{number}" for number in range(1000))
        yield ["--help"]
        yield ["--version"]
        yield ["race", "--help"]
        yield ["info"]
        yield ["selftest"]
        yield ["keygen", "--out", next(new)]
        yield ["race", "--preset", "tiny", "--insecure", *GENESIS, "--nonces", 5, "--key", self.node_key, "--out", next(new)]
        yield ["evaluate", "--preset", "tiny", *GENESIS, "--public-key", KEY, "--nonce", 1]
        yield ["verify", self.proof, *self.expected(self.summary)]
        yield ["commit", self.proof, "--insecure", "--key", self.node_key, "--out", next(new)]
        yield ["open", self.proof, "--insecure", "--commitment", self.commitment, "--rank", 0, "--out", next(new)]
        yield ["weights", self.verdict, "--insecure"]
        yield ["select", "--key", self.node_key, *selection]
        yield ["vrf", "public-key", "--key", self.node_key]
        yield ["vrf", "prove", "--key", self.node_key, "--alpha", "00"]
        yield ["vrf", "verify", "--public-key", vrf["vrf_key"], "--alpha", "00", "--proof", vrf["proof"]]
        yield ["beacon", "simulate", "--nodes", 4, "--ceremonies", 1]
        yield ["emission", "list"]
        yield ["emission", "show", "bitcoin", "--from", 0, "--to", 5000]
        yield ["judge", "binomial", "--checks", 9, "--failures", 0, "--rate", "1/20", "--significance", "1/20"]
        yield ["judge", "sprt", "--failures", 0, "--passes", 1, "--honest", "1/20", "--dishonest", "1/5", "--limit", 4]
        yield ["judge", "consecutive", "--run", 1, "--rate", "1/20", "--limit", "1/1000000"]
        yield ["judge", "operating-characteristic", "--checks", 5, "--rate", "1/2", "--epoch-rate", "1/20", "--significance", "1/20"]
        yield ["settle", self.epoch]
        yield ["price", self.votes]

    def ends_with_2(self, arguments, **streams):
        outcome = subprocess.run([POUW, *map(str, arguments)], timeout=120, text=True, **streams)
        self.assertEqual(outcome.returncode, 2, (arguments, outcome.stderr))
        if outcome.stderr is not None:
            self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
            self.assertIn("the output cannot be written", outcome.stderr)

    def test_every_command_fails_on_a_full_device(self):
        with open("/dev/full", "w") as full:
            for number, arguments in enumerate(self.commands()):
                with self.subTest(arguments):
                    self.ends_with_2(arguments, stdout=full, stderr=subprocess.PIPE)
            self.assertGreater(number, 20)
            for arguments in self.commands():
                with self.subTest(arguments):
                    self.ends_with_2(arguments, stdout=full, stderr=full)

    def test_every_command_fails_on_a_closed_pipe(self):
        read, write = os.pipe()
        os.close(read)
        for arguments in self.commands():
            with self.subTest(arguments):
                self.ends_with_2(arguments, stdout=write, stderr=subprocess.PIPE)
        os.close(write)

    def test_a_reader_of_one_line_ends_long_output(self):
        for arguments in (
            ["emission", "show", "bitcoin", "--from", "0", "--to", "9000000"],
            ["evaluate", "--preset", "tiny", *GENESIS, "--public-key", KEY, "--json", "--nonce", ",".join(map(str, range(400)))],
        ):
            with subprocess.Popen([POUW, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                process.stdout.read(1)
                process.stdout.close()
                error = process.stderr.read()
                self.assertEqual(process.wait(timeout=120), 2, error)
            self.assertIn("the output cannot be written", error)

    def test_closed_standard_streams_do_not_spoil_files(self):
        def without(*streams):
            return lambda: [os.close(stream) for stream in streams]

        common = ["race", "--preset", "tiny", "--insecure", *map(str, GENESIS), "--nonces", "50", *EASY, "--key", str(self.node_key)]
        expected = self.race("--nonces", 50, *EASY, out="expected", key=self.node_key)[0].read_bytes()
        for number, (streams, code) in enumerate((((0,), 0), ((1,), 2), ((2,), 0), ((0, 1, 2), 2))):
            file = self.path / f"closed.{number}"
            process = subprocess.run([POUW, *common, "--out", str(file)], preexec_fn=without(*streams), timeout=120,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            self.assertEqual(process.returncode, code, streams)
            self.assertEqual(file.read_bytes(), expected, streams)
        outcome = subprocess.run([POUW, "verify", "--json", str(self.proof), *map(str, self.expected(self.summary))], preexec_fn=without(0, 2), stdout=subprocess.PIPE, timeout=120)
        self.assertEqual(json.loads(outcome.stdout)["valid"], True)

    def test_a_log_that_cannot_be_written_does_not_end_a_race(self):
        parent, child = pty.openpty()
        file = self.path / "p"
        process = subprocess.Popen(
            [POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--seconds", "2", "--key", self.node_key, "--out", file],
            stdout=subprocess.DEVNULL, stderr=child)
        os.close(child)
        os.read(parent, 1)  # the progress is shown ...
        os.close(parent)  # ... and then the terminal is gone
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertGreater(int(self.json("verify", file, *self.expected(self.summary))["claimed"]), 0)

    def test_keys_that_others_can_read_are_refused(self):
        uses = (
            ["race", "--preset", "tiny", "--insecure", *GENESIS, "--nonces", 5, "--out", self.path / "p"],
            ["commit", self.proof, "--insecure", "--out", self.path / "c"],
            ["vrf", "public-key"],
            ["vrf", "prove", "--alpha", "00"],
        )
        for mode in (0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o777):
            self.node_key.chmod(mode)
            for use in uses:
                outcome = self.fails(2, "chmod 600", *use, "--key", self.node_key)
                self.assertIn("node.key: others can read", outcome.stderr)
                self.assertIn(f"{mode:04o}", outcome.stderr)
        for mode in (0o600, 0o400, 0o700):
            self.node_key.chmod(mode)
            self.succeeds("vrf", "public-key", "--key", self.node_key)
        if os.getuid() == 0:  # as for ssh, files of other users are theirs to guard
            self.node_key.chmod(0o644)
            os.chown(self.node_key, 12345, 12345)
            self.succeeds("vrf", "public-key", "--key", self.node_key)

    def test_a_proof_whose_place_is_gone_is_kept_elsewhere(self):
        for number, (spoil, place) in enumerate((
            (lambda folder, out: out.write_text("precious"), "folder"),
            (lambda folder, out: shutil.rmtree(folder), "temporary"),
        )):
            folder, temporary = self.path / f"folder.{number}", self.path / f"temporary.{number}"
            folder.mkdir()
            temporary.mkdir()
            out = folder / "race.proof"
            process = subprocess.Popen(
                [POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--key", self.node_key, "--out", out],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(temporary)})
            time.sleep(2)
            spoil(folder, out)
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 2, error)
            self.assertEqual(error.count("\n"), 1, error)
            self.assertIn(f"{out}: ", error)
            kept = pathlib.Path(error.rsplit(" kept as ", 1)[1].strip())
            self.assertEqual(kept.parent, self.path / f"{place}.{number}")
            self.assertTrue(kept.name.startswith("race.proof."))
            self.assertGreater(int(self.json("verify", kept, *self.expected(self.summary))["claimed"]), 0)
            if place == "folder":
                self.assertEqual(out.read_text(), "precious")
                self.assertEqual(len(os.listdir(folder)), 2)

    def test_a_proof_that_no_disk_takes_is_printed(self):
        out = self.path / "race.proof.2"
        arguments = ["race", "--preset", "tiny", "--insecure", *GENESIS, "--nonces", "200", *EASY, "--key", self.node_key, "--out", out]
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        outcome = self.fails(2, "race.proof.2: File too large; the proof is kept nowhere, printed", *arguments, preexec_fn=limit)
        self.assertEqual(bytes.fromhex(outcome.stdout), self.proof.read_bytes())
        with open("/dev/full", "w") as full:
            lost = subprocess.run([POUW, *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        self.assertEqual(lost.returncode, 2)
        self.assertIn("the proof is lost", lost.stderr)

    def test_a_hangup_ends_a_race_unless_it_is_ignored(self):
        for ignored in (False, True):
            file = self.path / f"hangup.{ignored}"
            process = subprocess.Popen(
                [POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, *EASY, "--seconds", "6", "--key", self.node_key, "--out", file, "--json"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                preexec_fn=(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) if ignored else None)
            time.sleep(2)
            process.send_signal(signal.SIGHUP)
            out, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, error)
            self.assertEqual(json.loads(out)["seconds"] > 5, ignored)
            self.assertEqual(self.json("verify", file, *self.expected(self.summary))["valid"], True)

    def test_a_killed_program_leaves_no_file(self):
        try:
            os.close(os.open(self.path, os.O_TMPFILE | os.O_WRONLY))
        except OSError:
            self.skipTest("the file system has no files without a name")
        before = sorted(os.listdir(self.path))
        for signals in ((signal.SIGKILL,), (signal.SIGINT, signal.SIGINT)):
            process = subprocess.Popen([POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, "--threshold", "1", "--key", self.node_key,
                                        "--out", self.path / "p"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            time.sleep(1)
            for number in signals:
                process.send_signal(number)
            process.wait(timeout=60)
            (self.path / "p").unlink(missing_ok=True)  # complete, if the first signal ended the race before the second came
            self.assertEqual(sorted(os.listdir(self.path)), before)

    def test_a_full_standard_error_changes_no_verdict(self):
        file = self.path / "rubbish\x1b[2J"
        file.write_bytes(b"pouw")
        for arguments in (["verify", file], ["verify", "--fraud-proof", file]):
            self.assertNotIn("\x1b", self.fails(1, "refused", *arguments).stderr)
            with open("/dev/full", "w") as full:
                lost = subprocess.run([POUW, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=full)
            self.assertEqual(lost.returncode, 1)

    def test_no_file_is_waited_for(self):
        pipe = self.path / "pipe"
        os.mkfifo(pipe)
        for command in ("settle", "price", "weights", "verify"):
            self.fails(2, "not a regular file", command, pipe)
            self.fails(2, "not a regular file", command, "/dev/zero")

    def test_no_content_of_a_file_crashes(self):
        contents = [b"", b"\0", b"\xff" * 1000, bytes(range(256)) * 40, b"{" * 1000, b'"', os.urandom(5000),
                    self.proof.read_bytes()[:60], self.commitment.read_bytes() + bytes(9), b"pouw", b"\x7fELF" + bytes(400)]  # fmt: skip
        file = self.path / "rubbish"
        file.touch(0o600)
        for content in contents:
            file.write_bytes(content)
            for arguments in (
                ["settle", file], ["price", file], ["weights", file], ["verify", file], ["vrf", "public-key", "--key", file],
                ["verify", "--fraud-proof", file], ["verify", "--commitment", file, "--opening", file],
                ["commit", file, "--out", self.path / "none"], ["open", file, "--commitment", file, "--rank", 0, "--out", self.path / "none"],
                ["judge", "compare", file, file, "--threshold", 1, "--mismatch-rate", "1/100", "--significance", "1/100",
                 "--seed", "11" * 32, "--longest", 9],
            ):  # fmt: skip
                with self.subTest(arguments, content=content[:20]):
                    outcome = run(*arguments)
                    self.assertIn(outcome.returncode, (1, 2), outcome.stderr)
                    self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)

    def test_json_costs_what_its_size_says(self):
        file = self.path / "deep.json"
        deep = '{"a":' + "[" * 200_000 + "]" * 200_000 + "}"
        objects = '{"a":' * 100_000 + "0" + "}" * 100_000
        keys = "{" + ",".join(f'"k{i}":0' for i in range(100_000)) + "}"
        started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        for text in ("[" * 200_000, "{" * 200_000, deep, objects, keys, keys[:-1] + ',"k99999":0}'):
            file.write_text(text)
            for command in ("settle", "price", "weights"):
                outcome = run(command, file)
                self.assertIn(outcome.returncode, (1, 2), outcome.stderr)
                self.assertEqual(outcome.stderr.count("\n"), 1)
                self.assertLess(len(outcome.stderr), 5000)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - started, 60)

    def test_messages_are_one_line_and_move_no_cursor(self):
        file = self.path / "names.json"
        for key in ("a\nb", "\x1b[2J", "\r", "\u009b2J", "\x7f", "x" * 1_000_000):
            file.write_text(json.dumps({key: "1", **json.loads(self.votes.read_text())}))
            outcome = self.fails(1, "is unknown", "price", file)
            self.assertNotRegex(outcome.stderr[:-1], "[\x00-\x1f\x7f\u0080-\u009f]")
            self.assertLess(len(outcome.stderr), 3000)
        for argument in ("\x1b[2J", "a\nb", b"\xff"):
            outcome = subprocess.run([POUW, argument], capture_output=True, timeout=60)
            self.assertEqual(outcome.returncode, 2)
            self.assertRegex(outcome.stderr[:-1], rb"^pouw: unknown command '[ -~]+' \(see `pouw --help`\)$")
        self.fails(2, r"no\x0asuch", "settle", self.path / "no\nsuch")

    def test_files_may_have_any_name(self):
        name = os.fsencode(self.path) + b"/\xff.key"
        outcome = subprocess.run([POUW, "keygen", "--json", "--out", name], capture_output=True, timeout=60)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("node", json.loads(outcome.stdout))
        proof = os.fsencode(self.path) + b"/\xff.proof"
        outcome = subprocess.run([POUW, "race", "--preset", "tiny", "--insecure", *GENESIS, "--nonces", "5", "--key", name, "--json", "--out", proof],
                                 capture_output=True, timeout=60)  # fmt: skip
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(json.loads(outcome.stdout)["nonces_tried"], "5")
        self.fails(2, "empty", "keygen", "--out", "")
        self.fails(2, "empty", "race", "--preset", "tiny", "--insecure", *GENESIS, "--nonces", 5, "--key", self.node_key, "--out", "")

    def test_huge_numbers(self):
        race = ["race", "--preset", "tiny", "--insecure", *GENESIS, "--key", self.node_key, "--out", self.path / "p"]
        for seconds in ("99999999999", "1000000001", "0.00000000000001", "1e9", "inf", "nan"):
            self.fails(2, "--seconds", *race, "--seconds", seconds)
        for threads in ("1025", "4294967295", "4294967296", "18446744073709551615"):
            self.fails(2, "--threads", *race, "--threads", threads)
            self.fails(2, "--threads", "bench", "--preset", "tiny", "--threads", threads)
            self.fails(2, "--threads", "evaluate", "--preset", "tiny", *GENESIS, "--public-key", KEY, "--nonce", 1, "--threads", threads)
        most = 2**32 - 1
        started = time.monotonic()
        binomial = ["judge", "binomial", "--rate", "1/2", "--checks"]
        for checks, failures in ((10**6, 500_001), (10**6 + 1, 500_001), (most, 2**31)):
            verdict = json.loads(run(*binomial, checks, "--failures", failures, "--significance", "1/2", "--json").stdout)
            self.assertEqual(verdict["critical_failures"], checks // 2 + 1)
            self.assertEqual(verdict["convicted"], True)
        sprt = ["judge", "sprt", "--honest", "1/3", "--dishonest", "2/3", "--false-positive", "1/3", "--false-negative", "1/3"]
        self.assertIn("convicted", run(*sprt, "--failures", most, "--passes", most - 1).stdout)
        self.assertIn("undecided", run(*sprt, "--failures", most, "--passes", most).stdout)
        self.assertLess(time.monotonic() - started, 100)


class Others(CommandLine):
    def test_keygen_makes_private_files(self):
        file, public_key = self.key()
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(len(public_key), 64)
        _, other = self.key("other.key")
        self.assertNotEqual(public_key, other)

    def test_info(self):
        info = self.json("info")
        presets = {preset["name"]: preset for preset in info["presets"]}
        self.assertEqual(presets["whitepaper"]["parameters"], "608176128")
        self.assertEqual(presets["whitepaper-2.3b"]["parameters"], "2285897728")
        self.assertTrue(presets["tiny"]["model"].startswith("e07372af941b3c45"))
        backends = {backend["name"]: backend for backend in info["backends"]}
        self.assertTrue(backends["scalar"]["supported"])
        self.assertTrue(backends["scalar"]["description"])
        text = self.succeeds("info").stdout
        self.assertIn("[runs unless told otherwise]", text)

    def test_selftest_help_and_version(self):
        self.assertTrue(self.json("selftest")["passed"])
        self.assertIn("race", self.succeeds("--help").stdout)
        self.assertRegex(self.succeeds("--version").stdout, r"^pouw \d+\.\d+\.\d+\n$")
        for command in ("race", "verify", "commit", "open", "weights", "evaluate", "select", "info", "keygen", "selftest"):
            self.assertIn("--json", self.succeeds(command, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
