#!/usr/bin/env bash
# The encoders that come with the package, from the first seed to the last score on a card:
#   DATA=~/sounds scripts/patterns-tiny.sh
#   DATA=~/sounds ENCODER=patterns-tiny-pitch scripts/patterns-tiny.sh
# No recording teaches it: its pictures are drawn while it learns, and its input is standardised as they were. DATA
# holds the tasks that it is evaluated by: fsdd, esc50 and notes. What is made on the way goes to OUT. Every step is a
# command that you can run yourself, and goes on where it stopped; finished ones are listed in OUT/done and passed over.
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
  patterns-tiny)
    pictures=spectro
    recipe=(--lr 5e-4 --steps "${STEPS:-9000}")
    ;;
  patterns-tiny-pitch)
    # The mel axis of its clips, so that a row of a picture is a frequency, and what sounds there can be told.
    pictures="spectro?mel_scale=slaney&f_min_low=50&f_min_high=50&f_max_low=8000&f_max_high=8000"
    recipe=(--piano-roll 1 --lr 1e-3 --steps "${STEPS:-12000}")
    ;;
  *)
    echo "error: ENCODER=$ENCODER is neither patterns-tiny nor patterns-tiny-pitch" >&2
    exit 2
    ;;
esac
once pretrain trainer pretrain --draw "$pictures" --out "$OUT/run" --model vit_tiny --image-size 80x208 --patch-size 16x16 \
  --channels 1 --mask-ratio 0.8 --decoder cross --predict-share 0.5 --norm-pix --keep-mean "${recipe[@]}" \
  --batch-size 32 --workers 0 --show-as spectrograms --save-every 500 --show-every 3000 --seed 0

# Its pictures span 50 to 90 dB from black to white: 70 on average. A clip is told by the final norm and the mel bands.
FEATURE=(--layers logmel+norm --pooling concat+std)
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
