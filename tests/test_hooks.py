"""The hook is found in the code of a method, wherever it is written, and without running it."""

import pytest

from fewstep import codehash, models
from fewstep.hooks import HOOK, evaluates
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
        ("", False),
        ("def evaluate(model, request, images):\n    return {}\n", True),
        ("from .scores import evaluate\n", True),
        ("from .scores import rate as evaluate\n", True),
        ("evaluate = build\n", True),
        ("def helper():\n    def evaluate():\n        pass\n", False),
    ],
)
def test_the_hook_is_found_by_presence(tmp_path, text, found):
    write(tmp_path, BASE + text, scores="def evaluate():\n    pass\n\ndef rate():\n    pass\n")
    assert evaluates("made_up", tmp_path) == found


@pytest.mark.parametrize("name", sorted(path.parent.name for path in METHODS.glob("*/method.py")))
def test_what_is_found_is_what_the_module_has(name):
    module = models.load_method(name)
    assert evaluates(name) == hasattr(module, HOOK)
