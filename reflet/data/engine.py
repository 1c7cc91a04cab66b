"""Who does the work: processes of this machine, or a Ray cluster. Results and their order are the same.

A step is a function of one item (a slice of a source, a shard). An engine calls it for many items, elsewhere, and gives
the results in the order of the items, with a bounded number under way: memory does not grow with the set.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, Literal, Protocol, TypeVar

from reflet.runtime.errors import UserError

T = TypeVar("T")
R = TypeVar("R")
EngineName = Literal["embedded", "ray"]
WINDOW = 512  # items that one Ray pipeline is given; the next is built when it is done


class Engine(Protocol):
    """`function` must be importable by name, items and results picklable."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """`function` of each item, in order. What it raises is raised here."""
        ...


class EmbeddedEngine:
    """Processes of this machine; `workers` 1 works in this one."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Twice as many items as workers are under way."""
        if self.workers <= 1:
            yield from map(function, items)
            return
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by libraries when the workers import them
        context = multiprocessing.get_context("spawn")
        under_way: deque[Future[R]] = deque()
        source = iter(items)
        with ProcessPoolExecutor(self.workers, mp_context=context, initializer=_start_worker) as pool:
            try:
                for item in islice(source, 2 * self.workers):
                    under_way.append(pool.submit(function, item))
                while under_way:
                    result = under_way.popleft().result()
                    for item in islice(source, 1):
                        under_way.append(pool.submit(function, item))
                    yield result
            except BaseException:
                for future in under_way:
                    future.cancel()
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                raise


def _start_worker() -> None:
    """One thread a worker, and none that outlives whoever asked for the work."""
    with contextlib.suppress(ImportError):
        import cv2

        cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            multiprocessing.connection.wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class RayEngine:
    """Ray Data: a local Ray of `workers` processes, or the cluster that RAY_ADDRESS names.

    All workers must see the folders under the same paths (a shared file system), since they write shards themselves.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Window by window; within one, Ray keeps the order and limits what is under way."""
        ray = _ray(self.workers)
        source = iter(items)
        while window := list(islice(source, WINDOW)):
            rows = [{"item": pickle.dumps((function, item))} for item in window]
            blocks = max(1, min(len(rows), 4 * self.workers))
            data = ray.data.from_items(rows, override_num_blocks=blocks).map(_call)
            for row in data.iter_rows():
                result = pickle.loads(row["result"])  # written by _call, in our own processes
                if isinstance(result, _Told):
                    raise UserError(str(result))
                yield result


def _call(row: dict[str, Any]) -> dict[str, Any]:
    function, item = pickle.loads(row["item"])
    try:
        return {"result": pickle.dumps(function(item))}
    except UserError as error:
        return {"result": pickle.dumps(_Told(str(error)))}


class _Told(Exception):
    """A UserError on its way back from a worker."""


def _ray(workers: int) -> Any:
    """Ray, connected. Raises UserError where it is not installed, and for a cluster without authentication."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UserError("--engine ray needs the extra 'ray': install it with pip install 'reflet[ray]'") from error
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS")
        if address and os.environ.get("RAY_AUTH_MODE") != "token":
            raise UserError(
                f"the Ray cluster at {address} would run anybody's code: start it with RAY_AUTH_MODE=token, "
                "set the same here, and run again"
            )
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        local = {} if address else {"num_cpus": workers, "include_dashboard": False}
        ray.init(logging_level="error", log_to_driver=False, **local)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context.execution_options.preserve_order = True
    return ray


@contextlib.contextmanager
def open_engine(name: EngineName, *, workers: int | None = None) -> Iterator[Engine]:
    """The engine of that name, closed afterwards; by default a worker a core."""
    number = workers or len(os.sched_getaffinity(0))
    if name == "embedded":
        yield EmbeddedEngine(number)
        return
    try:
        yield RayEngine(number)
    finally:
        _close_ray()


def _close_ray() -> None:
    with contextlib.suppress(ImportError):
        import ray

        if ray.is_initialized():
            ray.shutdown()
