#!/usr/bin/env python3
"""Fails when docs/reference/components.md points to something that does not exist."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text_of(*patterns):
    return "\n".join(p.read_text() for pat in patterns for p in sorted(ROOT.glob(pat)))


def rows():
    for line in (ROOT / "docs/reference/components.md").read_text().splitlines():
        cells = [c.strip().strip("`") for c in line.strip().strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 7 and cells[0] not in ("component", "---"):
            yield cells


def main():
    headers = text_of("src/**/*.h", "include/**/*.h")
    routes = text_of("src/api/routes*.c")
    commands = text_of("src/cmd/commands.c")
    dashboard = text_of("web/src/**/*.tsx", "web/src/**/*.ts")
    faults, n = [], 0
    for component, operation, function, route, command, place, tests in rows():
        where = f"{component}.{operation}"
        n += 1
        if function.startswith("(later: "):
            continue
        if not re.search(rf"\b{re.escape(function)}\(", headers):
            faults.append(f"{where}: no header declares {function}")
        if route != "–" and f'"{route.removeprefix("/api/v1")}"' not in routes:
            faults.append(f"{where}: no route {route}")
        if command != "–" and f"&ll_cmd_{command.replace(' ', '_')}," not in commands:
            faults.append(f"{where}: no command {command}")
        if place != "–" and not place.startswith("(later: ") and place not in dashboard:
            faults.append(f"{where}: the dashboard has no '{place}'")
        if not (ROOT / tests).is_file():
            faults.append(f"{where}: no test {tests}")
    if n < 30:
        faults.append(f"only {n} rows were read: the table's form has changed")
    print("\n".join(faults) if faults else f"{n} operations, each row points to something")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
