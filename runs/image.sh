#!/usr/bin/env bash
# From nothing to weights at 256 px: render, train the stages, pack. Each line resumes where it stopped.
# Two CPU cores: about a day, by estimate; not yet run whole. ASSETS may name a folder of meshes, textures and HDRIs with licences.
set -euo pipefail
HOME_DIR="${REFLET_HOME:-$HOME/.local/share/reflet}"
DATA="$HOME_DIR/sets/nano/c"
SKETCHES="$HOME_DIR/sets/nano/s"
RUN="$HOME_DIR/runs/image-nano"
COUNT="${COUNT:-30000}"
# A model of this size draws things that it has seen often: these, in one shape and at one turn each.
mapfile -t THINGS < runs/everyday.txt
MIX=(tabletop=0.55 outdoors=0.15 interior=0.06 street=0.05 landscape=0.12 space=0.03 abstract=0.04)
SCENES=(--staging fixed --things "${THINGS[@]}" --families "${MIX[@]}")

reflet render --count "$COUNT" --seed 3 --size 256 --quality 0.4 --out "$DATA" "${SCENES[@]}" ${ASSETS:+--assets "$ASSETS"}
reflet render --count "${SKETCH_COUNT:-100000}" --seed 4 --size 64 --quality 0.2 --views 3 --out "$SKETCHES" "${SCENES[@]}"
reflet train --data "$DATA" --run "$RUN" --stage autoencoder nano
reflet train --data "$DATA" --run "$RUN" --stage decoder nano
reflet train --data "$DATA" --run "$RUN" --stage text nano
reflet train --data "$DATA" --sketches "$SKETCHES" --run "$RUN" --stage draft nano --recipe.no-mirror
reflet train --data "$DATA" --sketches "$SKETCHES" --run "$RUN" --stage flow nano --recipe.no-mirror
reflet bundle pack --run "$RUN" --path bundles/reflet-nano --card bundles/reflet-nano/card.md
reflet sheet docs/prompts-64.txt --out out/sheet.png
