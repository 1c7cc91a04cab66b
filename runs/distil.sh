#!/usr/bin/env bash
# From trained weights to the same in few steps: the flow of runs/image.sh learns to jump. Resumes where it stopped. Not yet
# run on real weights.
set -euo pipefail
HOME_DIR="${REFLET_HOME:-$HOME/.local/share/reflet}"
DATA="$HOME_DIR/sets/nano/c"
RUN="$HOME_DIR/runs/image-nano"

reflet train --data "$DATA" --sketches "$HOME_DIR/sets/nano/s" --run "$RUN" --stage distil nano
reflet bundle pack --run "$RUN" --path bundles/reflet-nano-fast --distilled --card "${CARD:-bundles/reflet-nano/card.md}"
reflet sheet docs/prompts-64.txt --bundle bundles/reflet-nano-fast --out out/sheet-fast.png
