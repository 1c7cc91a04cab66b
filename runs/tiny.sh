#!/usr/bin/env bash
# The whole path in minutes: 400 small pictures, four stages, a bundle, a picture. It shows how, not how good.
set -euo pipefail
WORK="${1:-out/tiny}"
reflet render --count 400 --size 64 --quality 0.5 --out "$WORK/set"
reflet train --data "$WORK/set" --run "$WORK/run" tiny
reflet bundle pack --run "$WORK/run" --path "$WORK/bundle"
reflet generate "a red cube" --bundle "$WORK/bundle" --out "$WORK/picture.png"
