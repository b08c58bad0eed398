#!/usr/bin/env python3
"""Makes one C file of the calendars' files: tools/embed_calendars.py DIR OUT.c OUT.d

The same files always give the same output.  The interface is src/config/calendars_embedded.h.
Folders are dependencies too, so that a new file is seen."""

import os
import sys
import zlib

PER_LINE = 24
SUFFIXES = ('.yaml', '.ics')


def files(root):
    """Paths relative to root, sorted as bytes."""
    found = []
    for folder in ('', 'events'):
        where = os.path.join(root, folder)
        names = os.listdir(where) if os.path.isdir(where) else []
        found += [os.path.join(folder, n) for n in names if n.endswith(SUFFIXES)]
    return sorted(found, key=os.fsencode)


def array(name, data):
    lines = [','.join(map(str, data[i:i + PER_LINE])) for i in range(0, len(data), PER_LINE)]
    return f'static const unsigned char {name}[] = {{\n' + ',\n'.join(lines) + '};\n'


def main():
    root, out, depfile = sys.argv[1:]
    arrays, rows, paths = [], [], files(root)
    for i, path in enumerate(paths):
        with open(os.path.join(root, path), 'rb') as f:
            raw = f.read()
        arrays.append(array(f'file_{i}', zlib.compress(raw, 9)))
        rows.append(f'    {{"{path}", file_{i}, sizeof(file_{i}), {len(raw)}}},')
    with open(out, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/embed_calendars.py: do not edit. */\n'
                '#include "config/calendars_embedded.h"\n\n' + '\n'.join(arrays) +
                '\nconst struct ll_calendars_embedded ll_calendars_embedded[] = {\n' +
                '\n'.join(rows) + '\n};\n'
                f'const size_t ll_calendars_embedded_n = {len(rows)};\n')
    with open(depfile, 'w', encoding='utf-8') as f:
        seen = [root] + [p for p in [os.path.join(root, 'events')] if os.path.isdir(p)]
        seen += [os.path.join(root, p) for p in paths]
        f.write(out + ': ' + ' '.join(p.replace(' ', '\\ ') for p in seen) + '\n')


main()
