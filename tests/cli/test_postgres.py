"""The PostgreSQL collector against a real server: its own answers beside those of psql, and its
bad days.  Skipped where there is no server to start."""
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import support

WATCH = os.path.abspath(os.environ.get("POSTGRES_WATCH", "build/tests/postgres_watch"))
BINS = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
ADMIN, WATCHER, BARE = "boss", "watcher", "bare"
PASSWORD = "s3cret pass"
GIB = 1 << 30


def as_postgres(*command, **kw):
    """initdb and the server refuse to be root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return subprocess.run([*prefix, *command], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600, cwd="/", **kw)


class Server:
    def __init__(self, folder, name, port):
        self.data, self.port, self.folder = f"{folder}/{name}", port, folder

    def pg_ctl(self, *args):
        log = f"{self.folder}/{os.path.basename(self.data)}.log"
        options = (f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off "
                   f"-c unix_socket_directories={self.folder} -c max_connections=40 "
                   "-c max_slot_wal_keep_size=512MB -c hot_standby=on -c wal_level=logical")
        as_postgres(f"{BINS[-1]}/pg_ctl", "-D", self.data, "-w", "-s", "-l", log, "-o", options,
                    *args)

    def pid(self):
        with open(f"{self.data}/postmaster.pid", encoding="ascii") as f:
            return int(f.readline())

    def everyone(self):
        """The postmaster and all its children, which are stopped and go on together."""
        children = subprocess.run(["pgrep", "-P", str(self.pid())], stdout=subprocess.PIPE,
                                  encoding="ascii", check=False).stdout.split()
        return [self.pid(), *map(int, children)]

    def psql(self, sql, user=ADMIN, db="postgres"):
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"}
        r = subprocess.run([f"{BINS[-1]}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                            "-p", str(self.port), "-U", user, "-d", db, "-c", sql],
                           env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           encoding="utf-8", timeout=300, check=False)
        if r.returncode:
            raise AssertionError(r.stderr)
        return r.stdout.strip()

    def conninfo(self, user=WATCHER, db="shop"):
        return f"host=127.0.0.1 port={self.port} dbname={db} user={user}"


class Watch:
    """The collector in its process."""

    def __init__(self, conninfo, password_file, timeout_ms=30000):
        self.p = subprocess.Popen([WATCH, conninfo, password_file, str(timeout_ms)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
                                  env=support.environment())

    def collect(self, move_ms=0):
        self.p.stdin.write(f"{move_ms}\n")
        self.p.stdin.flush()
        r = json.loads(self.p.stdout.readline())
        r["by"] = {(m["resource_type"], m["part"]): m for m in r["metrics"]}
        return r

    def close(self):
        self.p.stdin.close()
        self.p.wait(120)
        self.p.stdout.close()


@unittest.skipUnless(BINS and os.path.exists(WATCH), "no PostgreSQL server is installed")
class Postgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="loadline-pg-")
        os.chmod(cls.folder, 0o755)
        cls.secret = f"{cls.folder}/password"
        with open(cls.secret, "w", encoding="ascii") as f:
            f.write(PASSWORD + "\n")
        os.chmod(cls.secret, 0o644)
        if os.geteuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(cls.folder, who.pw_uid, who.pw_gid)
        cls.primary = Server(cls.folder, "primary", support.free_port())
        cls.standby = Server(cls.folder, "standby", support.free_port())
        as_postgres(f"{BINS[-1]}/initdb", "-D", cls.primary.data, "-A", "scram-sha-256", "-U",
                    ADMIN, f"--pwfile={cls.secret}", "--no-sync", "-E", "UTF8", "--locale=C")
        cls.primary.pg_ctl("start")
        sql = cls.primary.psql
        sql(f"create role {WATCHER} login password '{PASSWORD}'; grant pg_monitor to {WATCHER};"
            f"create role {BARE} login password '{PASSWORD}'")
        sql("create database shop")
        sql("create database secret")
        sql("revoke connect on database secret from public")
        sql("create table orders as select i, repeat('x', 500) t from generate_series(1, 20000) i;"
            'create schema "Odd"; create table "Odd"."a ""b"" é" (i int); analyze', db="shop")

    @classmethod
    def tearDownClass(cls):
        for s in (cls.standby, cls.primary):
            if os.path.exists(f"{s.data}/postmaster.pid"):
                for pid in s.everyone():
                    os.kill(pid, signal.SIGCONT)
                s.pg_ctl("-m", "immediate", "stop")
        shutil.rmtree(cls.folder)

    def watch(self, server=None, user=WATCHER, **kw):
        w = Watch((server or self.primary).conninfo(user), self.secret, **kw)
        self.addCleanup(w.close)
        return w

    def value(self, r, resource, part=""):
        self.assertIn((resource, part), list(r["by"]), r["error"] or r["note"])
        return r["by"][resource, part]["current_value"]

    def test_values_are_those_of_psql(self):
        sql = self.primary.psql
        w = self.watch()
        first = w.collect()
        self.assertTrue(first["ok"], first)
        self.assertEqual(first["note"], "")
        self.assertNotIn(("API_CALLS", ""), first["by"])  # a rate needs two readings
        for name in ("shop", "secret"):
            self.assertAlmostEqual(self.value(first, "DISK", f"database {name}"),
                                   int(sql(f"select pg_database_size('{name}')")), delta=1 << 16)
        self.assertAlmostEqual(self.value(first, "DISK"),
                               int(sql("select sum(pg_database_size(oid)) from pg_database")),
                               delta=1 << 18)
        self.assertTrue(first["by"]["DISK", ""]["primary"])
        self.assertEqual(self.value(first, "DISK", "table shop.public.orders"),
                         int(sql("select pg_total_relation_size('orders')", db="shop")))
        self.assertIn(("DISK", 'table shop.Odd.a "b" é'), first["by"])
        self.assertNotIn(("DISK", "database template0"), first["by"])
        self.assertEqual(self.value(first, "DISK", "wal"),
                         int(sql("select sum(size) from pg_ls_waldir()")))
        self.assertEqual(self.value(first, "DISK", "wal max_wal_size"), GIB)
        self.assertIsNone(first["by"]["DISK", "wal"]["capacity"])
        age = self.value(first, "QUEUE_DEPTH", "xid age")
        self.assertAlmostEqual(age, int(sql("select max(age(datfrozenxid)) from pg_database")),
                               delta=20)
        self.assertEqual(first["by"]["QUEUE_DEPTH", "xid age"]["capacity"], 2**31 - 3000000)
        self.assertEqual({m["instance"] for m in first["metrics"]},
                         {f"{socket.gethostname()}:{self.primary.port}"})
        self.assertEqual({m["service"] for m in first["metrics"]}, {"pg"})

    def test_rates_over_a_known_load(self):
        w = self.watch()
        began = time.monotonic()
        before = w.collect()
        lsn = self.primary.psql("select pg_current_wal_lsn()")
        self.primary.psql("create table burst as select i, repeat('y', 900) t "
                          "from generate_series(1, 5000) i; drop table burst", db="shop")
        written = float(self.primary.psql(f"select pg_current_wal_lsn() - '{lsn}'"))
        time.sleep(1.2)  # statistics of others arrive within a second
        after = w.collect(8000)
        self.assertTrue(before["ok"] and after["ok"])
        seconds = 8 + time.monotonic() - began
        rate = self.value(after, "DISK", "wal written")
        self.assertTrue(written / seconds < rate < 1.3 * written / 8, (written, rate))
        self.assertGreater(self.value(after, "API_CALLS"), 0.2)
        self.assertLess(self.value(after, "API_CALLS"), 20)

    def test_connections_by_state(self):
        w = self.watch()
        idle = w.collect()
        self.assertEqual(idle["by"]["CONNECTIONS", ""]["capacity"], 40 - 3)
        psql = [f"{BINS[-1]}/psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.primary.port), "-U",
                ADMIN, "-d", "shop"]
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD}
        holders = [subprocess.Popen(psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=env,
                                    encoding="ascii") for _ in range(2)]
        try:
            holders[0].stdin.write("begin; lock table orders;\n")
            holders[0].stdin.flush()

            def holding():
                return self.primary.psql("select count(*) from pg_locks where granted "
                                         "and mode = 'AccessExclusiveLock' and relation = "
                                         "'orders'::regclass", db="shop") == "1"
            support.wait_until(holding)
            holders[1].stdin.write("select count(*) from orders;\n")
            holders[1].stdin.flush()
            support.wait_until(lambda: self.primary.psql(
                "select count(*) from pg_locks where not granted") == "1")
            r = w.collect(600000)
            self.assertTrue(r["ok"], r)
            self.assertEqual(self.value(r, "QUEUE_DEPTH", "waiting"), 1)
            self.assertEqual(self.value(r, "CONNECTIONS", "idle in transaction"), 1)
            self.assertEqual(self.value(r, "CONNECTIONS", "active"), 2)  # the waiter and we
            self.assertEqual(self.value(r, "CONNECTIONS"), 3)
            self.assertEqual(self.value(r, "CONNECTIONS", "idle"), 0)
            # A locked table costs the tables, said and not waited for; the rest is there.
            self.assertIn("tables: ", r["note"])
            self.assertLess(r["ms"], 20000)
            self.assertIn(("DISK", "database shop"), r["by"])
        finally:
            for h in holders:
                h.stdin.close()
                h.wait(120)

    def test_a_bare_role_sees_less_and_no_zeros(self):
        r = self.watch(user=BARE).collect()
        self.assertTrue(r["ok"], r)
        self.assertIn("GRANT pg_monitor", r["note"])
        self.assertIn("1 databases may not be seen", r["note"])
        self.assertGreaterEqual(self.value(r, "CONNECTIONS"), 1)
        for gone in (("CONNECTIONS", "active"), ("DISK", "wal"), ("DISK", "database secret"),
                     ("DISK", "")):
            self.assertNotIn(gone, r["by"])
        self.assertGreater(self.value(r, "DISK", "database shop"), 0)
        self.assertIn(("QUEUE_DEPTH", "xid age"), r["by"])

    def test_its_sessions_are_read_only_and_bear_its_name(self):
        self.primary.psql(f"alter role {BARE} set log_statement = 'all'")
        self.watch(user=BARE).collect()
        rows = self.primary.psql("select application_name from pg_stat_activity "
                                 f"where usename = '{BARE}'")
        self.assertEqual(rows, "loadline")
        with open(f"{self.folder}/primary.log", encoding="utf-8") as f:
            said = [line for line in f if "statement: " in line]
        self.assertIn("set default_transaction_read_only = on; set statement_timeout = 22500;",
                      said[0])
        self.assertTrue(all("statement: select" in line for line in said[1:]), said)
        self.assertGreater(len(said), 3)

    def test_wrong_passwords_and_words(self):
        wrong = f"{self.folder}/wrong"
        with open(wrong, "w", encoding="ascii") as f:
            f.write("no")
        w = Watch(self.primary.conninfo(), wrong)
        self.addCleanup(w.close)
        r = w.collect()
        self.assertFalse(r["ok"])
        self.assertIn("password authentication failed", r["error"])
        again = w.collect()
        self.assertIn("tried again in", again["error"])
        self.assertLess(again["ms"], 5000)
        shutil.copy(self.secret, wrong)  # read anew for each connection
        self.assertTrue(w.collect(120000)["ok"])
        r = subprocess.run([WATCH, "host=x passwort=hunter2"], stdin=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, encoding="ascii", check=False,
                           env=support.environment())
        self.assertEqual(r.returncode, 3)
        self.assertNotIn("hunter2", r.stderr)

    def test_a_server_that_hangs_costs_the_timeout_and_no_more(self):
        w = self.watch(timeout_ms=4000)
        self.assertTrue(w.collect()["ok"])
        stopped = self.primary.everyone()
        try:
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            for move in (0, 60000):  # on the open connection, then connecting
                r = w.collect(move)
                self.assertFalse(r["ok"])
                self.assertEqual(r["metrics"], [])
                self.assertTrue(3900 <= r["ms"] < 60000, r)
                self.assertIn("in time", r["error"])
        finally:
            for pid in reversed(stopped):
                os.kill(pid, signal.SIGCONT)
        self.assertTrue(w.collect(120000)["ok"])

    def test_a_port_where_nobody_speaks(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            w = Watch(f"host=127.0.0.1 port={s.getsockname()[1]} user=x", "", 500)
            self.addCleanup(w.close)
            r = w.collect()
        self.assertFalse(r["ok"])
        self.assertTrue(400 <= r["ms"] < 60000, r)

    def test_restarts_leave_no_false_rates(self):
        w = self.watch()
        for how in ("restart", "kill"):
            with self.subTest(how=how):
                self.assertTrue(w.collect(120000)["ok"])
                if how == "restart":
                    self.primary.pg_ctl("-m", "fast", "restart")
                else:
                    everyone = self.primary.everyone()
                    os.kill(everyone[0], signal.SIGKILL)
                    down = support.wait_until(lambda: not (x := w.collect(120000))["ok"] and x)
                    self.assertEqual(down["metrics"], [])
                    support.wait_until(lambda: not any(os.path.exists(f"/proc/{pid}")
                                                       for pid in everyone[1:]))
                    self.primary.pg_ctl("start")
                r = w.collect(15000)
                self.assertTrue(r["ok"], r)
                self.assertNotIn(("API_CALLS", ""), r["by"])
                self.assertNotIn(("DISK", "wal written"), r["by"])
                self.assertIn(("API_CALLS", ""), w.collect(15000)["by"])

    def test_standby_slots_and_lag(self):
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD}
        as_postgres("env", f"PGPASSWORD={PASSWORD}", f"{BINS[-1]}/pg_basebackup", "-h", "127.0.0.1",
                    "-p", str(self.primary.port), "-U", ADMIN, "-D", self.standby.data, "-R", "-X",
                    "stream", "-C", "-S", "s2", "-c", "fast", "--no-sync", env=env)
        self.standby.pg_ctl("start")
        w, own = self.watch(self.standby), self.watch()

        def caught_up():
            r = w.collect(120000)
            return r["ok"] and ("QUEUE_DEPTH", "replay") in r["by"] and r
        r = support.wait_until(caught_up)
        self.assertEqual(self.value(r, "QUEUE_DEPTH", "replay"), 0)
        self.assertEqual(self.value(r, "QUEUE_DEPTH", "replay delay"), 0)
        self.assertIn(("QUEUE_DEPTH", "xid age"), r["by"])
        self.assertIn(("DISK", "wal received"), w.collect(1000)["by"])
        name = "standby walreceiver@127.0.0.1"
        support.wait_until(lambda: ("QUEUE_DEPTH", name) in own.collect(120000)["by"])
        r = own.collect(1000)
        self.assertEqual(r["by"]["DISK", "slot s2"]["capacity"], 512 << 20)

        # A standby that has replayed no commit yet has no delay to tell.
        self.primary.psql("create table seen (i int)", db="shop")
        support.wait_until(lambda: self.standby.psql("select pg_last_xact_replay_timestamp()"))
        self.standby.psql("select pg_wal_replay_pause()")
        self.primary.psql("create table lag as select repeat('z', 900) from generate_series(1, 3000)",
                          db="shop")
        r = support.wait_until(
            lambda: (x := own.collect(1000))["by"][("QUEUE_DEPTH", name)]["current_value"] > 2e6 and x)
        there = w.collect(1000)
        self.assertGreater(self.value(there, "QUEUE_DEPTH", "replay"), 2e6)
        self.assertGreater(self.value(there, "QUEUE_DEPTH", "replay delay"), 0)
        self.standby.psql("select pg_wal_replay_resume()")
        support.wait_until(lambda: self.value(w.collect(1000), "QUEUE_DEPTH", "replay") == 0)

        # No sender: what it received is replayed, and that is no lag of zero.
        self.primary.pg_ctl("-m", "immediate", "stop")
        r = support.wait_until(
            lambda: (x := w.collect(120000))["note"] == "this standby receives nothing" and x)
        self.assertNotIn(("QUEUE_DEPTH", "replay"), r["by"])
        self.assertGreater(self.value(r, "QUEUE_DEPTH", "replay delay"), 0)
        self.primary.pg_ctl("start")
        self.standby.pg_ctl("-m", "immediate", "stop")
        support.wait_until(lambda: ("QUEUE_DEPTH", name) not in own.collect(120000)["by"])
        self.assertGreater(self.value(own.collect(120000), "DISK", "slot s2"), 0)
        self.primary.psql("select pg_drop_replication_slot('s2')")


if __name__ == "__main__":
    unittest.main()
