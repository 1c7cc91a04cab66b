"""What `pip install reflet[serve]` brings is enough to serve a bundle."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"cv2", "pyarrow", "faiss", "sklearn", "scipy", "trimesh", "pyoidn", "ray"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from reflet.serve.brains import load_brain
from reflet.serve.catalogue import find_voice, load_models
assert list(load_models(("stand-in",), upscaler="")) == ["stand-in"]
import reflet.serve.run
print("torch" in sys.modules)
import reflet.generate.image_steps, reflet.generate.upscale_steps
"""


def test_no_other_extra_is_needed_and_no_torch_without_a_model() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
