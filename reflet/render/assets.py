"""The library: procedural catalogue, and what a folder of meshes, pictures and skies with licences adds to it.

    Library()                     the procedural catalogue alone
    Library(Path("ingredients"))  also its **/*.glb as items, textures/<name>/*.jpg as textures, **/*.hdr as skies

Only the folder's names, licences and mesh headers are read at once; everything else when it is first used. A file
whose licence is not stated, or does not allow pictures of it to be used freely, is left out and listed in
`quarantined` with the reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from reflet.render.assets_licence import Licence, read_licences
from reflet.render.assets_mesh import asset_items
from reflet.render.assets_picture import HdriSky, read_texture
from reflet.render.catalogue.index import CATALOGUE
from reflet.render.catalogue.item import CatalogueItem
from reflet.render.scene import Texture

T = TypeVar("T")


class Shelf(Mapping[str, T]):
    """A dictionary of things read from their files when first asked for."""

    def __init__(self, files: Mapping[str, Path], read: Callable[[Path, str], T]) -> None:
        self._files, self._read = dict(files), read
        self._seen: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._seen:
            self._seen[name] = self._read(self._files[name], name)
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Library:
    """Everything that scenes may show.

    `items`: class name -> CatalogueItem; a class that both sources have keeps its procedural words, and its `build`
    picks among all its meshes. `textures`, `skies`: name -> Texture, HdriSky. `licences`: file -> Licence of what is
    offered. `quarantined`: file -> why it is not.

    Raises FileNotFoundError if the folder does not exist.
    """

    def __init__(self, assets_dir: Path | None = None) -> None:
        self.folder = None if assets_dir is None else Path(assets_dir)
        self.licences: dict[str, Licence] = {}
        self.quarantined: dict[str, str] = {}
        if self.folder is not None:
            if not self.folder.is_dir():
                raise FileNotFoundError(
                    f"there is no folder {self.folder}; give one with .glb, .hdr or textures/, or None"
                )
            self.licences, self.quarantined = read_licences(self.folder)
            missing = [file for file, reason in self.quarantined.items() if reason.startswith("no licence")]
            if missing:
                warnings.warn(
                    f"{len(missing)} files of {self.folder} have no licence and are left out: {', '.join(missing[:5])}"
                    f"{' ...' if len(missing) > 5 else ''}. Add rows to LICENSES.csv (columns file, license, author, "
                    "source) or a file NAME.license beside each.",
                    stacklevel=2,
                )

    def _files(self, ending: str) -> dict[str, Path]:
        """Relative name -> path of the offered files that end so, in a fixed order."""
        assert self.folder is not None
        return {name: self.folder / name for name in sorted(self.licences) if name.lower().endswith(ending)}

    @cached_property
    def items(self) -> dict[str, CatalogueItem]:
        if self.folder is None:
            return dict(CATALOGUE)
        return {**CATALOGUE, **{item.name: item for item, _ in self._assets.values()}}

    @cached_property
    def _assets(self) -> dict[str, tuple[CatalogueItem, tuple[str, ...]]]:
        """Class name -> its item with asset meshes, and their files."""
        if self.folder is None:
            return {}
        return asset_items(self._files(".glb"), CATALOGUE, self.licences)

    @cached_property
    def skies(self) -> Mapping[str, HdriSky]:
        if self.folder is None:
            return {}
        files = {path.stem.removesuffix("_1k"): path for path in self._files(".hdr").values()}
        notes = {path.stem.removesuffix("_1k"): self.licences[name].note for name, path in self._files(".hdr").items()}
        return Shelf(files, lambda path, name: HdriSky.read(path, note=notes[name]))

    @cached_property
    def textures(self) -> Mapping[str, Texture]:
        """Sets of maps: a folder with an albedo picture, and roughness, displacement and normal where there are."""
        if self.folder is None:
            return {}
        albedos = [
            path
            for path in self._files("").values()
            if path.stem.lower() in ("albedo", "color", "diffuse", "basecolor")
        ]
        return Shelf({path.parent.name: path.parent for path in albedos}, read_texture)

    def attributions(self, names: Iterable[str]) -> list[str]:
        """One line of credit for each asset file that stands behind classes, textures or skies of these names."""
        wanted = set(names)
        files = {file for name, (_, sources) in self._assets.items() if name in wanted for file in sources}
        for file in self.licences:
            path = Path(file)
            if path.parent.name in wanted or path.stem.removesuffix("_1k") in wanted:
                files.add(file)
        return [self.licences[file].credit() for file in sorted(files)]
