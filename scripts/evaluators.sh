#!/usr/bin/env bash
# Evaluate encoders by other people's evaluators, yavih and X-ARES, on the tasks of our table:
#   DATA=~/sounds scripts/evaluators.sh smooth=encoders/smooth rough=encoders/rough
# Each is the folder of a sound encoder, as `trainer export --clips` writes it. DATA holds the tasks: fsdd, esc50
# and notes. What is made on the way goes to OUT, which has to be a relative path of letters, digits and _; finished
# steps are listed in OUT/done and passed over. yavih comes with the extra `yavih`; docs/encoders.md says what X-ARES
# asks for.
set -Eeuo pipefail
trap 'echo "evaluators: stopped; run it again to go on" >&2' ERR
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
. scripts/steps.sh

: "${DATA:?DATA=FOLDER names the folder that holds fsdd, esc50 and notes}"
OUT=${OUT:-evaluated}
TASKS=${TASKS:-fsdd esc50 notes notes:pitch_class}
EVALUATORS=${EVALUATORS:-yavih xares}
SEEDS=${SEEDS:-0,1,2} # of yavih's probe

export YAVIH_BENCH_PATH=$OUT/yavih YAVIH_RUNS=$OUT/runs YAVIH_RESULTS=$OUT/results

written() { # TASK EVALUATOR FOLDER: anew, as an interrupted one is half a task
  rm -rf "$3"
  trainer tasks export "$(layout "$1")" --root "$DATA/${1%%:*}" --evaluator "$2" --out "$3"
}

parts() { # BENCH: its folds, or the splits that count
  python -c 'import json, sys
splits = json.load(open(sys.argv[1]))["splits"]
print(*(splits["folds"] or splits["train"] + splits["eval"]))' "$YAVIH_BENCH_PATH/$1/benchmark.yaml"
}

evaluate_yavih() { # BENCH NAME
  local run=$OUT/runs/$1/$2/a
  once "yavih-check-$1-$2" yavih bridge check "$OUT/$2_bridge.py" --bench "$1"
  for part in $(parts "$1"); do
    once "yavih-extract-$1-$2-$part" yavih extract --bench "$1" --bridge "$OUT/$2_bridge.py" --split "$part" \
      --shard 0/1 --out "$run"
  done
  once "yavih-validate-$1-$2" yavih features validate "$run/features"
  once "yavih-probe-$1-$2" yavih probe run "$run" --seeds "$SEEDS"
}

evaluate_xares() { # BENCH NAME
  once "xares-$1-$2" python -m xares.run --max-jobs 0 "$OUT/$2_encoder.py" "$OUT/xares/$1/xares_task.py"
}

mkdir -p "$OUT"
for encoder in "$@"; do # the files that the evaluators import
  name=${encoder%%=*}
  printf 'from trainer.encoders.%s import %s\n\n\nclass %s(%s):\n    path = "%s"\n' \
    yavih YavihFeatures "${name^}Bridge" YavihFeatures "${encoder#*=}" >"$OUT/${name}_bridge.py"
  printf 'from trainer.encoders.%s import %s\n\n\nclass %s(%s):\n    path = "%s"\n' \
    xares XaresFeatures "${name^}Encoder" XaresFeatures "${encoder#*=}" >"$OUT/${name}_encoder.py"
done
for task in $TASKS; do
  bench=our_${task/:/_} # yavih has an esc50 of its own
  for evaluator in $EVALUATORS; do
    once "export-$evaluator-$bench" written "$task" "$evaluator" "$OUT/$evaluator/$bench"
    for encoder in "$@"; do "evaluate_$evaluator" "$bench" "${encoder%%=*}"; done
  done
done
if [[ $EVALUATORS == *yavih* ]]; then yavih report build "$OUT/runs/*" --out "$OUT/report.md"; fi
