#!/usr/bin/env python3
"""Holds the sessions of every venue against published answer rows: calendars.py LOADLINE.

Every difference needs a line in calendars/exceptions.csv, and every line its differences."""
import collections
import csv
import datetime
import gzip
import os
import pathlib
import subprocess
import sys
import zoneinfo

HERE = pathlib.Path(__file__).resolve().parent / "calendars"
VENUES = 30  # so that rows that get lost are seen
SHOWN = 10
ANY = "*"


def times(row):
    return tuple(row[k] for k in ("open_utc", "close_utc", "break_start_utc", "break_end_utc"))


def rows_of(text):
    return {row["session"]: times(row) for row in csv.DictReader(text)}


def theirs_of(code):
    with gzip.open(HERE / f"{code}.csv.gz", "rt", encoding="ascii") as f:
        return rows_of(f)


def ask(program, *args):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LOADLINE_")}
    p = subprocess.run([program, "calendar", *args], env=env, capture_output=True, encoding="utf-8")
    if p.returncode:
        raise SystemExit(f"loadline calendar {' '.join(args)}: exit {p.returncode}: {p.stderr}")
    return p.stdout.splitlines()


def hours(row, zone):
    """'closed', '09:30-16:00', with a break '09:00-11:30 12:30-15:30': as the exceptions have it."""
    if row is None:
        return "closed"

    def local(text):
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return at.astimezone(zone).strftime("%H:%M")

    start, end, pause, again = (local(t) if t else "" for t in row)
    return f"{start}-{pause} {again}-{end}" if pause else f"{start}-{end}"


def exceptions():
    by_code = collections.defaultdict(list)
    with open(HERE / "exceptions.csv", encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            by_code[row["calendar"]].append({**row, "days": int(row["days"]), "seen": 0})
    return by_code


def excuse(lines, day, ours, theirs):
    return [
        e
        for e in lines
        if e["from"] <= day <= e["to"] and e["ours"] == ours and e["theirs"] in (ANY, theirs)
    ]


def differences(code, program, zone, lines):
    """Faults of a venue, and how many of its days were compared."""
    theirs = theirs_of(code)
    first, last = min(theirs), max(theirs)
    ours = rows_of(ask(program, "sessions", code, "--from", first, "--to", last, "-o", "csv"))
    faults, days = [], sorted(set(ours) | set(theirs))
    for day in days:
        if ours.get(day) == theirs.get(day):
            continue
        a, b = hours(ours.get(day), zone), hours(theirs.get(day), zone)
        found = excuse(lines, day, a, b)
        if len(found) != 1:
            faults.append(f"{code} {day}: ours {a}, theirs {b}; {len(found)} lines of exceptions.csv say so")
        for e in found:
            e["seen"] += 1
    return faults, len(days)


def stale(lines):
    for e in lines:
        if e["seen"] != e["days"]:
            where = f"{e['calendar']} {e['from']} to {e['to']}"
            yield f"{where}: exceptions.csv has {e['days']} days ({e['ours']} for {e['theirs']}), there are {e['seen']}"
        if not e["source"].strip():
            yield f"{e['calendar']} {e['from']}: an exception without a source"


def main():
    program = sys.argv[1]
    zones = {r["calendar"]: r["zone"] for r in csv.DictReader(ask(program, "list", "-o", "csv"))}
    known = exceptions()
    codes = sorted(p.name.removesuffix(".csv.gz") for p in HERE.glob("*.csv.gz"))
    faults = [f"exceptions.csv: no rows of {c}" for c in known if c not in codes]
    if len(codes) != VENUES:
        faults.append(f"rows of {len(codes)} venues, not of {VENUES}")
    days, wrong = 0, 0
    for code in codes:
        found, n = differences(code, program, zoneinfo.ZoneInfo(zones[code]), known[code])
        found += stale(known[code])
        days, wrong = days + n, wrong + bool(found)
        faults += found[:SHOWN]
        if len(found) > SHOWN:
            faults.append(f"{code}: and {len(found) - SHOWN} more")
    print("\n".join(faults + [f"{days} days of {len(codes)} venues"]))
    print(f"{len(codes) - wrong} passed, {wrong} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
