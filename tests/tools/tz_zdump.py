#!/usr/bin/env python3
"""usage: tz_zdump.py TZ_DUMP

Every zone of the system's tzdata, 1901 to 2100, against `zdump -V` of the C library: both sides of
every change with offset, flag and abbreviation.  Once as packaged, and once compiled again by
`zic -b slim`, where all but the past comes from the rule in the footer."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ZONEINFO = "/usr/share/zoneinfo"
FROM, TO = "1901", "2101"
SKIPPED = 77  # what meson calls a skipped test


def zones(folder):
    """One name of each content; files under right/ count leap seconds and are refused."""
    seen = {}
    for path, dirs, files in os.walk(folder):
        dirs[:] = sorted(d for d in dirs if d not in ("posix", "right"))
        for name in sorted(files):
            full = os.path.join(path, name)
            with open(full, "rb") as f:
                data = f.read()
            if data[:4] == b"TZif":
                seen.setdefault(hashlib.sha256(data).digest(), os.path.relpath(full, folder))
    return sorted(seen.values())


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def compare(folder, tz_dump):
    names = zones(folder)
    ours = run(tz_dump, FROM, TO, folder, *names).splitlines()
    paths = [os.path.join(folder, n) for n in names]
    theirs = [
        " ".join(line[len(folder) + 1:].split())
        for line in run("zdump", "-V", "-c", f"{FROM},{TO}", *paths).splitlines()
    ]
    ours = [" ".join(line.split()) for line in ours]
    missing, extra = set(theirs) - set(ours), set(ours) - set(theirs)
    print(f"{folder}: {len(names)} zones, {len(theirs)} lines of zdump, {len(ours)} of ours")
    for mark, lines in ("zdump", missing), ("ours", extra):
        for line in sorted(lines)[:20]:
            print(f"  only {mark}: {line}")
    return len(names) > 300 and ours == theirs


def main():
    tz_dump = sys.argv[1]
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("zdump") or not os.path.exists(ZONEINFO + "/tzdata.zi"):
        print("there is no zdump, or no tzdata")
        return SKIPPED
    ok = compare(ZONEINFO, tz_dump)
    with tempfile.TemporaryDirectory() as slim:
        subprocess.run(["zic", "-b", "slim", "-d", slim, ZONEINFO + "/tzdata.zi"], check=True)
        ok = compare(slim, tz_dump) and ok
    return 0 if ok else 1


sys.exit(main())
