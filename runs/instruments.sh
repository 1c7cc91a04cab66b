#!/usr/bin/env bash
# From nothing to what measures: two sets of reserved seeds, the reader, the metric encoder, their calibration. Each line
# resumes where it stopped. Not yet run whole.
set -euo pipefail
HOME_DIR="${REFLET_HOME:-$HOME/.local/share/reflet}"
DATA="$HOME_DIR/sets/instruments"
RUN="$HOME_DIR/runs/instruments"

reflet render --count "${READER_COUNT:-100000}" --seed 1000000 --size 128 --quality 0.4 --views 1 --out "$DATA/reader"
reflet render --count "${ENCODER_COUNT:-10000}" --seed 1000300 --size 128 --quality 0.4 --views 1 --out "$DATA/encoder"
reflet instruments all --data "$DATA" --run "$RUN" --path bundles/reflet-instruments
