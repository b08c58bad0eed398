"""The daemon and the commands that ask it: the real program on both sides."""
import csv
import io
import json
import os
import re
import signal
import socket
import sqlite3
import tempfile
import time
import unittest

import support
from support import UTF8, Daemon, daemon, run, wait_until

SAMPLE = {
    "service": "order-gateway",
    "resource_type": "API_CALLS",
    "current_value": 480,
    "capacity": 1000,
}
OTHER = {
    "service": "positions-db",
    "resource_type": "CONNECTIONS",
    "current_value": 396,
    "capacity": 400,
}
LOOKS = ("status", "services", "metrics host", "metrics host cpu", "top")


def push(d, **fields):
    status, body = d.request("POST", "/api/v1/metrics", {"metrics": [{**SAMPLE, **fields}]})
    if status != 200:
        raise AssertionError((status, body))


def sees(d, service):
    def names():
        items = json.loads(d.run("services", "--json").stdout)["items"]
        return service in [i["service"] for i in items]

    return names


class Reading(unittest.TestCase):
    """One daemon for all that only looks."""

    @classmethod
    def setUpClass(cls):
        cls.scope = daemon("--check-interval-seconds=1")
        cls.d = cls.scope.__enter__()
        push(cls.d)
        push(cls.d, **OTHER)
        wait_until(sees(cls.d, "positions-db"))
        wait_until(lambda: "CPU" in cls.d.run("services", "-q", "host", "--json").stdout)

    @classmethod
    def tearDownClass(cls):
        cls.scope.__exit__(None, None, None)

    def test_every_form_of_every_list_parses(self):
        for line in (*LOOKS[:-1], "metrics host cpu --since 1h --step 15s", "doctor"):
            args = line.split()
            with self.subTest(args=args):
                self.assertIsInstance(json.loads(self.d.run(*args, "-o", "json").stdout), dict)
                lines = self.d.run(*args, "-o", "ndjson").stdout.splitlines()
                self.assertTrue(lines)
                for line in lines:
                    self.assertIsInstance(json.loads(line), dict)
                rows = list(csv.reader(io.StringIO(self.d.run(*args, "-o", "csv").stdout)))
                self.assertGreater(len(rows), 1)
                self.assertEqual({len(r) for r in rows}, {len(rows[0])})

    def test_widths(self):
        for columns in (40, 80, 120):
            for line in LOOKS:
                with self.subTest(columns=columns, line=line):
                    r = self.d.run(*line.split(), env={**UTF8, "COLUMNS": str(columns)})
                    self.assertEqual((r.returncode, r.stderr), (0, ""))
                    lines = r.stdout.splitlines()
                    tables = [x for x in lines if re.match(r"[A-Z]{2,}|OK|host  ", x)]
                    self.assertTrue(tables)
                    self.assertLessEqual(max(map(len, tables)), columns)

    def test_80_columns_when_unknown_and_no_cut_when_wide(self):
        self.assertLessEqual(max(map(len, self.d.run("services").stdout.splitlines())), 80)
        self.assertIn("VENUE", self.d.run("services", "-o", "wide").stdout)

    def test_ascii_without_utf8_and_color_only_when_asked(self):
        for line in LOOKS:
            args = line.split()
            with self.subTest(args=args):
                self.d.run(*args).stdout.encode("ascii")
                self.assertNotIn("\x1b", self.d.run(*args, env=UTF8).stdout)
                self.assertNotIn("\x1b", self.d.run(*args, env={"NO_COLOR": "1"}).stdout)
        self.assertIn("\x1b[", self.d.run("status", "--color", "always").stdout)
        self.assertIn("\x1b[", self.d.run("status", "--color=always", env={"NO_COLOR": "1"}).stdout)

    def test_no_data_is_a_dash_or_nothing_never_zero(self):
        lines = self.d.run("services").stdout.splitlines()
        line = next(x for x in lines if x.startswith("order-gateway"))
        self.assertEqual(line.split()[2:8], ["-"] * 6)
        rows = csv.DictReader(io.StringIO(self.d.run("services", "-o", "csv").stdout))
        row = next(r for r in rows if r["service"] == "order-gateway")
        self.assertEqual((row["cpu_pct"], row["memory_pct"]), ("", ""))
        self.assertEqual(float(row["api_calls_pct"]), 48)

    def test_status_names_the_critical_one_first(self):
        lines = self.d.run("status").stdout.splitlines()
        marks = [x.split()[0] for x in lines if re.match("CRIT|UNDR|WARN|UNKN|OVER", x)]
        self.assertEqual(marks, sorted(marks, key=["CRIT", "UNDR", "WARN", "UNKN", "OVER"].index))
        line = r"(?m)^CRIT +positions-db +Connections +99.0 % +396 of 400"
        self.assertRegex("\n".join(lines), line)
        self.assertIn(" UTC", lines[0])

    def test_zones_of_times(self):
        for zone, name in (("Asia/Kolkata", "IST"), ("utc", "UTC"), ("local", "UTC")):
            first = self.d.run("status", "--tz", zone).stdout.splitlines()[0]
            self.assertRegex(first, r"\d\d:\d\d:\d\d " + name)

    def test_check_is_critical_with_perfdata(self):
        r = self.d.run("status", "--check")
        self.assertEqual((r.returncode, r.stderr), (2, ""))
        text, perf = r.stdout.rstrip("\n").split(" | ")
        self.assertTrue(text.startswith("LOADLINE CRITICAL - "))
        for item in perf.split():
            self.assertRegex(item, r"^[a-z_0-9]+=(U|[0-9.]+%?(;[0-9.]*){0,4})$")
        self.assertIn("connections=", perf)

    def test_ready(self):
        self.assertEqual(self.d.run("status", "--ready").returncode, 0)

    def test_metrics_of_what_was_pushed(self):
        line = "metrics order-gateway api_calls --since 10m --step 10s -o ndjson"
        r = self.d.run(*line.split())
        values = [json.loads(x)["value"] for x in r.stdout.splitlines()]
        self.assertIn(480, values)
        self.assertIn(None, values)
        self.assertNotIn(0, values)

    def test_metrics_of_what_is_not_there(self):
        r = self.d.run("metrics", "order-gatewya")
        self.assertEqual(r.returncode, 4)
        self.assertIn("did you mean `order-gateway`?".replace("?", ""), r.stderr)
        self.assertEqual(self.d.run("metrics", "order-gatewya", "cpu").returncode, 4)

    def test_doctor_finds_nothing_that_fails(self):
        r = self.d.run("doctor", f"--storage.path={self.d.folder}/data", "-o", "json")
        failed = [i for i in json.loads(r.stdout)["items"] if i["level"] == "FAIL"]
        self.assertEqual((r.returncode, failed), (0, []))

    def test_top_once(self):
        r = self.d.run("top", "--once")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertRegex(r.stdout, r"(?m)^Connections +CRIT ")
        self.assertRegex(r.stdout, r"(?m)^positions-db +CRIT +- +- +- +- +99 ")
        self.assertRegex(r.stdout, r"(?m)^order-gateway +OK ")


