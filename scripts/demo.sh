#!/usr/bin/env bash
# From a seed to a score: `make demo`. Every step is a command that you can run yourself, and goes on where it
# stopped. AUDIO=PATH names a folder of recordings; without it, Debian's drum kits are fetched.
set -Eeuo pipefail
trap 'echo "demo: stopped. make demo goes on; after rm -r demo it begins afresh" >&2' ERR
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT # a shell's background ignores Ctrl-C; SIGTERM saves and ends it
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH

say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ %s\n' "$*"
  "$@"
}

mkdir -p demo
out=demo
families=(perlin fbm stat-spectrum fractal-color dead-leaves-mixed)
if why=$(patterngen show shaders --seed 0 --size 64 --out demo/shader.png 2>&1); then
  families+=(shaders)
else
  echo "demo: without shaders: $why" >&2
  out=demo/without-shaders # another pool, so other runs
fi

say "Sound to learn for"
sound=$(trainer sound ${AUDIO:+--audio "$AUDIO"})
read -r task root <<<"$sound"
echo "$task in $root"

encoders=$(trainer encoders) # which says so where there are none
read -r encoder _ <<<"$encoders"
if [ -n "$encoder" ]; then
  say "A first look: $encoder, which comes with the package and has heard none of these clips"
  clips=(--task "$task" --root "$root" --run "$encoder")
  run trainer transfer probe "${clips[@]}" --fold 1 --seeds 1 --out "demo/first/$(basename "$root")"
  run trainer map "${clips[@]}" --out demo/map.png
fi

say "A pool of patterns"
run patterngen render "${families[@]}" --count 18000 --size 128 --seed 7 \
  --samples-per-shard 1500 --workers 2 --out $out/pool
run patterngen preview "${families[@]}" --count 12 --out $out/families.png
run patterngen stats $out/pool --plot $out/tv.png

say "Two sets of equal size from it: the smoothest third and the roughest third, by Total Variation"
run patterngen filter $out/pool --quantile 0:0.3333 --out $out/smooth.parquet
run patterngen filter $out/pool --quantile 0.6667:1 --out $out/rough.parquet

say "A small masked autoencoder on each, side by side: one core apiece"
pretrain() {
  OMP_NUM_THREADS=1 run trainer pretrain --data $out/pool --keep $out/$1.parquet --out $out/runs/$1 \
    --model vit_tiny --image-size 128 --channels 1 --norm-pix --keep-mean \
    --steps 1200 --batch-size 16 --lr 5e-4 --workers 0
}
mkdir -p $out/runs
pretrain rough >$out/runs/rough.log 2>&1 &
pretrain smooth
wait $! || { tail -n 1 $out/runs/rough.log >&2 && false; }

say "What each is worth for sound, beside random weights and the plain spectrum"
# The drum kits are few clips, so small batches give them steps enough. A folder of the user's may hold
# thousands: there one held-out fold and few epochs must do.
effort=(--epochs 15 --batch-size 16 --fold 1 --fold 2)
scores=$out/scores/$(basename "$root") # a folder holds the scores of one set of clips
[ -z "${AUDIO:-}" ] || effort=(--epochs 4 --batch-size 32 --fold 1)
run trainer compare --task "$task" --root "$root" "${effort[@]}" --out "$scores" \
  --run smooth=$out/runs/smooth --run rough=$out/runs/rough

say "Done"
[ -z "$encoder" ] || echo "Look at demo/map.png, where $encoder puts the clips,"
echo "Look at $out/families.png, $out/tv.png, $out/runs/*/reconstructions.png, $scores/results.png and"
echo "$scores/finetune/*/mistakes.html"
