#!/bin/sh
# Makes the project's Python environments: setup.sh NAME DIRECTORY REQUIREMENTS [editable]
# Needs a Python 3.13 (any of PATH or pyenv); says in one sentence what is missing if something is.
set -eu

name=$1 directory=$2 requirements=$3 editable=${4:-}

is_ours() {
    "$1" -c 'import sys; assert sys.version_info[:2] == (3, 13)' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-}" python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 python3 python; do
        [ -n "$candidate" ] || continue
        "$candidate" -c 'import os, sys, venv, ensurepip; assert sys.version_info[:2] == (3, 13); print(os.path.realpath(sys.executable))' 2>/dev/null && return
    done
    echo "Python 3.13 with venv is needed and was not found: install it, or say PYTHON=/path/to/python3.13." >&2
    exit 1
}

enough_disk() {
    free=$(df -Pk . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge 1500000 ] && return
    echo "The environments need 1.5 GB of disk and $((free / 1024)) MB are free here: make room and try again." >&2
    exit 1
}

started=$(date +%s)
python=$(find_python)
enough_disk
echo "  making: environment $name ($(grep -c == "$requirements") packages)"
mkdir -p .local
log=.local/setup-$name.log
if {
    { is_ours "$directory/bin/python" || "$python" -m venv --clear "$directory"; } &&
        "$directory/bin/python" -m pip --disable-pip-version-check install --require-hashes -r "$requirements" &&
        { [ -z "$editable" ] ||
            "$directory/bin/python" -m pip --disable-pip-version-check install --no-build-isolation --no-deps -e .; }
} >"$log" 2>&1; then
    touch "$directory/installed"
    echo "  ready: environment $name ($(($(date +%s) - started)) s)"
else
    grep -E '^ERROR|No space' "$log" | tail -n 3 >&2 || true
    echo "The environment $name could not be made; all that was said is in $log." >&2
    exit 1
fi
