"""NumPy recomputes the lab's figures from the raw outputs of a run, and no altered figure or output goes unnoticed.

raw_outputs_test.py POUW [OPTION ...]: the options of `pouw soundness` that choose the run.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace

import numpy as np

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "reference"
sys.path.insert(0, str(REFERENCE))
import soundness as script  # noqa: E402

POUW, OPTIONS = sys.argv[1], sys.argv[2:]
del sys.argv[1:]


def draw(outputs, folder):
    command = [POUW, "soundness", *OPTIONS, "--outputs-only", "--raw-outputs", outputs, "--output", folder]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def recompute(outputs, report, *arguments):
    command = [sys.executable, "-B", REFERENCE / "soundness.py", outputs, "--report", report, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def row_of(report, name):
    return next(row for row in report["health"] if row["property"] == name)


class RawOutputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.outputs = pathlib.Path(cls.folder.name) / "outputs.i8"
        run = draw(cls.outputs, cls.folder.name)
        assert run.returncode == 0, run.stderr
        cls.report_path = pathlib.Path(cls.folder.name) / "report.json"
        cls.report = json.loads(cls.report_path.read_text())
        cls.raw = script.load(cls.outputs)
        cls.figures = script.figures_of(cls.raw, True, 512)
        cls.compared = [figure for figure in cls.figures if script.verdict(figure, cls.report)[0]]

    def wrong(self, report, figures=None):
        """The rows that the comparison objects to."""
        checked = self.figures if figures is None else figures
        return {figure.name for figure in checked if script.verdict(figure, report)[1]}

    def test_every_figure_is_within_its_interval(self):
        lines, good = script.compare(self.figures, self.report)
        self.assertTrue(good, "\n".join(lines))
        self.assertGreaterEqual(len({figure.name for figure in self.compared}), 13)

    def test_the_outputs_are_those_of_the_specification(self):
        output = script.recomputed(self.raw, 1)
        np.testing.assert_array_equal(output, self.raw.values[:1])
        self.assertFalse(np.array_equal(output, self.raw.values[1:2]))

    def test_without_the_last_layer_a_cosine_is_left_and_without_an_early_one_none(self):
        if self.raw.config.model_dim > 128:
            self.skipTest("minutes of forward passes")
        last = script.cosine_without(self.raw, 16, [self.raw.config.layers - 1])
        early = script.cosine_without(self.raw, 16, [10])
        self.assertGreater(last.value, 10 * last.error)
        self.assertLess(abs(early.value), 5 * early.error)

    def test_an_interval_elsewhere_is_found(self):
        for name in {figure.name for figure in self.compared}:
            for direction in (1, -1):
                with self.subTest(name=name, direction=direction):
                    altered = copy.deepcopy(self.report)
                    row = row_of(altered, name)
                    low, _, high = row["value"]
                    row["value"] = [end + direction * (2 * (high - low) + 1e-6) for end in row["value"]]
                    self.assertEqual(self.wrong(altered), {name})

    def test_another_estimate_within_the_interval_is_found(self):
        for figure in self.compared:
            if not figure.same_outputs:
                continue
            with self.subTest(figure.name):
                altered = copy.deepcopy(self.report)
                value = row_of(altered, figure.name)["value"]
                value[1] += (value[2] - value[0]) / 20
                self.assertEqual(self.wrong(altered), {figure.name})

    def test_a_missing_row_is_found(self):
        for figure in self.compared:
            if not figure.required:
                continue
            altered = copy.deepcopy(self.report)
            altered["health"].remove(row_of(altered, figure.name))
            self.assertEqual(self.wrong(altered), {figure.name})

    def test_outputs_with_a_mean_are_found(self):
        values = self.raw.values.astype(np.int16)
        values[:, :16] += 4
        altered = np.clip(values, -127, 127).astype(np.int8)
        wrong = self.wrong(self.report, script.direction_figures(altered, True))
        self.assertIn("power of the mean", wrong)

    def test_outputs_that_repeat_are_found(self):
        altered = self.raw.values.copy()
        altered[1::2] = np.where(np.arange(len(altered[1::2]))[:, None] % 5 == 0, altered[0::2], altered[1::2])
        self.assertIn("cosine of two outputs, mean", self.wrong(self.report, script.cosine_figures(altered)))

    def test_longer_outputs_are_found(self):
        altered = np.clip(self.raw.values * 1.01, -127, 127).round().astype(np.int8)
        figures = script.length_figures(self.raw.config, script.lengths(altered))
        self.assertIn("|output|², mean", self.wrong(self.report, figures))

    def test_a_permutation_is_bound_to_its_own_output(self):
        part = replace(self.raw, nodes=[(self.raw.nodes[0][0], 50)], values=self.raw.values[:50])
        turned = replace(part, values=np.roll(part.values, 1, axis=0))
        distances = np.roll(script.own_distances(part), 1)
        self.assertGreater((script.own_distances(turned) != distances).sum(), 45)

    def test_the_script_says_so_by_its_exit_status(self):
        good = recompute(self.outputs, self.report_path, "--independent", "64")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        altered = copy.deepcopy(self.report)
        row = row_of(altered, "|output|², mean")
        row["value"] = [end * 1.001 for end in row["value"]]
        path = pathlib.Path(self.folder.name) / "altered.json"
        path.write_text(json.dumps(altered))
        bad = recompute(self.outputs, path, "--independent", "64")
        self.assertEqual((bad.returncode, bad.stdout.count("OUTSIDE")), (1, 1), bad.stderr)

    def test_an_altered_file_is_refused(self):
        copied = pathlib.Path(self.folder.name) / "altered.i8"
        data = bytearray(self.outputs.read_bytes())
        data[1000] ^= 1
        copied.write_bytes(data)
        pathlib.Path(f"{copied}.json").write_text(pathlib.Path(f"{self.outputs}.json").read_text())
        refused = recompute(copied, self.report_path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("digest", refused.stderr)

    def test_nothing_is_overwritten(self):
        before = self.outputs.read_bytes()
        self.assertEqual(draw(self.outputs, self.folder.name).returncode, 2)
        self.assertEqual(self.outputs.read_bytes(), before)

    def test_a_run_of_outputs_alone_has_not_passed(self):
        self.assertEqual((self.report["complete"], self.report["passed"]), (True, False))
        self.assertEqual((self.report["attacks"], self.report["controls"]), ([], []))


if __name__ == "__main__":
    unittest.main()
