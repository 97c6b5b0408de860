#!/usr/bin/env bash
# Our table of transfer, docs/results/transfer.csv, from the first seed to the last score:
#   DATA=~/sounds scripts/transfer.sh
# DATA holds the tasks: fsdd, esc50 and notes. What is made on the way goes to OUT. Every step is a command that
# you can run yourself, and goes on where it stopped; finished ones are listed in OUT/done and passed over.
set -Eeuo pipefail
trap 'echo "transfer: stopped; run it again to go on" >&2' ERR
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
. scripts/steps.sh

: "${DATA:?DATA=FOLDER names the folder that holds fsdd, esc50 and notes}"
OUT=${OUT:-transfer}
TABLE=${TABLE:-docs/results/transfer.csv}

# The budget: equal for every pre-training, whatever it sees, and for every fine-tuning.
COUNT=${COUNT:-24000} # pictures in each synthetic set
STEPS=${STEPS:-3000}  # optimiser steps of each pre-training …
BATCH=${BATCH:-32}    # … of so many pictures
EPOCHS=${EPOCHS:-4}   # of each fine-tuning
SEEDS=${SEEDS:-5}     # random networks beside the probes
FOLDS=${FOLDS-}       # fine-tune these folds only; all of them if not given

# What is asked for: all of it, or a part, so that two processes may share the work.
RUNS=${RUNS:-spectro shaders dead-leaves mixture real}
TASKS=${TASKS:-fsdd esc50 notes notes:pitch_class}
PROTOCOLS=${PROTOCOLS:-linear attentive knn}
STAGES=${STAGES:-pretrain probe finetune table}

SIZE=80 # pixels: as many as there are mel bands, so that a picture of sound is seen whole
declare -A FAMILY=([spectro]=spectro [shaders]=shaders [dead-leaves]=dead-leaves-mixed)
declare -A FOLDS_OF=([fsdd]=6 [esc50]=5 [notes]=5)

pretrain() { # NAME --data …: the same budget and the same settings for all
  local name=$1
  shift
  once "pretrain-$name" trainer pretrain "$@" --out "$OUT/runs/$name" --model vit_tiny --image-size $SIZE \
    --patch-size 8x16 --channels 1 --norm-pix --keep-mean --lr 5e-4 --steps "$STEPS" --batch-size "$BATCH" \
    --workers 0 --seed 0
}

draw() { # SET: its pictures
  once "render-$1" patterngen render "${FAMILY[$1]}" --count "$COUNT" --size $SIZE --seed 1 \
    --samples-per-shard 2000 --out "$OUT/sets/$1"
}

for run in $RUNS; do
  [[ $STAGES == *pretrain* ]] || break
  case $run in
    mixture)
      for set in spectro shaders dead-leaves; do draw $set; done
      pretrain mixture --data "$OUT/sets/spectro=2" --data "$OUT/sets/shaders" --data "$OUT/sets/dead-leaves"
      ;;
    real) # the companion from above: the clips of all tasks without a label, but for those of the tested fold
      for fold in 1 2 3 4 5 6; do
        real=()
        for task in fsdd esc50 notes; do
          held=()
          if [ "$fold" -le "${FOLDS_OF[$task]}" ]; then held=(--held-out "$fold"); fi
          once "spectrograms-$task-$fold" trainer spectrograms --task "$(layout $task)" --root "$DATA/$task" \
            --frames $SIZE --join "${held[@]}" --out "$OUT/sets/real-$task-$fold"
          real+=(--data "$OUT/sets/real-$task-$fold")
        done
        pretrain "real-$fold" "${real[@]}"
      done
      ;;
    *)
      draw "$run"
      pretrain "$run" --data "$OUT/sets/$run"
      ;;
  esac
done

# What each is worth, beside the floor, random weights and training from scratch. An encoder's probe is the same
# with every seed, but for the validation clips that choose its penalty: one does. Random weights are a network
# for each, so the first encoder is probed again with the others.
place() { case $1 in real) echo "real=$OUT/runs/real-{fold}" ;; *) echo "$1=$OUT/runs/$1" ;; esac }
runs=()
for run in $RUNS; do runs+=(--run "$(place "$run")"); done
protocols=()
for protocol in $PROTOCOLS; do protocols+=(--protocol "$protocol"); done
folds=()
for fold in $FOLDS; do folds+=(--fold "$fold"); done
scores=()
for task in $TASKS; do
  scores+=("$OUT/scores/${task/:/-}")
  words=(--task "$(layout "$task")" --root "$DATA/${task%%:*}" --out "${scores[-1]}")
  if [[ $STAGES == *probe* ]]; then
    named="$task-${RUNS// /+}-${PROTOCOLS// /+}"
    once "probe-$named" trainer transfer probe "${words[@]}" "${runs[@]}" "${protocols[@]}" --seeds 1
    if [ "$SEEDS" -gt 1 ]; then
      once "random-$named-$SEEDS" trainer transfer probe "${words[@]}" "${runs[@]:0:2}" "${protocols[@]}" \
        --seed 1 --seeds $((SEEDS - 1))
    fi
  fi
  if [[ $STAGES == *finetune* ]]; then # each, `scratch` too, by the recipe that suits it best
    once "finetune-$task-${RUNS// /+}-$EPOCHS-${FOLDS// /+}" \
      trainer transfer finetune "${words[@]}" "${runs[@]}" --epochs "$EPOCHS" "${folds[@]}" \
      --try-lr 3e-4 --try-lr 1e-3 --try-layer-decay 0.75 --try-layer-decay 1 --time-mask 0.2 --freq-mask 0.1
  fi
done

if [[ $STAGES == *table* ]]; then
  mkdir -p "$(dirname "$TABLE")"
  shown=(--protocol linear) # in docs/findings.md
  trainer results "${scores[@]}" "${shown[@]}" --format markdown --out "${TABLE%.csv}.md"
  trainer results "${scores[@]}" --against random --format markdown --out "${TABLE%.csv}-against-random.md"
  trainer results "${scores[@]}" --format csv --out "$TABLE"
  trainer results "${scores[@]}"
fi
