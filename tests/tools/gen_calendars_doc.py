#!/usr/bin/env python3
"""Writes docs/reference/calendars.md from the calendars in the program and from the exceptions to
the answer rows: gen_calendars_doc.py LOADLINE [--check FILE]."""
import csv
import gzip
import itertools
import json
import os
import pathlib
import subprocess
import sys

ROWS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "calendars"

HEAD = """# Shipped market calendars

Generated from the rule files in `calendars/`; do not edit. How to use them is in the
[guide](../guide/calendars.md), how a file is written in [calendar-rules.md](calendar-rules.md).

Nothing is said of days before `from`. Days after `announced to` are computed by the rules and marked
projected: the venue has not published them, or not yet. Rules close days or change their hours; ad
hoc are single dates; table dates are those of calendars that no rule gives, such as the Chinese one.
`answers` are the years whose sessions are held against published answer rows by a test, to the
minute.

"""

TABLE = """| calendar | name | zone | from | announced to | rules | ad hoc | table dates | answers | aliases |
|---|---|---|---|---|---|---|---|---|---|
"""

DEVIATIONS = """
## Where they differ from the answer rows

The [answer rows](../../tests/vectors/calendars/README.md) are those of exchange_calendars, a second
opinion. Each difference is here with its source; a test fails on one that is not, and on a line that
no longer holds. Hours are local. Calendars that are not named differ nowhere.
"""

DOUBTS = """
## What is doubtful

- **XETR before 2000**: exchange_calendars has sessions on regional holidays on which, by the press, no
  shares were traded. No list by the exchange was found, so the holidays are the answer rows'.
- **European hours before about 2003**: today's hours are carried back, as everybody does. Floors and
  early electronic systems had others; XEUR has the hours of 2005 to its beginning.
- **XHKG in the 1990s**: no list of hours was found. The longer midday pause is a `halt`, its times
  those of the last years before 2011. The morning of 2009-09-15 has no primary source.
- **XTAI before 2000, XIDX before 2002, XJSE before 1995**: no list of sessions was found; they are
  computed by the rules and marked projected. Saturdays, on which XTAI most likely traded, are not in it.
- **XEUR's Asian session in winter** begins at 01:15, in summer at 02:15. The `night` phase says 02:15
  all year: what is true on every day.
- **XSES half days**: until now SGX closed at noon on some eves. Those days have whole sessions here,
  as in the answer rows.
- **XBOM-MUHURAT**: the times of 2010 come from one broker's notice; the session of 2026-11-08 is
  announced, its times were not in our sources and it is not in the file.
- **Lunar and Islamic holidays** after the announced years are dates by calculation. Sighting and
  decree move them by a day: hence `projected`.
- **Halts** for faults and circuit breakers are not modelled, but for those that ended a session.
"""


def listed(program):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LOADLINE_")}
    text = subprocess.run([program, "calendar", "list", "--json"], env=env, check=True, capture_output=True)
    return json.loads(text.stdout)["items"]


def answers(code, start):
    path = ROWS / f"{code}.csv.gz"
    if not path.is_file():
        return ""
    with gzip.open(path, "rt", encoding="ascii") as f:
        years = [line[:4] for line in f][1:]
    return f"{max(years[0], start[:4])} to {years[-1]}"


def table(items):
    for i in items:
        cells = [f"`{i['calendar']}`", i["name"], i["zone"], i["from"], i["announced_to"]]
        cells += [str(i[k]) for k in ("rules", "adhoc_dates", "table_dates")]
        cells += [answers(i["calendar"], i["from"]), ", ".join(i["aliases"])]
        yield "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n"


def sources(items):
    yield "\n## Sources\n\nFacts and figures only; the texts are ours.\n\n"
    for i in items:
        if i["sources"]:
            yield f"- `{i['calendar']}`: {'; '.join(i['sources'])}\n"


def says(e):
    """One exception: which days, and where hours differ which."""
    when = e["from"] if e["from"] == e["to"] else f"{e['from']} to {e['to']} ({e['days']} days)"
    if e["what"] in ("closed", "session", "before start"):
        return when
    return f"{when} {e['ours']}, theirs {e['theirs']}"


def deviations():
    with open(ROWS / "exceptions.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    words = {"closed": "closed", "session": "open", "before start": "not yet open"}
    for code, of_code in itertools.groupby(rows, key=lambda e: e["calendar"]):
        yield f"\n### {code}\n\n"
        groups = {}
        for e in of_code:
            groups.setdefault((e["what"], e["source"]), []).append(e)
        for (what, source), es in groups.items():
            yield f"- {words.get(what, what)}: {'; '.join(map(says, es))}. {source}\n"


def page(program):
    items = listed(program)
    return "".join([HEAD, TABLE, *table(items), DEVIATIONS, *deviations(), DOUBTS, *sources(items)])


def main():
    text = page(sys.argv[1])
    if sys.argv[2:3] != ["--check"]:
        sys.stdout.write(text)
        return 0
    if pathlib.Path(sys.argv[3]).read_text(encoding="utf-8") == text:
        return 0
    print(f"{sys.argv[3]} is stale: write it anew with tests/tools/gen_calendars_doc.py LOADLINE", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
