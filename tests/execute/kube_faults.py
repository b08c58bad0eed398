"""What goes wrong between the daemon and a real cluster: kill -9 at each system call of an action,
kill -9 of the daemon at any moment, an API server that is killed or stopped meanwhile.

A workload's generation counts the changes of what is asked for: at most one for each action id.
"""
import os
import random
import signal
import threading
import time

import crash
import kube_cluster as kube
import live


class Deployment:
    """As the targets of the stub, for crash.py."""
    kind = "kubernetes"

    def __init__(self, c, token_file, name):
        self.c, self.token_file, self.name = c, token_file, name
        c.make(kube.DEPLOYMENTS, kube.workload("Deployment", name, 3))

    def args(self):
        return [f"server={self.c.url}", f"ca_file={self.c.cert}", f"token_file={self.token_file}",
                "group_version=apps/v1", "resource=deployments", "namespace=prod", f"name={self.name}"]

    def place(self):
        return (f"    kubernetes: {{namespace: prod, deployment: {self.name}, server: '{self.c.url}', "
                f"ca_file: {self.c.cert}, token_file: {self.token_file}}}")

    def read(self):
        return self.c.get(f"{kube.DEPLOYMENTS}/{self.name}")

    def current(self):
        return self.read()["spec"]["replicas"]

    def count(self):
        return self.read()["metadata"]["generation"] - 1

    def changes(self):
        return [(3, 5)] * self.count()


class Bench:
    """What crash.py asks of the stub."""

    def __init__(self, c, token_file):
        self.c, self.token_file = c, token_file

    def make(self, folder, kind, name):
        return Deployment(self.c, self.token_file, name.replace("_", "-"))

    def wait_until_idle(self):
        self.c.wait_until_idle()


def at_each_call(c, token_file):
    """kill -9 at every third system call of one action, then a restart that only reads."""
    if not crash.can_trace():
        print("actions: not killed at each call: strace is not installed or may not trace here")
        return True
    bench, killed, applied, bad = Bench(c, token_file), 0, 0, 0
    for call, n in crash.points_of(c.folder, bench, "kubernetes")[::3]:
        was_killed, was_applied, ok = crash.one_point(c.folder, bench, "kubernetes", call, n)
        killed += was_killed
        applied += was_killed and was_applied
        bad += not ok
    print(f"actions: killed at each call: kubernetes {killed} ({applied} after it was applied); "
          f"wrong {bad}", flush=True)
    return bad == 0 and 0 < applied < killed


def disturb(rng, c, d):
    """One of what may happen while the daemon acts; it is back when this returns."""
    what = rng.choice(["kill daemon", "kill daemon", "kill server", "stop server", "freeze server", "both"])
    time.sleep(rng.random() * 2)
    if what in ("kill daemon", "both"):
        d.kill()
    if what in ("kill server", "stop server", "both"):
        c.stop(signal.SIGTERM if what == "stop server" else signal.SIGKILL)
        time.sleep(rng.random())
        c.start()
    if what == "freeze server":
        p = c.processes["apiserver"]
        p.send_signal(signal.SIGSTOP)
        time.sleep(1 + rng.random() * 2)
        p.send_signal(signal.SIGCONT)
        c.wait()
    if what in ("kill daemon", "both"):
        d.start()
    return what


def keep_pushing(d, demand, stop):
    while not stop.is_set():
        try:
            d.push(demand)
        except (OSError, AssertionError):
            pass  # it is being killed
        stop.wait(0.5)


def complaints(t, d):
    """What is wrong when all is quiet: every change is some action's, and no action made two."""
    now, actions = t.current(), d.actions()
    done = [a for a in actions if a["state"] == "applied" and a["from_value"] != a["to_value"]]
    said = []
    if t.count() > len(actions):
        said.append(f"{t.count()} changes of {len(actions)} actions")
    if t.count() != len(done):
        said.append(f"{t.count()} changes, {len(done)} actions say applied: {actions}")
    if len({a["action_id"] for a in actions}) != len(actions):
        said.append("an action is there twice")
    if done and not any(a["to_value"] == now for a in done):
        said.append(f"it is at {now}, which no action asked for")
    if any(not 2 <= a["to_value"] <= 40 for a in done):
        said.append("out of range")
    return said


def one_round(rng, c, token_file, i):
    t = Deployment(c, token_file, f"live-{i}")
    d = live.Daemon(os.path.join(c.folder, f"live-{i}"), t.place()).start()
    stop, demand = threading.Event(), rng.choice([420, 700, 1000])
    pusher = threading.Thread(target=keep_pushing, args=(d, demand, stop))
    pusher.start()
    try:
        what = disturb(rng, c, d)
        enough = demand / 100 / 0.8
        d.wait(lambda: t.current() >= enough and not [a for a in d.actions() if a["state"] in ("pending", "unknown")])
        return what, t.count(), complaints(t, d)
    finally:
        stop.set()
        pusher.join()
        d.kill()


def run(c, token, rounds):
    """True when nothing was wrong."""
    token_file = c.file("loadline-token", token)
    ok = at_each_call(c, token_file)
    rng, bad, changes, seen = random.Random(1), 0, 0, {}
    for i in range(rounds):
        what, n, said = one_round(rng, c, token_file, i)
        seen[what] = seen.get(what, 0) + 1
        changes += n
        bad += bool(said)
        for line in said:
            print(f"round {i} ({what}): {line}", flush=True)
    print(f"rounds: {rounds} of the daemon over kube-apiserver {c.version}: "
          + ", ".join(f"{k} {v}" for k, v in sorted(seen.items()))
          + f"; {changes} changes, at most one an action; wrong {bad}", flush=True)
    return ok and bad == 0
