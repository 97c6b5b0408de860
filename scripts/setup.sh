#!/usr/bin/env bash
# Makes .venv with everything that drawing, training, the tests and the demo need. Quick when all is there.
#
# PYTHON=/path/to/python3 chooses the interpreter; otherwise the first of python3, python3.14 … python3.11
# that is new enough. Debian packages are installed only by root; others are told the command to run.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # what Python has compiled is kept, whatever the machine's habit

VENV=.venv
STAMP=$VENV/.patterngen-setup # what was installed, in one hash
KERNELS=$VENV/.patterngen-kernels # the sources whose kernels are compiled, in one hash
OPENGL=$VENV/.patterngen-opengl # exists once OpenGL has worked
CHROMIUM=$VENV/.patterngen-chromium # exists once Chromium was looked for

say() { echo "setup: $*" >&2; }
fail() {
  echo "error: $*" >&2
  exit 2
}

# debian PACKAGE…: install when root, otherwise (status 1) leave it to the caller to name the command.
debian() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $*"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >&2
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

make_venv() {
  local python name
  if ! python=$(find_python); then
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not Python 3.11 or newer"
    if ! { debian python3 python3-venv && python=$(find_python); }; then
      fail "no Python 3.11 or newer: on Debian 12, Ubuntu 24.04 or later run" \
        "'apt-get install python3 python3-venv' as root, or give PYTHON=/path/to/python3"
    fi
  fi
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    name=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    debian "$name" || fail "$python cannot make virtual environments: run 'apt-get install $name' as root"
  fi
  say "making $VENV with $("$python" --version)"
  "$python" -m venv --clear "$VENV"
}

# What decides what is installed: the project's requirements and the interpreter.
fingerprint() { cat pyproject.toml scripts/setup.sh "$VENV/pyvenv.cfg" | sha256sum; }

install_packages() {
  [ "$(fingerprint)" != "$(cat "$STAMP" 2>/dev/null)" ] || return 0
  say "installing Python packages into $VENV (the first time takes minutes)"
  # Dependency groups need pip 25.1, newer than what most systems bring.
  "$VENV/bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
  # Python compiles what is imported, once; most of what is installed never is.
  "$VENV/bin/python" -m pip install --quiet --no-compile --editable .
  "$VENV/bin/python" -m patterngen.jobs.kernel_build & # which is all that kernels need, while torch is unpacked
  kernels=$!
  "$VENV/bin/python" -m pip install --quiet --no-compile --editable '.[gl,train]' --group dev
  wait "$kernels" || true # compile_kernels tries again, and tells what is wrong
  fingerprint >"$STAMP"
  "$VENV/bin/python" -c 'import patterngen.cli, trainer.cli
for program in patterngen, trainer: [*program.cli.COMMANDS.values()]' & # while kernels are compiled
  imports=$!
}

draws_with_opengl() {
  "$VENV/bin/python" -c 'from patterngen.shaders.render.context import open_context; open_context()' 2>&1
}

install_opengl() {
  local packages=(libegl1 libgl1-mesa-dri)
  [ ! -e "$OPENGL" ] || return 0
  if draws_with_opengl >/dev/null || { debian "${packages[@]}" && draws_with_opengl >/dev/null; }; then
    touch "$OPENGL"
  else
    say "OpenGL does not work here, so the family 'shaders' is left out; all others work." \
      "On Debian and Ubuntu, run 'apt-get install ${packages[*]}' as root."
  fi
}

# Only tests need it, so it is looked for once.
install_chromium() {
  local packages=(chromium chromium-driver)
  [ ! -e "$CHROMIUM" ] || return 0
  if ! { command -v chromium && command -v chromedriver; } >/dev/null && ! debian "${packages[@]}"; then
    say "there is no Chromium here, so tests of the page that 'patterngen browse' writes are skipped." \
      "On Debian, run 'apt-get install ${packages[*]}' as root."
  fi
  touch "$CHROMIUM"
}

# Without them the first picture of each family waits for the compiler.
compile_kernels() {
  local now
  now=$({ cat "$STAMP"; grep -rl --include='*.py' 'patterngen.kernels\|patterngen.rng\|numba' patterngen | sort | xargs cat; } | sha256sum)
  [ "$now" != "$(cat "$KERNELS" 2>/dev/null)" ] || return 0
  say "compiling the kernels that are missing (a minute or two on two cores, if it is all of them)"
  "$VENV/bin/python" -m patterngen.jobs.kernel_build
  echo "$now" >"$KERNELS"
}

# Two that install into one folder at once would spoil it: the second waits, and then finds all there.
exec 9<.
! command -v flock >/dev/null || flock 9

"$VENV/bin/python" -c '' 2>/dev/null || make_venv
install_chromium & # Debian's packages and Python's wait for different things
chromium=$!
install_packages
compile_kernels
wait "$chromium"
[ -z "${imports:-}" ] || wait "$imports"
install_opengl
