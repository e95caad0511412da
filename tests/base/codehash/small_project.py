"""Files of a small project, whose job calls `f` of the module `lib`."""

FILES = {
    "workflow/fewstep/__init__.py": "",
    "workflow/fewstep/base/errors.py": "class FewstepError(Exception):\n    pass\n",
    "workflow/fewstep/lib.py": "def f():\n    return 1\n",
    "workflow/fewstep/other.py": "x = 1\n",
    "workflow/fewstep/tools/__init__.py": "",
    "workflow/fewstep/tools/one.py": "def g():\n    return 1\n\ndef unused():\n    return 1\n",
    "workflow/fewstep/tools/two.py": "def g():\n    return 2\n",
    "workflow/scripts/job.py": '"""A job."""\nfrom fewstep import lib\n\ndef work():\n    return lib.f()\n\nwork()\n',
    "methods/a/method.py": "from . import parts\n\ndef build():\n    return parts.net()\ndef sample():\n    return 1\n",
    "methods/a/parts.py": "def net():\n    return 1\n\ndef loss():\n    return 1\n",
    "methods/b/method.py": "def build():\n    return 1\n",
}
