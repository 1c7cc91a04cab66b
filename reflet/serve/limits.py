"""How often a key may ask. Open jobs and pixel-steps a day are counted where jobs are accepted (store/jobs.py)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from reflet.serve.errors import ApiError


class Buckets:
    """A token bucket for each key: as many requests as a minute allows at once, refilled steadily."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key_id: str, per_minute: float | None) -> dict[str, str]:
        """The headers that tell how much is left. Raises ApiError 429."""
        if per_minute is None:
            return {}
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(key_id, (per_minute, now))
            level = min(per_minute, level + (now - at) * per_minute / 60.0)
            taken = level >= 1.0
            self._levels[key_id] = (level - 1.0 if taken else level, now)
        left = max(0, math.floor(level - 1.0))
        reset = math.ceil((per_minute - level) * 60.0 / per_minute)
        headers = {
            "x-ratelimit-limit-requests": f"{per_minute:g}",
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{max(0, reset)}s",
        }
        if not taken:
            wait = math.ceil((1.0 - level) * 60.0 / per_minute)
            message = f"more than {per_minute:g} requests a minute: wait {wait} s"
            raise ApiError(429, message, code="slow_down", headers={**headers, "Retry-After": str(wait)})
        return headers
