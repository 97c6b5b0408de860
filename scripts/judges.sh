#!/usr/bin/env bash
# Encoders before other people's judges, on the tasks of our table:
#   DATA=~/sounds scripts/judges.sh smooth=encoders/smooth rough=encoders/rough
# Each is the folder of a sound encoder, as `trainer export --clips` writes it. DATA holds the tasks: fsdd, esc50
# and notes. What is made on the way goes to OUT, which has to be a relative path of letters, digits and _; finished
# steps are listed in OUT/done and passed over. yavih comes with the extra `yavih`; docs/encoders.md says what X-ARES
# asks for.
set -Eeuo pipefail
trap 'echo "judges: stopped; run it again to go on" >&2' ERR
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
. scripts/steps.sh

: "${DATA:?DATA=FOLDER names the folder that holds fsdd, esc50 and notes}"
OUT=${OUT:-judged}
TASKS=${TASKS:-fsdd esc50 notes notes:pitch_class}
JUDGES=${JUDGES:-yavih xares}
SEEDS=${SEEDS:-0,1,2} # of yavih's probe

export YAVIH_BENCH_PATH=$OUT/yavih YAVIH_RUNS=$OUT/runs YAVIH_RESULTS=$OUT/results

written() { # TASK JUDGE FOLDER: anew, as an interrupted one is half a task
  rm -rf "$3"
  trainer tasks export "$(layout "$1")" --root "$DATA/${1%%:*}" --judge "$2" --out "$3"
}

parts() { # BENCH: its folds, or the splits that count
  python -c 'import json, sys
splits = json.load(open(sys.argv[1]))["splits"]
print(*(splits["folds"] or splits["train"] + splits["eval"]))' "$YAVIH_BENCH_PATH/$1/benchmark.yaml"
}

judge_yavih() { # BENCH NAME
  local run=$OUT/runs/$1/$2/a
  once "yavih-check-$1-$2" yavih bridge check "$OUT/$2_bridge.py" --bench "$1"
  for part in $(parts "$1"); do
    once "yavih-extract-$1-$2-$part" yavih extract --bench "$1" --bridge "$OUT/$2_bridge.py" --split "$part" \
      --shard 0/1 --out "$run"
  done
  once "yavih-validate-$1-$2" yavih features validate "$run/features"
  once "yavih-probe-$1-$2" yavih probe run "$run" --seeds "$SEEDS"
}

judge_xares() { # BENCH NAME
  once "xares-$1-$2" python -m xares.run --max-jobs 0 "$OUT/$2_encoder.py" "$OUT/xares/$1/judged_task.py"
}

mkdir -p "$OUT"
for encoder in "$@"; do # the files that the judges import
  name=${encoder%%=*}
  printf 'from trainer.encoders.%s import %s\n\n\nclass %s(%s):\n    path = "%s"\n' \
    yavih YavihFeatures "${name^}Bridge" YavihFeatures "${encoder#*=}" >"$OUT/${name}_bridge.py"
  printf 'from trainer.encoders.%s import %s\n\n\nclass %s(%s):\n    path = "%s"\n' \
    xares XaresFeatures "${name^}Encoder" XaresFeatures "${encoder#*=}" >"$OUT/${name}_encoder.py"
done
for task in $TASKS; do
  bench=our_${task/:/_} # yavih has an esc50 of its own
  for judge in $JUDGES; do
    once "export-$judge-$bench" written "$task" "$judge" "$OUT/$judge/$bench"
    for encoder in "$@"; do "judge_$judge" "$bench" "${encoder%%=*}"; done
  done
done
if [[ $JUDGES == *yavih* ]]; then yavih report build "$OUT/runs/*" --out "$OUT/report.md"; fi
