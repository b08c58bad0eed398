#!/usr/bin/python3 -SE
"""A command as the executor exec runs it, which breaks when it is told to.

usage: command.py FOLDER [observe]
FOLDER/state holds the number, FOLDER/log a line for each change, FOLDER/faults a line for each run
to come: NAME, or observe:NAME for a run that reads.
"""
import json
import os
import signal
import sys
import time

folder, observing = sys.argv[1], sys.argv[2:] == ["observe"]


def read(name, default=""):
    try:
        with open(os.path.join(folder, name)) as f:
            return f.read()
    except FileNotFoundError:
        return default


def write(name, text):
    with open(os.path.join(folder, name + ".new"), "w") as f:
        f.write(text)
    os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))


def next_fault():
    lines = read("faults").split()
    for i, line in enumerate(lines):
        if line.startswith("observe:") == observing:
            write("faults", "\n".join(lines[:i] + lines[i + 1:]))
            return line.removeprefix("observe:")
    return ""


def end(fault):
    if fault.startswith("exit_"):
        print("as told", file=sys.stderr)
        sys.exit(int(fault.removeprefix("exit_").removesuffix("_after")))
    if fault.startswith("hang"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    if fault.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)


fault = next_fault()
if fault and not fault.endswith("_after"):
    end(fault)
if observing:
    if fault == "garbage":
        print("three")
    elif fault == "huge":
        print("3" * (1 << 20))
    else:
        print(json.dumps({"current": int(read("state")), "ready": int(read("state"))}))
    sys.exit(0)
action = json.load(sys.stdin)
if os.environ["LOADLINE_ACTION_ID"] != action["action_id"]:
    sys.exit(70)
before = int(read("state"))
if before != action["to"]:
    write("state", str(action["to"]))
    with open(os.path.join(folder, "log"), "a") as f:
        f.write(f"{action['action_id']} {before} {action['to']}\n")
if fault == "huge":
    print("3" * (1 << 20))
end(fault)
