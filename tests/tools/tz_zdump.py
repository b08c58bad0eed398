#!/usr/bin/env python3
"""usage: tz_zdump.py TZ_DUMP

Every zone of the system's tzdata, 1901 to 2100, against `zdump -V` of the C library: both sides of
every change with offset, flag and abbreviation.  Some years once more as `zic -b slim` compiles them,
where the present already comes from the rule in the footer."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ZONEINFO = "/usr/share/zoneinfo"
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


def zdump(paths, first, end):
    """It looks at every half day: the most of the time of this test, so on every processor."""
    size = -(-len(paths) // (os.cpu_count() or 1))
    command = ["zdump", "-V", "-c", f"{first},{end}"]
    running = [
        subprocess.Popen(command + paths[at:at + size], stdout=subprocess.PIPE, text=True)
        for at in range(0, len(paths), size)
    ]
    return "".join(p.communicate()[0] for p in running).splitlines()


def compare(folder, tz_dump, first, end):
    names = zones(folder)
    ours = run(tz_dump, first, end, folder, *names).splitlines()
    paths = [os.path.join(folder, n) for n in names]
    theirs = [
        " ".join(line[len(folder) + 1:].split()) for line in zdump(paths, first, end)
    ]
    ours = [" ".join(line.split()) for line in ours]
    missing, extra = set(theirs) - set(ours), set(ours) - set(theirs)
    print(f"{folder}: {len(names)} zones, {len(theirs)} lines of zdump, {len(ours)} of ours")
    for mark, lines in ("zdump", missing), ("ours", extra):
        for line in sorted(lines)[:20]:
            print(f"  only {mark}: {line}")
    return len(names) > 300 and ours == theirs  # as lists: nothing is said twice


def main():
    tz_dump = sys.argv[1]
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("zdump") or not os.path.exists(ZONEINFO + "/tzdata.zi"):
        print("there is no zdump, or no tzdata")
        return SKIPPED
    ok = compare(ZONEINFO, tz_dump, "1901", "2101")
    with tempfile.TemporaryDirectory() as slim:
        subprocess.run(["zic", "-b", "slim", "-d", slim, ZONEINFO + "/tzdata.zi"], check=True)
        ok = compare(slim, tz_dump, "2000", "2040") and ok
    return 0 if ok else 1


sys.exit(main())
