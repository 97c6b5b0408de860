#!/usr/bin/env bash
# The encoders that come with the package, from the first seed to the last score on a card:
#   DATA=~/sounds ENCODER=patterns-tiny-pixels scripts/patterns-tiny.sh
#   DATA=~/sounds scripts/patterns-tiny.sh                 # patterns-tiny, which goes on from the one that is shipped
# No recording teaches them: their pictures are drawn while they learn, and their input is standardised as these were.
# DATA holds the tasks that they are evaluated by: fsdd, esc50 and notes. What is made on the way goes to OUT. Every step
# is a command that you can run yourself, and goes on where it stopped; finished ones are listed in OUT/done and passed
# over.
set -Eeuo pipefail
trap 'echo "${ENCODER:-patterns-tiny}: stopped; run it again to go on" >&2' ERR
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
. scripts/steps.sh

: "${DATA:?DATA=FOLDER names the folder that holds fsdd, esc50 and notes}"
ENCODER=${ENCODER:-patterns-tiny}
OUT=${OUT:-transfer/$ENCODER}
TABLE=${TABLE:-docs/results/$ENCODER.csv}
TASKS=${TASKS:-fsdd esc50 notes notes:pitch_class}
SEEDS=${SEEDS:-5} # of validation clips and of random networks beside it

case $ENCODER in
  patterns-tiny-pixels)
    pictures=spectro
    recipe=(--lr 5e-4 --steps "${STEPS:-9000}")
    layers=logmel+norm
    ;;
  patterns-tiny)
    # The mel axis of its clips, so that a row of a picture is a frequency, and what sounds there can be told: by a third
    # of the channels of block 6, so that the others stay with the pixels.
    pictures="spectro?mel_scale=slaney&f_min_low=50&f_min_high=50&f_max_low=8000&f_max_high=8000"
    recipe=(--init patterns-tiny-pixels --piano-roll 0.3 --piano-roll-layer 6 --piano-roll-channels 64
      --lr 1e-3 --steps "${STEPS:-11000}")
    layers=logmel+6+norm
    ;;
  *)
    echo "error: ENCODER=$ENCODER is neither patterns-tiny nor patterns-tiny-pixels" >&2
    exit 2
    ;;
esac
once pretrain trainer pretrain --draw "$pictures" --out "$OUT/run" --model vit_tiny --image-size 80x208 --patch-size 16x16 \
  --channels 1 --mask-ratio 0.8 --decoder cross --predict-share 0.5 --norm-pix --keep-mean "${recipe[@]}" \
  --batch-size 32 --workers 0 --show-as spectrograms --save-every 500 --show-every 3000 --seed 0

# Its pictures span 50 to 90 dB from black to white: 70 on average.
FEATURE=(--layers $layers --pooling concat+std)
export_encoder() { # MORE …: the folder that is shipped
  trainer export --run "$OUT/run" --statistics pictures --range-db 70 "${FEATURE[@]}" \
    --dtype bfloat16 --license CC0-1.0 --out "$OUT/$ENCODER" "$@"
}
once export export_encoder

scores=()
for task in $TASKS; do
  scores+=("$OUT/scores/${task/:/-}")
  once "probe-$task-$SEEDS" trainer transfer probe --task "$(layout "$task")" --root "$DATA/${task%%:*}" \
    --run "$OUT/$ENCODER" "${FEATURE[@]}" --protocol linear --protocol knn --seeds "$SEEDS" --out "${scores[-1]}"
done

mkdir -p "$(dirname "$TABLE")"
trainer results "${scores[@]}" --format markdown --out "${TABLE%.csv}.md"
trainer results "${scores[@]}" --against random --format markdown --out "${TABLE%.csv}-against-random.md"
trainer results "${scores[@]}" --format csv --out "$TABLE"
carded=()
for folder in "${scores[@]}"; do carded+=(--scores "$folder"); done
once card export_encoder "${carded[@]}"
trainer results "${scores[@]}"
