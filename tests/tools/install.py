#!/usr/bin/env python3
"""Installs libloadline into a temporary folder, builds examples/forecast_csv.c with nothing but
that and pkg-config, and runs it.

usage: install.py BUILD SOURCE CC SANITIZE      SANITIZE: the build's b_sanitize"""
import contextlib
import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE, CC, SANITIZE = sys.argv[1:5]
FLAGS = [] if SANITIZE == "none" else [f"-fsanitize={SANITIZE}"]


def requests():
    """Four weeks of hours: a day's shape, weekends at half, two hours missing."""
    rows = []
    for hour in range(28 * 24):
        busy = 100 + 80 * (8 <= hour % 24 < 20)
        if hour // 24 % 7 >= 5:
            busy /= 2
        if hour not in (200, 201):
            rows.append(f"2026-06-{1 + hour // 24:02}T{hour % 24:02}:00:00Z,{busy + hour % 5}")
    return "timestamp,value\n" + "\n".join(rows) + "\n"


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keep = contextlib.ExitStack()
        cls.addClassCleanup(keep.close)
        cls.root = pathlib.Path(keep.enter_context(tempfile.TemporaryDirectory()))
        args = ["meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "devel"]
        subprocess.run([*args, "--destdir", cls.root], check=True, capture_output=True)
        pc = next(cls.root.rglob("loadline.pc"))
        cls.env = {
            **os.environ,
            "PKG_CONFIG_PATH": str(pc.parent),
            "PKG_CONFIG_SYSROOT_DIR": str(cls.root),
            "CC": CC,
        }

    def pkg_config(self, *args):
        run = subprocess.run(
            ["pkg-config", *args, "loadline"], env=self.env, check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
        return run.stdout.split()

    def compile(self, *args):
        run = subprocess.run(
            [*CC.split(), "-std=gnu17", "-Wall", "-Wextra", "-Werror", *FLAGS, *args],
            env=self.env,
            capture_output=True,
            encoding="utf-8",
        )
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_each_public_header_compiles_alone(self):
        headers = sorted(self.root.rglob("loadline-*/loadline/*.h"))
        self.assertGreaterEqual(len(headers), 4)
        for h in headers:
            with self.subTest(h.name):
                source = self.root / "alone.c"
                source.write_text(f"#include <loadline/{h.name}>\nint nothing;\n")
                self.compile(*self.pkg_config("--cflags"), "-fsyntax-only", str(source))

    def test_the_example_is_built_by_its_makefile_and_forecasts(self):
        for name in ("Makefile", "forecast_csv.c"):
            (self.root / name).write_bytes((pathlib.Path(SOURCE) / "examples" / name).read_bytes())
        made = subprocess.run(
            ["make", "-C", self.root, "LDFLAGS=" + " ".join(FLAGS)],
            env=self.env, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        self.assertEqual(made.returncode, 0, made.stderr)
        run = subprocess.run(
            [self.root / "forecast_csv"], input=requests(), check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
        why, _, table = run.stdout.partition("\n")
        self.assertIn("24", why)
        rows = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([r["timestamp"] for r in rows[::23]], ["2026-06-29T00:00:00.000Z", "2026-06-29T23:00:00.000Z"])
        for r in rows:  # a Monday: 100, in the day 180, and what five hours add
            usual = 182 if 8 <= int(r["timestamp"][11:13]) < 20 else 102
            self.assertAlmostEqual(float(r["predicted_value"]), usual, delta=8)
            self.assertLessEqual(float(r["confidence_lower"]), float(r["predicted_value"]))
            self.assertGreaterEqual(float(r["confidence_upper"]), float(r["predicted_value"]))

    def test_the_example_says_what_it_cannot_do(self):
        source = str(pathlib.Path(SOURCE) / "examples" / "forecast_csv.c")
        program = str(self.root / "alone")
        self.compile(*self.pkg_config("--cflags"), source, *self.pkg_config("--libs"), "-o", program)
        run = subprocess.run([program], input="timestamp,value\n", capture_output=True, encoding="utf-8")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertNotEqual(run.stderr, "")


if __name__ == "__main__":
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
