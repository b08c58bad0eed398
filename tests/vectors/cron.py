#!/usr/bin/env python3
"""Cron expressions: cron.py LOADLINE.  cron/README.md says what the columns mean."""
import csv
import datetime
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FORM = "%Y-%m-%dT%H:%M:%SZ"


def ask(loadline, row, since, count):
    command = [loadline, "cron", "next", row["expr"], "--tz", row["tz"], "--from", since, "--count", str(count)]
    p = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if p.returncode not in (0, 1):
        raise AssertionError(f"exit {p.returncode}: {p.stderr.decode()}")
    return p.returncode, p.stdout.decode().split()


def fault(loadline, row):
    want = row["next_utc"].split()
    if want in (["MATCH"], ["NOMATCH"]):
        before = datetime.datetime.strptime(row["from_utc"], FORM) - datetime.timedelta(seconds=1)
        _, got = ask(loadline, row, before.strftime(FORM), 1)
        return None if (got == [row["from_utc"]]) == (want == ["MATCH"]) else f"{want}, got {got}"
    code, got = ask(loadline, row, row["from_utc"], max(1, len(want)))
    if want == ["ERROR"]:
        return None if code == 1 else f"accepted: {got}"
    if code != 0:
        return "refused"
    return None if got == ([] if want == ["NEVER"] else want) else f"want {want}, got {got}"


def main():
    with open(os.path.join(HERE, "cron", "cases.tsv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    binding = [r for r in rows if "seconds6" not in r["class"] and "ambiguous" not in r["class"]]
    faults = [(r, why) for r in binding for why in [fault(sys.argv[1], r)] if why]
    for row, why in faults:
        print(f"{row['expr']} {row['tz']} from {row['from_utc']}: {why}")
    print(f"{len(binding) - len(faults)} passed, {len(faults)} failed")
    return 1 if faults or not binding else 0


sys.exit(main())
