#!/usr/bin/env bash
# From nothing to weights at 256 px: render, train the four stages, pack. Each line resumes where it stopped.
# Two CPU cores: about a day, by estimate; not yet run whole. ASSETS may name a folder of meshes, textures and HDRIs with licences.
set -euo pipefail
HOME_DIR="${REFLET_HOME:-$HOME/.local/share/reflet}"
DATA="$HOME_DIR/sets/nano/c"
SKETCHES="$HOME_DIR/sets/nano/s"
RUN="$HOME_DIR/runs/image-nano"
COUNT="${COUNT:-30000}"

reflet render --count "$COUNT" --seed 3 --size 256 --quality 0.4 --staging plain --out "$DATA" ${ASSETS:+--assets "$ASSETS"}
reflet render --count "${SKETCH_COUNT:-200000}" --seed 4 --size 64 --quality 0.2 --staging plain --views 3 --out "$SKETCHES"
reflet train --data "$DATA" --run "$RUN" --stage autoencoder nano
reflet train --data "$DATA" --run "$RUN" --stage decoder nano
reflet train --data "$DATA" --run "$RUN" --stage text nano
reflet train --data "$DATA" --sketches "$SKETCHES" --run "$RUN" --stage flow nano
reflet bundle pack --run "$RUN" --path bundles/reflet-nano --card bundles/reflet-nano/card.md
reflet sheet docs/prompts-64.txt --out out/sheet.png
