"""The audit log: its chain against a second implementation, and what was done to it."""
import hashlib
import json
import os
import signal
import sqlite3
import struct
import tempfile
import unittest
import urllib.request

from support import Daemon, broken_server, reply, run, wait_until


def hash_of(seq, t, previous, texts):
    """core/scaling_rows.h: SHA-256 over seq, t, and each text behind its length."""
    data = struct.pack(">qq", seq, t)
    for text in [previous, *texts]:
        raw = text.encode()
        data += struct.pack(">q", len(raw)) + raw
    return hashlib.sha256(data).hexdigest()


class Audit(unittest.TestCase):
    def setUp(self):
        scope = tempfile.TemporaryDirectory()
        self.addCleanup(scope.cleanup)
        self.folder = scope.name
        Daemon(self.folder).start().stop()
        self.database = f"{self.folder}/data/loadline.db"
        self.execute("DELETE FROM audit")
        self.hashes = [""]
        for seq in range(1, 21):
            texts = ["alice", "operator", "127.0.0.1", "rule.put", f"rule-{seq}", '{"version":1}']
            self.hashes.append(hash_of(seq, 1000 * seq, self.hashes[-1], texts))
            row = [seq, 1000 * seq, *texts, self.hashes[-2], self.hashes[-1]]
            self.execute(
                "INSERT INTO audit(seq,t,actor,role,address,action,object,detail,previous,hash) "
                "VALUES(?,?,?,?,?,?,?,?,?,?)",
                row,
            )

    def execute(self, sql, values=()):
        db = sqlite3.connect(self.database)
        with db:
            db.execute(sql, values)
        db.close()

    def verify(self, *args):
        return run("audit", "verify", "--database", f"{self.folder}/data", *args)

    def assert_broken(self, text, before):
        r = self.verify()
        self.assertEqual((r.returncode, r.stdout), (1, f"broken: {text}; the {before} before it fit\n"))

    def test_an_intact_chain(self):
        r = self.verify()
        self.assertEqual(
            (r.returncode, r.stdout), (0, f"intact: 20 rows, the last hash is {self.hashes[20]}\n"), r.stderr
        )
        found = json.loads(self.verify("-o", "json").stdout)
        self.assertEqual(found, {"intact": True, "rows": 20, "last_hash": self.hashes[20], "broken": None})
        self.assertEqual(self.verify("--known", self.hashes[7]).returncode, 0)
        r = run("audit", "verify", "--database", self.database)  # the file itself
        self.assertEqual(r.returncode, 0, r.stderr)

    def test_a_changed_byte(self):
        for column in ("actor", "role", "address", "action", "object", "detail"):
            with self.subTest(column):
                self.execute(f"UPDATE audit SET {column}='x'||{column} WHERE seq=7")
                self.assert_broken("row 7 was changed: its hash does not fit", 6)
                self.execute(f"UPDATE audit SET {column}=substr({column},2) WHERE seq=7")
        self.execute("UPDATE audit SET t=t+1 WHERE seq=7")
        self.assert_broken("row 7 was changed: its hash does not fit", 6)
        self.execute("UPDATE audit SET t=t-1 WHERE seq=7")
        self.assertEqual(self.verify().returncode, 0)

    def test_a_changed_row_with_a_hash_that_fits(self):
        texts = ["mallory", "operator", "127.0.0.1", "rule.put", "rule-7", '{"version":1}']
        changed = hash_of(7, 7000, self.hashes[6], texts)
        self.execute("UPDATE audit SET actor='mallory', hash=? WHERE seq=7", [changed])
        self.assert_broken("row 8 does not go on from the row before it", 7)

    def test_text_moved_from_one_column_to_the_next(self):
        self.execute("UPDATE audit SET actor='alic', role='eoperator' WHERE seq=7")
        self.assert_broken("row 7 was changed: its hash does not fit", 6)

    def test_a_row_taken_out(self):
        self.execute("DELETE FROM audit WHERE seq=7")
        self.assert_broken("row 7 is missing: 8 comes next", 6)
        self.execute("DELETE FROM audit WHERE seq<7")
        self.assert_broken("row 1 is missing: 8 comes next", 0)

    def test_a_row_taken_out_and_the_rest_moved_up(self):
        self.execute("DELETE FROM audit WHERE seq=7")
        for seq in range(8, 21):
            self.execute("UPDATE audit SET seq=? WHERE seq=?", [seq - 1, seq])
        self.assert_broken("row 7 does not go on from the row before it", 6)

    def test_a_row_put_in(self):
        for seq in range(20, 6, -1):
            self.execute("UPDATE audit SET seq=? WHERE seq=?", [seq + 1, seq])
        texts = ["mallory", "admin", "127.0.0.1", "mode", "auto", "{}"]
        row = [7, 6500, *texts, self.hashes[6], hash_of(7, 6500, self.hashes[6], texts)]
        self.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?,?)", row)
        self.assert_broken("row 8 does not go on from the row before it", 7)

    def test_rows_taken_from_the_end_are_told_by_a_hash_that_was_noted(self):
        self.execute("DELETE FROM audit WHERE seq>15")
        self.assertEqual(self.verify().returncode, 0)
        self.assertEqual(self.verify("--known", self.hashes[15]).returncode, 0)
        r = self.verify("--known", self.hashes[20])
        self.assertEqual(r.returncode, 1)
        self.assertIn("rows were taken from the end", r.stdout)

    def test_list(self):
        r = run("audit", "list", "--database", self.database, "-o", "json", "--limit", "2")
        items = json.loads(r.stdout)["items"]
        self.assertEqual([i["seq"] for i in items], [20, 19])
        self.assertEqual(items[0]["actor"], "alice")
        self.assertEqual(items[0]["t"], "1970-01-01T00:00:20.000Z")
        self.assertEqual(items[0]["previous"], self.hashes[19])
        r = run("audit", "list", "--database", self.database, "--object", "rule-3", "-o", "csv")
        self.assertEqual(len(r.stdout.splitlines()), 2, r.stdout)
        self.assertIn("rule-3", run("audit", "list", "--database", self.database).stdout)

    def test_what_is_no_database(self):
        r = run("audit", "verify", "--database", f"{self.folder}/none")
        self.assertEqual(r.returncode, 4, r.stderr)
        self.assertIn("there is no database", r.stderr)
        other = f"{self.folder}/other.db"
        db = sqlite3.connect(other)
        db.execute("CREATE TABLE audit(x)")
        db.commit()
        db.close()
        r = run("audit", "verify", "--database", other)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("not a Loadline database", r.stderr)
        with open(other, "wb") as f:
            f.write(b"no database at all" * 100)
        self.assertNotEqual(run("audit", "verify", "--database", other).returncode, 0)
        self.execute("PRAGMA user_version=9999")
        r = self.verify()
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("schema version 9999", r.stderr)

    def test_what_the_api_changes(self):
        """Session, tap and reload have a row each, in the chain of those before them."""
        token = hashlib.sha256(b"admin-token").hexdigest()
        with open(f"{self.folder}/web.yml", "w", encoding="ascii") as f:
            f.write(f"tokens: [{{name: ops, sha256: {token}, role: admin}}]\n")
        d = Daemon(self.folder, f"--web.config.file={self.folder}/web.yml").start()
        self.addCleanup(d.stop)
        headers = {"Authorization": "Bearer admin-token", "Content-Type": "application/json"}
        paths = ["/api/v1/session", "/api/v1/discovery/tap", "/-/reload"]
        for path in paths:
            request = urllib.request.Request(d.url + path, b'{"token":"admin-token"}', headers, method="POST")
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.assertIn(answer.status, (200, 204))

        def rows():
            r = run("audit", "list", "--database", self.database, "--limit", "3", "-o", "json")
            found = [(i["actor"], i["role"], i["address"], i["action"]) for i in json.loads(r.stdout)["items"]]
            who = ("ops", "admin", "127.0.0.1")
            return found == [(*who, "config.reload"), (*who, "tap.open"), (*who, "session.open")]

        wait_until(rows)
        self.assertIn("intact: 23 rows", self.verify("--known", self.hashes[20]).stdout)
        d.send(signal.SIGHUP)

        def by_signal():
            r = run("audit", "list", "--database", self.database, "--limit", "1", "-o", "json")
            return json.loads(r.stdout)["items"][0]["actor"] == "SIGHUP"

        wait_until(by_signal)
        self.assertIn("intact: 24 rows", self.verify().stdout)

    def test_a_daemon_is_asked(self):
        """The chain over HTTP, page after page; what does not fit is found there too."""
        token = hashlib.sha256(b"admin-token").hexdigest()
        for name, text in (("web.yml", f"tokens: [{{name: ops, sha256: {token}, role: admin}}]\n"),
                           ("token", "admin-token\n"), ("wrong", "viewer\n")):
            with open(f"{self.folder}/{name}", "w", encoding="ascii") as f:
                f.write(text)
            os.chmod(f"{self.folder}/{name}", 0o600)
        rows = []
        for seq in range(21, 1206):  # more than a page of a thousand
            texts = ["alice", "operator", "::1", "rule.put", f'r<{seq}>"\u00e9', "{}"]
            self.hashes.append(hash_of(seq, 1000 * seq + 7, self.hashes[-1], texts))
            row = [seq, 1000 * seq + 7, *texts, self.hashes[-2], self.hashes[-1]]
            rows.append(row)
        db = sqlite3.connect(self.database)
        with db:
            db.executemany(
                "INSERT INTO audit(seq,t,actor,role,address,action,object,detail,previous,hash) "
                "VALUES(?,?,?,?,?,?,?,?,?,?)", rows)
        db.close()
        d = Daemon(self.folder, f"--web.config.file={self.folder}/web.yml").start()
        self.addCleanup(d.stop)

        def asked(*args, token="token"):
            return run("audit", "verify", f"--server={d.url}", f"--token-file={self.folder}/{token}", *args)

        r = asked()
        self.assertEqual((r.returncode, r.stdout),
                         (0, f"intact: 1205 rows, the last hash is {self.hashes[-1]}\n"), r.stderr)
        self.assertEqual(asked("--known", self.hashes[1100]).returncode, 0)
        r = asked("--known", "0" * 64)
        self.assertEqual(r.returncode, 1)
        self.assertIn("no row has the known hash", r.stdout)
        self.assertNotEqual(asked(token="wrong").returncode, 0)
        r = asked("--database", self.database)
        self.assertEqual(r.returncode, 2, r.stderr)
        self.execute("UPDATE audit SET actor='mallory' WHERE seq=1100")
        r = asked("-o", "json")
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertEqual(json.loads(r.stdout)["rows"], 1099)

    def test_what_is_no_page_of_an_audit_log(self):
        for answer in ({}, {"items": {}}, {"items": [{}]}, {"items": [], "next_cursor": "x"}):
            with broken_server(lambda h, a=answer: reply(h, 200, a)) as url:
                r = run("audit", "verify", f"--server={url}")
                self.assertNotIn(r.returncode, (0, 1), r.stdout)
                self.assertIn("no page of an audit log", r.stderr)

    def test_a_daemon_may_be_running(self):
        d = Daemon(self.folder).start()
        self.addCleanup(d.stop)
        r = self.verify()
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertTrue(os.path.exists(self.database))