class Life(unittest.TestCase):
    def test_says_one_line_with_the_url_that_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            d = Daemon(folder).start()
            try:
                self.assertIn(f"http://127.0.0.1:{d.port}\n", d.process.stdout.readline())
            finally:
                self.assertEqual(d.stop(), 0)

    def test_history_is_kept_over_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            d = Daemon(folder).start()
            push(d)
            line = "metrics order-gateway API_CALLS --since 1h -o csv"
            first = d.run(*line.split()).stdout
            self.assertEqual(d.stop(), 0)
            self.assertIn(",480,", first)
            d = Daemon(folder).start()
            try:
                again = d.run(*line.split()).stdout
                self.assertIn(",480,", again)
                self.assertTrue(sees(d, "order-gateway")())
            finally:
                d.stop()

    def test_term_and_int_end_it_in_time_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with tempfile.TemporaryDirectory() as folder:
                d = Daemon(folder).start()
                push(d)
                started = time.monotonic()
                self.assertEqual(d.stop(number), 0)
                self.assertLess(time.monotonic() - started, 10)
                with sqlite3.connect(f"file:{self.database(folder)}?mode=ro", uri=True) as db:
                    count = "select count(*) from capacity_metrics where service = 'order-gateway'"
                    self.assertEqual(db.execute(count).fetchone()[0], 1)

    @staticmethod
    def database(folder):
        found = [f for f in os.listdir(f"{folder}/data") if f.endswith(".db")]
        return f"{folder}/data/{found[0]}"

    def test_a_stream_that_stays_open_does_not_keep_it(self):
        with tempfile.TemporaryDirectory() as folder:
            d = Daemon(folder).start()
            with socket.create_connection(("127.0.0.1", d.port)) as s:
                s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % d.port)
                self.assertIn(b"200", s.recv(100))
                started = time.monotonic()
                self.assertEqual(d.stop(), 0)
                self.assertLess(time.monotonic() - started, 10)

    def test_a_second_int_does_not_wait_for_a_request_under_way(self):
        with tempfile.TemporaryDirectory() as folder:
            d = Daemon(folder).start()
            with socket.create_connection(("127.0.0.1", d.port)) as s:
                head = "POST /api/v1/metrics HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % d.port
                s.sendall(head.encode() + b"Content-Length: 1000\r\nExpect: 100-continue\r\n"
                          b"Content-Type: application/json\r\n\r\n{")
                self.assertIn(b"100 Continue", s.recv(100))
                d.send(signal.SIGINT)
                time.sleep(0.5)
                self.assertIsNone(d.process.poll(), "it did not wait for the request")
                self.assertEqual(d.stop(signal.SIGINT), -signal.SIGINT)

    def test_port_taken(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            at = f"--web.listen-address=127.0.0.1:{port}"
            r = run("serve", at, f"--storage.path={folder}/data")
            self.assertEqual((r.returncode, r.stdout), (1, ""))
            self.assertIn(str(port), r.stderr)
            self.assertIn("--web.listen-address", r.stderr)

    def test_a_bad_configuration_is_3_with_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/c.yml", "w", encoding="utf-8") as f:
                f.write("web:\n  listen_adress: 127.0.0.1:1\n")
            for args in (["serve"], ["config", "show"]):
                r = run(*args, f"--config.file={folder}/c.yml")
                self.assertEqual((r.returncode, r.stdout), (3, ""))
                self.assertIn("c.yml:2:3", r.stderr)
                self.assertIn("listen_address", r.stderr)

    def test_beyond_loopback_is_refused_without_tls_and_users(self):
        with tempfile.TemporaryDirectory() as folder:
            r = run("serve", "--web.listen-address=0.0.0.0:0", f"--storage.path={folder}/data")
            self.assertEqual((r.returncode, r.stdout), (3, ""))

    def test_usr1_writes_the_state_to_the_log(self):
        with daemon() as d:
            d.send(signal.SIGUSR1)
            wait_until(lambda: "state of the store" in d.read_log())
            wait_until(lambda: "name=host" in d.read_log())

    def test_its_files_are_its_own(self):
        with daemon() as d:
            self.assertEqual(os.stat(f"{d.folder}/data").st_mode & 0o077, 0)
            for name in os.listdir(f"{d.folder}/data"):
                self.assertEqual(os.stat(f"{d.folder}/data/{name}").st_mode & 0o077, 0, name)
            with open(f"/proc/{d.process.pid}/limits", encoding="ascii") as f:
                self.assertRegex(f.read(), r"Max core file size +0 +0")


class Reload(unittest.TestCase):
    def write(self, folder, text):
        with open(f"{folder}/c.yml", "w", encoding="utf-8") as f:
            f.write(text)

    def environment_of(self, d):
        return json.loads(d.request("GET", "/api/v1/status")[1])["environment"]

    def last_reload(self, d):
        return json.loads(d.request("GET", "/api/v1/status")[1])["config"]["last_reload_successful"]

    def refusals(self, d):
        items = json.loads(d.request("GET", "/api/v1/events")[1])["items"]
        return sum(i["reason"] == "RELOAD_REFUSED" for i in items)

    def test_hup_changes_the_log_and_counts_each_refusal_once(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder, "log: {format: logfmt}\n")
            d = Daemon(folder, f"--config.file={folder}/c.yml").start()
            try:
                self.write(folder, "log: {format: json}\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: '"configuration reloaded"' in d.read_log())
                self.assertRegex(d.read_log(), r'\{[^\n]*"configuration reloaded"')
                self.write(folder, "storage: {retention: {raw: 3d}}\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: not self.last_reload(d))
                self.assertEqual(self.refusals(d), 1)
                self.assertIn("storage.retention.raw cannot change", d.read_log())
            finally:
                self.assertEqual(d.stop(), 0)

    def test_hup_takes_a_good_file_and_keeps_the_old_one_when_bad(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder, "environment: one\n")
            d = Daemon(folder, f"--config.file={folder}/c.yml").start()
            try:
                self.assertEqual(self.environment_of(d), "one")
                self.write(folder, "environment: two\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: self.environment_of(d) == "two")
                self.assertTrue(self.last_reload(d))

                self.write(folder, "environment: three\nnonsense: 1\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: not self.last_reload(d))
                self.assertEqual(self.environment_of(d), "two")
                self.assertIn("reload refused", d.read_log())
                self.assertIn("c.yml:2:1", d.read_log())
                self.assertEqual(self.refusals(d), 1)
                items = json.loads(d.run("doctor", "-o", "json").stdout)["items"]
                levels = {i["check"]: i["level"] for i in items}
                self.assertEqual(levels["daemon configuration"], "WARN")

                self.write(folder, "environment: four\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: self.environment_of(d) == "four" and self.last_reload(d))
            finally:
                self.assertEqual(d.stop(), 0)

    def test_a_bad_web_file_changes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder, "environment: one\n")
            d = Daemon(folder, f"--config.file={folder}/c.yml").start()
            try:
                self.write(folder, f"environment: two\nweb:\n  config_file: {folder}/missing.yml\n")
                d.send(signal.SIGHUP)
                wait_until(lambda: not self.last_reload(d))
                self.assertEqual(self.environment_of(d), "one")
            finally:
                d.stop()


class Systemd(unittest.TestCase):
    def test_it_is_told_ready_watchdog_and_stopping(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with tempfile.TemporaryDirectory() as folder, s:
            s.bind(f"{folder}/notify")
            s.settimeout(300)
            env = {"NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": "400000"}
            d = Daemon(folder, env=env).start()
            heard = [s.recv(1000).decode() for _ in range(3)]
            self.assertTrue(heard[0].startswith("READY=1\n"), heard)
            self.assertEqual(heard[1:], ["WATCHDOG=1"] * 2)
            self.assertEqual(d.stop(), 0)
            s.settimeout(60)
            while "STOPPING=1" not in heard:
                heard.append(s.recv(1000).decode())


class Config(unittest.TestCase):
    def test_show_says_where_values_come_from(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/c.yml", "w", encoding="utf-8") as f:
                f.write("environment: prod\n")
            env = {"LOADLINE_LOG_LEVEL": "warn"}
            file = f"--config.file={folder}/c.yml"
            r = run("config", "show", "--sources", file, "--web.max-streams=7", env=env)
            self.assertEqual((r.returncode, r.stderr), (0, ""))
            self.assertRegex(r.stdout, r"environment: prod +#.*c\.yml:1")
            self.assertRegex(r.stdout, r"level: warn +#.*LOADLINE_LOG_LEVEL")
            self.assertRegex(r.stdout, r"max_streams: 7 +#.*web\.max-streams")
            self.assertRegex(r.stdout, r"# default")

    def test_every_flag_of_the_table_is_a_key(self):
        text = run("help", "serve").stdout.split("\nSettings")[1].split("\nCommon")[0]
        values = {
            "config.file": "/dev/null",
            "web.listen-address": "127.0.0.1:0",
            "web.external-url": "http://x.example",
            "web.config.file": "/dev/null",
            "web.enable-lifecycle": "true",
            "storage.path": "/tmp/x",
            "storage.retention.time": "7d",
            "log.level": "warn",
            "log.format": "json",
        }
        flags = re.findall(r"^  --([a-z.-]+)", text, re.M)
        self.assertEqual(set(flags), set(values))
        for flag in flags:
            r = run("config", "show", f"--{flag}={values[flag]}")
            self.assertEqual((r.returncode, r.stderr), (0, ""), flag)

    def test_check_says_everything_that_is_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/c.yml"
            with open(path, "w", encoding="utf-8") as f:
                f.write("enviroment: x\nweb:\n  max_streams: -1\nlog:\n  level: loud\n")
            r = run("check", "config", path)
            self.assertEqual((r.returncode, r.stdout), (3, ""))
            for place in ("c.yml:1:1", "c.yml:3:", "c.yml:5:"):
                self.assertIn(place, r.stderr)
            doc = json.loads(run("check", "config", path, "-o", "json").stdout)
            self.assertEqual((doc["valid"], [e["line"] for e in doc["errors"]]), (False, [1, 3, 5]))
            with open(path, "w", encoding="utf-8") as f:
                f.write("environment: x\n")
            r = run("check", "config", path)
            self.assertEqual((r.returncode, r.stdout), (0, f"{path} is valid\n"))
            self.assertEqual(run("check", "config", "/nonexistent.yml").returncode, 3)

    def test_schema(self):
        self.assertIn("check_interval_seconds", run("config", "schema").stdout)
        json.loads(run("config", "schema", "-o", "json").stdout)


if __name__ == "__main__":
    unittest.main()
