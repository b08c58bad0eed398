"""`loadline check metrics`: what it prints in each form, and how it refuses."""
import json
import os
import tempfile
import unittest

from support import SOURCE, run

GOOD = '# TYPE a counter\na{x="1"} 1\na{x="2"} 2.5e-7\nb NaN\nb{le="+Inf"} -1e21\n'


def check(page, *flags):
    with tempfile.TemporaryFile() as f:
        f.write(page if isinstance(page, bytes) else page.encode())
        f.seek(0)
        return run("check", "metrics", *flags, stdin=f)


class Pages(unittest.TestCase):
    def test_a_table_of_families(self):
        r = check(GOOD)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(r.stdout.splitlines()[0], "valid: 4 series in 2 families")
        self.assertRegex(r.stdout, r"(?m)^a +counter +2$")
        self.assertRegex(r.stdout, r"(?m)^b +unknown +2$")

    def test_series_one_a_line(self):
        r = check(GOOD, "-o", "ndjson")
        rows = [json.loads(line) for line in r.stdout.splitlines()]
        self.assertEqual(
            rows,
            [
                {"labels": {"__name__": "a", "x": "1"}, "value": "1"},
                {"labels": {"__name__": "a", "x": "2"}, "value": "0.00000025"},
                {"labels": {"__name__": "b"}, "value": "NaN"},
                {"labels": {"__name__": "b", "le": "+Inf"}, "value": "-1000000000000000000000"},
            ],
        )

    def test_values_are_the_shortest(self):
        texts = ["0", "-0", "0.1", "100", "1234.5", "9223372036854775808", "5e-324", "+Inf", "-Inf", "1e2"]
        want = ["0", "-0", "0.1", "100", "1234.5", "9223372036854776000", None, "+Inf", "-Inf", "100"]
        want[6] = "0." + "0" * 323 + "5"
        page = "".join(f"m{i} {text}\n" for i, text in enumerate(texts))
        rows = [json.loads(line)["value"] for line in check(page, "-o", "ndjson").stdout.splitlines()]
        self.assertEqual(rows, want)

    def test_csv_and_json(self):
        r = check(GOOD, "-o", "csv")
        self.assertEqual(r.stdout.splitlines(), ["family,type,series", "a,counter,2", "b,unknown,2"])
        doc = json.loads(check(GOOD, "-o", "json").stdout)
        self.assertEqual(doc, {"valid": True, "families": 2, "series": 4, "repeated": 0, "errors": []})
        r = check("a 1\nb{ 2\n", "--json")
        doc = json.loads(r.stdout)
        self.assertEqual((r.returncode, doc["valid"], doc["errors"][0]["line"]), (1, False, 2))

    def test_a_fault_has_its_place(self):
        r = check("a 1\nb{x=1} 2\n", "-o", "ndjson")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertEqual(r.stderr, "loadline: line 2, column 5: expected the label's value in double quotes\n")

    def test_the_format_matters(self):
        self.assertEqual(check("a  1\n").returncode, 0)
        self.assertEqual(check("a  1\n", "--format", "om").returncode, 1)
        self.assertEqual(check("a 1\n# EOF\n", "--format=om").returncode, 0)
        self.assertEqual(check("a 1\n", "--format", "xml").returncode, 2)

    def test_repeated_series_are_counted(self):
        r = check("a 1\na 2\na 3 5\n", "-o", "ndjson")
        self.assertEqual([json.loads(x)["value"] for x in r.stdout.splitlines()], ["1"])
        self.assertIn("1 samples repeat", r.stderr)

    def test_nothing_and_a_real_page(self):
        self.assertEqual(check("").returncode, 0)
        self.assertEqual(check("", "--format", "om").returncode, 1)
        with open(os.path.join(SOURCE, "tests/data/pages/node_exporter_1.5.0.prom"), "rb") as f:
            r = check(f.read())
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertIn("valid: 507 series in 283 families", r.stdout)

    def test_a_terminal_is_not_told_what_to_do(self):
        r = check('{"a\x1b[31mb"} 1\n')
        self.assertEqual(r.returncode, 0)
        self.assertNotIn("\x1b", r.stdout)
        self.assertIn("a?[31mb", r.stdout)

    def test_too_large_is_said(self):
        r = check(b"#" * ((64 << 20) + 1))
        self.assertEqual(r.returncode, 1)
        self.assertIn("over 64 MiB", r.stderr)
