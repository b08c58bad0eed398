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

# run_scripts SETUP FOLDER SCRIPT ARGUMENT...: runs FOLDER/*.sh, all or those named, in order, with
# LOADLINE_BIN naming the release program; a script that fails does not stop the others.
run_scripts() {
    local setup=$1 folder=$2 script=$3 arg name names=() began rc passed=0 failed=0 skipped=0 flags=()
    shift 3
    for arg in "$@"; do
        case $arg in
        -h | --help) usage "$script"; return ;;
        --list) find "$folder" -maxdepth 1 -name '*.sh' -printf '%f\n' 2>/dev/null | sort | sed 's/\.sh$//'
            return ;;
        --quick) flags=(--quick) ;;
        *) [ -f "$folder/$arg.sh" ] || die "no '$arg': there is no $folder/$arg.sh"
            names+=("$arg") ;;
        esac
    done
    if [ "${#names[@]}" = 0 ]; then
        for name in "$folder"/*.sh; do [ ! -e "$name" ] || names+=("$(basename "$name" .sh)"); done
    fi
    [ "${#names[@]}" -gt 0 ] || die "there is nothing in $folder"
    script/setup "$setup"
    script/build
    ninja -C build --quiet # the helpers that load and verify
    export LOADLINE_BIN=$PWD/build/loadline
    for name in "${names[@]}"; do
        say "$setup $name"
        began=$SECONDS rc=0
        bash "$folder/$name.sh" "${flags[@]}" || rc=$?
        case $rc in # 77: cannot run here, as Meson has it
        0) passed=$((passed + 1)) ;;
        77) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) && echo "FAILED: $folder/$name.sh ($rc)" ;;
        esac
        say "$setup $name: $((SECONDS - began)) s"
    done
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
