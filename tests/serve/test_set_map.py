"""The map of a training set: told where it is whole, by whoever has it, and by nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from reflet.data.map_file import CELL, MAP, MAP_PICTURE
from reflet.runtime.errors import UserError
from reflet.serve.set_map import check_map, read_map
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import StandIn
from tests.serve.conftest import live


def written(folder: Path, **changes: Any) -> Path:
    """A map of two pictures, as `reflet data diversity` writes it, but for `changes`."""
    folder.mkdir(exist_ok=True)
    out = BytesIO()
    Image.new("RGBA", (2 * CELL, CELL), "red").save(out, "WEBP")
    (folder / MAP_PICTURE).write_bytes(out.getvalue())
    point = {"y": 0, "caption": "a red cup", "license": "CC0-1.0", "author": "Ann", "weight": 1.0}
    points = [{**point, "x": k, "key": f"k{k}", "facets": [k]} for k in (0, 1)]
    told = {"name": "cups", "records": 9, "across": 2, "down": 1, "cell": CELL, "points": points}
    told |= {"sha256": sha256(out.getvalue()).hexdigest(), "facets": {"light": ["day", "night"]}} | changes
    (folder / MAP).write_text(json.dumps(told))
    return folder


def test_a_map_is_whole_or_none(tmp_path: Path) -> None:
    found = read_map(written(tmp_path / "a"))
    assert found is not None and found.records == 9 and found.points[1].facets == [1]
    wrong: list[dict[str, Any]] = [{"sha256": "0" * 64}, {"across": 1}, {"facets": {"light": ["day"]}}, {"points": []},
                                   {"facets": {}}, {"cell": 0}]  # fmt: skip
    for change in wrong:
        assert read_map(written(tmp_path / "a", **change)) is None, change
    assert read_map(written(tmp_path / "a")) == found, "made again, it is read again"
    (tmp_path / "a" / MAP).write_text("not JSON")
    assert read_map(tmp_path / "a") is None
    with pytest.raises(UserError, match="reflet data diversity"):
        check_map(tmp_path / "a")
    (tmp_path / "a" / MAP_PICTURE).unlink()
    assert read_map(tmp_path / "a") is None and check_map(None) is None


def test_the_map_of_a_bundle_and_the_one_that_the_operator_names(tmp_path: Path) -> None:
    first, own, last = StandIn(name="first"), StandIn(name="own"), StandIn(name="last")
    own.card = replace(own.card, folder=written(tmp_path / "bundle", name="of the bundle"))
    settings = ServeSettings(data=tmp_path / "data", map=written(tmp_path / "set"))
    with live(settings, first, own, last) as running, running.http() as client:
        assert [m["map"] for m in client.get("/v1/models").json()["data"]] == [True, True, False]
        told = client.get("/v1/models/first/map").json()
        assert told["name"] == "cups" and told["points"][1]["caption"] == "a red cup" and told["across"] == 2
        assert client.get("/v1/models/own/map").json()["name"] == "of the bundle"
        picture = client.get("/v1/models/own/map/picture")
        assert picture.headers["content-type"] == "image/webp" and sha256(picture.content).hexdigest() == told["sha256"]
        assert client.get("/v1/models/own/papers").json()["pictures"] == [], "it is no contact sheet"
        for path in ("last/map", "last/map/picture", "nobody/map"):
            assert client.get(f"/v1/models/{path}").status_code == 404, path
        written(tmp_path / "set", sha256="0" * 64)
        assert client.get("/v1/models/first/map").status_code == 404
        assert not client.get("/v1/models").json()["data"][0]["map"]
