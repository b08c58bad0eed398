"""import csv and export, against a real daemon."""
import datetime
import gzip
import json
import os
import sqlite3
import tempfile
import time
import unittest

from support import daemon, run

HEADER = "series,timestamp,value,capacity,service,resource_type,instance,part,max_value,window_seconds"


def write(folder, name, text):
    path = os.path.join(folder, name)
    opened = gzip.open if name.endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8") as f:
        f.write(text)
    return path


def history(days, services=2, step=600):
    """Rows by time, all series at each moment, as an export by time has them."""
    now = int(time.time()) // step * step
    rows = ["series,timestamp,value,capacity,service,resource_type"]
    for t in range(now - days * 86400, now, step):
        rows += [f"s{i},{t},{i + 1},10,svc{i},CPU" for i in range(services)]
    return "\n".join(rows) + "\n", (len(rows) - 1)


class Data(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = daemon("--collect.host.enabled=false")
        cls.daemon = cls.context.__enter__()
        cls.folder = tempfile.mkdtemp(dir=cls.daemon.folder)

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def ok(self, *args, **kw):
        r = self.daemon.run(*args, **kw)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r

    def test_a_file_becomes_samples_and_buckets(self):
        text, rows = history(20)
        path = write(self.folder, "h.csv.gz", text)
        dry = json.loads(self.ok("import", "csv", path, "--dry-run", "--json").stdout)
        self.assertTrue(dry["dry_run"])
        for again in range(2):
            got = json.loads(self.ok("import", "csv", path, "--json").stdout)
            self.assertEqual(got["rows"], rows)
            self.assertEqual(got["samples"] + got["rolled"], rows)
            self.assertGreater(got["rolled"], 0)
            self.assertEqual((got["refused"], got["expired"]), (0, 0))
            self.assertEqual((got["samples"], got["rollups"]), (dry["samples"], dry["rollups"]))
        for step in ("1h", "1d"):
            out = self.ok(
                "metrics", "svc1", "cpu", "--since", "19d", "--step", step, "-o", "csv"
            ).stdout.split("\n")[1:-1]
            values = [line.split(",")[1] for line in out]
            self.assertGreater(len(values), 18)
            self.assertEqual(set(values[1:-1]), {"2"}, step)  # no hole where the two meet

    def test_what_was_exported_can_be_imported(self):
        now = int(time.time())
        rows = [f'"a ""b""",{now - 60 + i},{i}.5,,exp,MEMORY,i1,/var,9,15' for i in range(3)]
        path = write(self.folder, "e.csv", HEADER + "\r\n" + "\r\n".join(rows))
        self.ok("import", "csv", path)
        out = self.ok("export", "--service", "exp", "--resource", "memory").stdout
        lines = out.strip().split("\n")
        self.assertEqual(lines[0], HEADER)
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[1], r"^exp/MEMORY/i1//var,20.*Z,0.5,,exp,MEMORY,i1,/var,9,15$")
        copy = write(self.folder, "copy.csv", out.replace("exp", "other"))
        self.ok("import", "csv", copy)
        self.assertEqual(
            self.ok("export", "--service", "other").stdout, out.replace("exp", "other")
        )

    def test_bad_rows_are_counted_and_shown(self):
        now = int(time.time())
        good = f"x,{now - 5},1\n"
        path = write(
            self.folder,
            "bad.csv",
            "series,timestamp,value\n" + good + f"x,{now - 4},\nx,{now - 3},NaN\n"
            "x,never,1\n" + f'x"y,{now},1\n' + f"x,{now},-1\nx,{now + 7200},1\n",
        )
        r = self.ok("import", "csv", path, "--json")
        got = json.loads(r.stdout)
        self.assertEqual((got["samples"], got["no_data"], got["refused"]), (1, 2, 4))
        for line in ("line 5: timestamp 'never'", "line 6: a quote", "line 7: ", "line 8: "):
            self.assertIn(line, r.stderr)
        self.assertEqual(self.daemon.run("import", "csv", path, "--strict").returncode, 1)
        path = write(self.folder, "worse.csv", "series,timestamp,value\n" + "x,y,z\n" * 15)
        r = self.daemon.run("import", "csv", path)
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr.count(": line "), 10)
        self.assertIn("5 more rows", r.stderr)

    def test_bare_series(self):
        now = int(time.time())
        text = f"series,timestamp,value\nq1,{now - 3},1\nq2,{now - 2},2\n"
        path = write(self.folder, "bare.csv", text)
        self.ok("import", "csv", path)
        self.assertIn("q1/API_CALLS,", self.ok("export", "--service", "q1").stdout)
        self.ok("import", "csv", path, "--service", "broker", "--resource", "queue_depth")
        out = self.ok("export", "--service", "broker").stdout
        self.assertIn("broker/QUEUE_DEPTH/q1,", out)
        self.assertIn("broker/QUEUE_DEPTH/q2,", out)

    def test_standard_input(self):
        with tempfile.TemporaryFile() as f:
            f.write(b"series,timestamp,value\nin,%d,1\n" % (int(time.time()) - 1))
            f.seek(0)
            self.assertIn("1 rows: 1 samples", self.ok("import", "csv", "-", stdin=f).stdout)

    def test_files_that_are_none(self):
        cases = {
            "empty.csv": ("", "the file is empty"),
            "header.csv": ("time,value\n", "column 'time' is not known"),
        }
        for name, (text, says) in cases.items():
            r = self.daemon.run("import", "csv", write(self.folder, name, text))
            self.assertEqual(r.returncode, 1)
            self.assertIn(says, r.stderr)
        path = write(self.folder, "cut.csv.gz", history(1)[0])
        os.truncate(path, os.path.getsize(path) // 2)
        r = self.daemon.run("import", "csv", path)
        self.assertEqual(r.returncode, 1)
        self.assertIn("cannot be read to its end", r.stderr)
        r = self.daemon.run("import", "csv", os.path.join(self.folder, "none.csv"))
        self.assertEqual(r.returncode, 4)
        r = run("import", "csv", path, "--server", "http://127.0.0.1:1")
        self.assertEqual(r.returncode, 5)

    def test_labelled_series(self):
        t0 = 1763942400000
        with sqlite3.connect(os.path.join(self.daemon.folder, "data", "loadline.db")) as db:
            db.execute("INSERT INTO label_series VALUES(901,?,0,0)", ('{"__name__":"up","job":"a"}',))
            values = [1, 0.1, bytes.fromhex("7ff0000000000002"), float("inf")]
            db.executemany(
                "INSERT INTO label_samples VALUES(901,?,?)",
                [(t0 + i, v) for i, v in enumerate(values)],
            )
        db.close()
        line = json.loads(self.ok("export", "--match", 'up{job="a"}', "-o", "ndjson").stdout)
        self.assertEqual(line["labels"], {"__name__": "up", "job": "a"})
        self.assertEqual(
            line["points"],
            [
                [t0, "1"],
                [t0 + 1, "0.1"],
                [t0 + 2, "NaN", "7ff0000000000002"],
                [t0 + 3, "+Inf"],
            ],
        )
        csv = self.ok("export", "--match", "up", "--match", "down", "-o", "csv").stdout
        self.assertEqual(csv.split("\n")[1], '"up{job=""a""}",2025-11-24T00:00:00.000Z,1')
        whole = json.loads(self.ok("export", "--match", "up", "--json").stdout)
        self.assertEqual(len(whole), 1)
        self.assertIn("up{job=\"a\"}", self.ok("export", "--match", "up").stdout)
        r = self.ok("export", "--match", "nothing", "--json")
        self.assertEqual(json.loads(r.stdout), [])
        self.assertIn("no stored series matches", r.stderr)
        self.assertEqual(self.daemon.run("export", "--match", "up{").returncode, 1)
        self.assertEqual(self.daemon.run("export", "--match", "up", "--service", "x").returncode, 2)
        self.assertEqual(self.daemon.run("export", "-o", "table").returncode, 2)

    def test_business_counts_are_correctable(self):
        when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for value in (5, 7):
            count = {"metric": "trades", "venue": "XNYS", "value": value, "timestamp": when}
            self.assertEqual(
                self.daemon.request("POST", "/api/v1/metrics", {"business": [count]})[0], 200
            )
        status, body = self.daemon.request("GET", "/api/v1/business?metric=trades")
        self.assertEqual(status, 200)
        self.assertEqual([r["value"] for r in json.loads(body)["items"]], [7])


if __name__ == "__main__":
    unittest.main()
