"""Words: help, typos, versions, completion, man pages, the reference page."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support
from support import BIN, SOURCE, run


def commands():
    """Every command that the overview lists."""
    lines = run("help").stdout.splitlines()
    found = [re.match(r"  ([a-z]+(?: [a-z]+)?)(?:  |$)", line) for line in lines]
    names = [m.group(1) for m in found if m]
    return [n for n in names if not n.startswith("loadline")]


class Help(unittest.TestCase):
    def test_overview_lists_what_there_is(self):
        for name in ("serve", "status", "top", "services", "metrics", "doctor"):
            self.assertIn(name, commands())
        self.assertIn("check config", commands())
        self.assertIn("config show", commands())
        self.assertNotIn("man", commands())

    def test_every_command_has_help_with_two_examples_first(self):
        for name in commands():
            for args in (("help", *name.split()), (*name.split(), "--help"), (*name.split(), "-h")):
                with self.subTest(args=args):
                    r = run(*args)
                    self.assertEqual((r.returncode, r.stderr), (0, ""))
                    self.assertTrue(r.stdout.startswith(f"{name}: "), r.stdout[:80])
                    examples = r.stdout.split("\nUsage\n")[0].split("Examples\n")[1]
                    self.assertEqual(len(re.findall(r"^  \S", examples, re.M)), 2)
                    self.assertLessEqual(max(map(len, r.stdout.splitlines())), 80)

    def test_a_bare_word_of_a_group_says_its_verbs(self):
        r = run("config", "--help")
        self.assertEqual(r.returncode, 0)
        self.assertIn("config show", r.stdout)
        r = run("config")
        self.assertEqual(r.returncode, 2)
        self.assertIn("show, schema", r.stderr)

    def test_no_command_is_a_wrong_command_line(self):
        r = run()
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertIn("serve", r.stderr)


class Typos(unittest.TestCase):
    def check(self, args, said):
        r = run(*args)
        self.assertEqual((r.returncode, r.stdout), (2, ""), r.stderr)
        self.assertIn(said, r.stderr)

    def test_commands(self):
        self.check(["statsu"], "did you mean `status`?")
        self.check(["config", "shwo"], "did you mean `config show`?")
        self.check(["xyzzyx"], "there is no command 'xyzzyx'")
        self.check(["help", "servcies"], "did you mean `services`?")

    def test_flags(self):
        self.check(["status", "--chekc"], "did you mean `--check`?")
        self.check(["status", "-z"], "unknown flag -z")
        self.check(["serve", "--nonsense"], "unknown flag --nonsense")
        self.check(["--server", "http://x", "version"], "unknown flag --server")

    def test_values(self):
        self.check(["metrics", "host", "--since", "soon"], "--since: 'soon' is not accepted")
        self.check(["services", "-n", "0"], "a whole number from 1")
        self.check(["status", "-o", "xml"], "one of table|wide|json|ndjson|csv")
        self.check(["status", "-o"], "needs a value")
        self.check(["status", "--check=maybe"], "true or false")
        self.check(["status", "--json", "-o", "csv"], "contradict")
        self.check(["version", "-o", "csv"], "has no -o csv")
        self.check(["metrics", "host", "--since", "1h", "--since", "2h"], "given twice")

    def test_arguments(self):
        self.check(["metrics"], "SERVICE is missing")
        self.check(["services", "one"], "'one' is one word too many")
        self.check(["completion", "tcsh"], "bash, zsh or fish")
        self.check(["metrics", "host", "cpuu"], "did you mean `CPU`")

    def test_zones(self):
        self.check(["status", "--tz", "market"], "only the calendar commands")
        self.check(["status", "--tz", "Mars/Olympus"], "is not a time zone")
        self.check(["status", "--tz", "../../etc/passwd"], "is not a time zone")


class Version(unittest.TestCase):
    def test_both_ways(self):
        self.assertEqual(run("--version").stdout, run("version").stdout)
        self.assertRegex(run("version").stdout, r"^loadline \d+\.\d+\.\d+\n$")

    def test_json(self):
        for args in (["version", "-o", "json"], ["version", "-ojson"], ["version", "--json"]):
            r = run(*args)
            self.assertEqual(r.returncode, 0)
        self.assertEqual(json.loads(run("version", "--json").stdout)["name"], "loadline")
        self.assertEqual(json.loads(run("version", "--output=json").stdout)["name"], "loadline")

    def test_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            r = subprocess.run(
                [BIN, "version"], stdout=full, stderr=subprocess.PIPE, env=support.environment()
            )
        self.assertEqual(r.returncode, 1)
        self.assertIn(b"standard output", r.stderr)


class Completion(unittest.TestCase):
    def complete(self, *words):
        script = run("completion", "bash").stdout
        program = script + "\n_loadline\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
        setup = f"COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}\n"
        env = support.environment({"PATH": os.path.dirname(BIN) + ":" + os.environ["PATH"]})
        r = subprocess.run(
            ["bash", "-c", setup + program], env=env, capture_output=True, encoding="utf-8"
        )
        self.assertEqual(r.stderr, "")
        return r.stdout.split()

    def test_bash(self):
        self.assertEqual(self.complete("loadline", "stat"), ["status"])
        self.assertEqual(self.complete("loadline", "config", "sh"), ["show"])
        self.assertEqual(self.complete("loadline", "config", "show", "--sour"), ["--sources"])
        self.assertEqual(self.complete("loadline", "status", "-o", "nd"), ["ndjson"])
        self.assertEqual(self.complete("loadline", "metrics", "host", "MEM"), ["MEMORY"])
        self.assertEqual(self.complete("loadline", "completion", "z"), ["zsh"])

    def test_shells_accept_their_script(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell=shell):
                r = run("completion", shell)
                self.assertEqual((r.returncode, r.stderr), (0, ""))
                self.assertIn("status", r.stdout)
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not here")
                with tempfile.NamedTemporaryFile("w", suffix=".sh") as f:
                    f.write(r.stdout)
                    f.flush()
                    self.assertEqual(subprocess.run([shell, "-n", f.name]).returncode, 0)


class Pages(unittest.TestCase):
    def test_the_committed_reference_is_fresh(self):
        with open(os.path.join(SOURCE, "docs/reference/cli.md"), encoding="utf-8") as f:
            fresh = run("man", "--reference").stdout
            remedy = "run: build/loadline man --reference > docs/reference/cli.md"
            self.assertEqual(f.read(), fresh, remedy)

    def test_a_page_for_each_command(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("man", "--dir", folder).returncode, 0)
            pages = {f"loadline-{c.replace(' ', '-')}.1" for c in commands()} | {"loadline.1"}
            self.assertEqual(set(os.listdir(folder)), pages)
            if not shutil.which("groff"):
                self.skipTest("groff is not here")
            for page in sorted(pages):
                r = subprocess.run(
                    ["groff", "-man", "-Tascii", "-P-c", "-ww", os.path.join(folder, page)],
                    capture_output=True,
                    encoding="utf-8",
                )
                self.assertEqual((r.returncode, r.stderr), (0, ""), page)
                self.assertIn("EXIT STATUS", re.sub(r".\x08", "", r.stdout))


if __name__ == "__main__":
    unittest.main()
