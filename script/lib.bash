# What the scripts share; sourced, never run.  Leaves the shell in the repository's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '==> %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The usage of a script is the comment under its first line.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root for: $* (run as root, or install sudo)"
    fi
}

# configure DIR OPTION...: sets a build directory up once, and anew when what it depends on changed.
configure() {
    local dir=$1 want
    shift
    want="CC=${CC:-cc} $(meson --version) $*"
    if [ -f "$dir/build.ninja" ] && [ "$(cat "$dir/.configured" 2>/dev/null)" = "$want" ]; then
        return
    fi
    say "configure $dir"
    rm -rf "$dir"
    meson setup "$dir" "$@" >"/tmp/loadline-setup.$$" 2>&1 || {
        cat "/tmp/loadline-setup.$$"
        rm -f "/tmp/loadline-setup.$$"
        return 1
    }
    rm -f "/tmp/loadline-setup.$$"
    printf '%s\n' "$want" >"$dir/.configured"
}
