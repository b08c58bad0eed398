"""The other side: no daemon, a broken one, a slow one, one that refuses."""
import json
import os
import tempfile
import time
import unittest

import support
from support import broken_server, reply, run


def problem(status, detail):
    body = {"type": "/docs/errors", "title": "x", "status": status, "detail": detail}
    return lambda h: reply(h, status, body, "application/problem+json")


class Stopped(unittest.TestCase):
    def setUp(self):
        self.server = f"http://127.0.0.1:{support.free_port()}"

    def test_unreachable_is_5_and_says_what_to_do(self):
        for line in ("status", "services", "metrics host", "metrics host cpu", "top"):
            args = line.split()
            with self.subTest(args=args):
                r = run(*args, "--server", self.server)
                self.assertEqual((r.returncode, r.stdout), (5, ""))
                self.assertIn("loadline serve", r.stderr)

    def test_check_is_unknown(self):
        r = run("status", "--check", "--server", self.server)
        self.assertEqual((r.returncode, r.stderr), (3, ""))
        self.assertTrue(r.stdout.startswith("LOADLINE UNKNOWN - no daemon answers"), r.stdout)
        self.assertEqual(r.stdout.count("\n"), 1)

    def test_ready_is_1(self):
        self.assertEqual(run("status", "--ready", "--server", self.server).returncode, 1)

    def test_doctor_fails_and_gives_the_fix(self):
        r = run("doctor", "--server", self.server, "-o", "json")
        self.assertEqual(r.returncode, 1)
        rows = {i["check"]: i for i in json.loads(r.stdout)["items"]}
        self.assertEqual(rows["daemon"]["level"], "FAIL")
        self.assertEqual(rows["daemon"]["fix"], "loadline serve")
        self.assertEqual(rows["daemon storage"]["level"], "SKIP")

    def test_a_server_that_is_no_url(self):
        self.assertEqual(run("status", "--server", "ftp://127.0.0.1").returncode, 2)


class Refusing(unittest.TestCase):
    def test_statuses_become_exit_codes_with_the_detail(self):
        codes = {400: 1, 401: 6, 403: 6, 404: 4, 409: 7, 429: 1, 500: 1, 503: 1}
        for status, code in codes.items():
            answer = problem(status, "the detail of it")
            with self.subTest(status=status), broken_server(answer) as url:
                r = run("services", "--server", url)
                self.assertEqual((r.returncode, r.stdout), (code, ""))
                self.assertIn("the detail of it", r.stderr)

    def test_a_token_is_sent_and_missing_one_is_explained(self):
        seen = []

        def answer(h):
            seen.append(h.headers.get("Authorization"))
            problem(401, "who are you")(h)

        with broken_server(answer) as url, tempfile.TemporaryDirectory() as folder:
            token = os.path.join(folder, "token")
            with open(token, "w", encoding="ascii") as f:
                f.write("s3cret\n")
            r = run("services", "--server", url)
            self.assertIn("--token-file", r.stderr)
            run("services", "--server", url, "--token-file", token)
            run("services", "--server", url, env={"LOADLINE_TOKEN_FILE": token})
        self.assertEqual(seen, [None, "Bearer s3cret", "Bearer s3cret"])

    def test_token_file_that_is_missing_or_empty(self):
        r = run("services", "--token-file", "/nonexistent/token")
        self.assertEqual(r.returncode, 4)
        self.assertEqual(run("services", "--token-file", "/dev/null").returncode, 2)


class Broken(unittest.TestCase):
    def test_something_else_listens_there(self):
        with broken_server(lambda h: reply(h, 200, b"<html>hello</html>", "text/html")) as url:
            r = run("status", "--server", url)
            self.assertEqual(r.returncode, 5)
            self.assertIn("not an answer of Loadline", r.stderr)

    def test_a_slow_one_is_a_timeout(self):
        with broken_server(lambda h: time.sleep(300)) as url:
            started = time.monotonic()
            r = run("services", "--server", url, "--timeout", "500ms")
            self.assertEqual(r.returncode, 8, r.stderr)
            self.assertLess(time.monotonic() - started, 200)

    def test_a_connection_that_breaks_off(self):
        def answer(h):
            h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        with broken_server(answer) as url:
            self.assertEqual(run("services", "--server", url).returncode, 5)

    def test_an_answer_without_end_is_cut(self):
        def answer(h):
            h.send_response(200)
            h.end_headers()
            for _ in range(80):
                h.wfile.write(b" " * (1 << 20))

        with broken_server(answer) as url:
            r = run("services", "--server", url)
            self.assertEqual(r.returncode, 1)
            self.assertIn("67108864 bytes", r.stderr)

    def test_names_cannot_steer_the_terminal_or_break_csv(self):
        name = 'a\x1b[2J\x9b"b,c\n'
        item = {"service": name, "status": "WARNING", "headroom_seconds": None, "resources": {}}
        page = {"items": [item], "next_cursor": None}
        with broken_server(lambda h: reply(h, 200, page)) as url:
            r = run("services", "--server", url, env=support.UTF8)
            self.assertEqual(r.returncode, 0)
            self.assertNotIn("\x1b", r.stdout)
            self.assertNotIn("\x9b", r.stdout)
            self.assertEqual(len(r.stdout.splitlines()), 2)
            r = run("services", "--server", url, "-o", "csv")
            self.assertIn('"a\x1b[2J\x9b""b,c\n"', r.stdout)

    def test_pages_are_followed(self):
        def answer(h):
            second = "cursor=next%2F1" in h.path
            items = [{"service": "b" if second else "a", "status": "HEALTHY", "resources": {}}]
            reply(h, 200, {"items": items, "next_cursor": None if second else "next/1"})

        with broken_server(answer) as url:
            items = json.loads(run("services", "--server", url, "--json").stdout)["items"]
            self.assertEqual([i["service"] for i in items], ["a", "b"])

    def test_a_proxy_of_the_environment_is_not_for_loopback(self):
        page = {"items": [], "next_cursor": None}
        with broken_server(lambda h: reply(h, 200, page)) as url:
            r = run("services", "--server", url, env={"http_proxy": "http://127.0.0.1:9"})
            self.assertEqual(r.returncode, 0, r.stderr)


if __name__ == "__main__":
    unittest.main()
