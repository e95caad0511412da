"""Hooks are found in the code of a method, wherever they are written, and without running it."""

import pytest

from fewstep import codehash, models
from fewstep.hooks import HOOKS, hooks_of
from fewstep.paths import METHODS

BASE = "raise RuntimeError('never run')\n\ndef build(recipe, shape):\n    pass\n"


def write(folder, text, **others):
    (folder / "made_up").mkdir(exist_ok=True)
    for name, content in {"method": text, **others}.items():
        (folder / "made_up" / f"{name}.py").write_text(content)
    codehash._module.cache_clear()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("def evaluate(model, request, images):\n    return {}\n", ["evaluate"]),
        ("from .scores import evaluate\nfrom .scores import rebuild as reconstruct\n", ["evaluate", "reconstruct"]),
        ("reconstruct = build\n", ["reconstruct"]),
        ("def helper():\n    def evaluate():\n        pass\n", []),
    ],
)
def test_hooks_are_found_by_presence(tmp_path, text, found):
    write(tmp_path, BASE + text, scores="def evaluate():\n    pass\n\ndef rebuild():\n    pass\n")
    assert hooks_of("made_up", tmp_path) == found


@pytest.mark.parametrize("name", sorted(path.parent.name for path in METHODS.glob("*/method.py")))
def test_what_is_found_is_what_the_module_has(name):
    module = models.load_method(name)
    assert hooks_of(name) == [hook for hook in HOOKS if hasattr(module, hook)]
