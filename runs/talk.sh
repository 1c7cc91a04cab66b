#!/usr/bin/env bash
# The language model of talks, from nothing to a bundle with its card: about an hour of one core. Resumable.
set -euo pipefail
run=${RUN:-${REFLET_HOME:-$HOME/.local/share/reflet}/runs/talk-nano}
out=${OUT:-bundles/reflet-talk}
reflet train talk --threads 1 --run "$run" --pack "$run/bundle" nano
python bench/talk.py --bundle "$run/bundle" --threads "${THREADS:-2}" | tee "$run/figures.txt"
python bench/talk_card.py "$run" "$run/figures.txt" "$run/card.md"
reflet train talk --threads 1 --run "$run" --only-pack --pack "$out" --card "$run/card.md" nano
