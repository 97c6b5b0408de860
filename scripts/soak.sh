#!/usr/bin/env bash
# Disturb drawing and training for hours, at random, and compare each end with that of an undisturbed run:
#   scripts/soak.sh 2          two hours, with a seed of the clock's
#   scripts/soak.sh 0.5 17     half an hour, as seed 17 chooses
# Processes are killed for real; dataset folders, run folders and files of strangers are
# searched further than `make test` does. Each round is a line, also in soak-SEED.log; the last says what was survived.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1
exec .venv/bin/python -m tests.soak "${1:?HOURS}" "${2:-$(date +%s)}"
