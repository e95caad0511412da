"""Syntax that the digest of code knows by its names: what only talks, and what changes nothing but its own value."""

import ast

MARK = "no_effect_on_results"  # fewstep.base.marks
BARS = {"tqdm", "trange"}  # their keywords say how progress looks
BAR_TEXTS = {"set_description", "set_description_str", "set_postfix", "set_postfix_str"}
LOGGERS = {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"}
LOG_LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
SPEAKERS = {
    ("print",), ("warnings", "warn"), ("traceback", "print_exc"), ("tqdm", "write"), ("sys", "stdout", "write"),
    ("sys", "stderr", "write"), ("sys", "stdout", "flush"), ("sys", "stderr", "flush"),
}  # fmt: skip
STREAMS = {("sys", "stdout"), ("sys", "stderr")}
# Decorators that do nothing else than to change what is decorated, and do not look at its annotations.
DECORATORS = {
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass", "deleter", "final",
    "getter", "inference_mode", "lru_cache", "no_grad", "overload", "property", "setter", "staticmethod",
    "total_ordering", "wraps", MARK,
}  # fmt: skip
# Base classes that do not look at the annotations of a class, apart from the names of its fields.
BASES = {"ABC", "Enum", "Exception", "Generic", "Module", "NamedTuple", "Protocol", "object"}
FIELD_KINDS = {"ClassVar", "InitVar", "KW_ONLY"}  # annotations that say whether something is a field
# Functions and methods of the standard library and of arrays that change nothing and draw no random numbers. A method
# of this name is taken to be one of these; of functions of the project the digest follows the code.
_HARMLESS = """
    abs all any bool bytes callable dict divmod enumerate float format frozenset getattr hasattr hash id int isinstance
    issubclass len list map max min object ord pow range repr reversed round set slice sorted str sum super tuple type
    zip capitalize casefold count decode difference encode endswith find fromkeys get index intersection isalnum isalpha
    isdigit isdisjoint isidentifier issubset issuperset isupper items join keys lower lstrip most_common partition
    removeprefix removesuffix replace rfind rpartition rsplit rstrip split splitlines startswith strip title translate
    union upper values
    absolute as_posix exists glob is_absolute is_dir is_file isdir isfile iterdir joinpath read_bytes read_text
    relative_to resolve rglob stat with_name with_suffix
    allclose aminmax arange array array_equal asarray astype bincount ceil cumsum deepcopy dim dot double exp finfo
    flatten floor full iinfo is_available is_complex is_floating_point isclose isfinite isin isinf isnan issubdtype item
    linspace log log10 log2 long mean median numel numpy ones ones_like prod reshape setdiff1d sqrt square stack std
    tensor tobytes tolist transpose unique view zeros zeros_like
    Counter OrderedDict Path PurePath TypeVar attrgetter cast chain compile fullmatch itemgetter match namedtuple
    partial product search version defaultdict deque device field
"""
HARMLESS = frozenset(_HARMLESS.split())


def chain(node: ast.AST) -> tuple[str, ...] | None:
    """(a, b, c) for a.b.c; None where it does not begin with a name."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else None


def last_name(node: ast.AST) -> str:
    """c for a.b.c, f() or what else ends in a name; otherwise an empty text."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_marked(node: ast.stmt) -> bool:
    """Whether a definition has the decorator `no_effect_on_results`."""
    return MARK in map(last_name, getattr(node, "decorator_list", ()))


def plainly_decorated(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether all decorators are known to do nothing that the decorated code does not show."""
    return DECORATORS.issuperset(map(last_name, node.decorator_list))


def is_for_typing(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING` and nothing else, which never runs."""
    return isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING" and not node.orelse


def is_text(node: ast.expr) -> bool:
    """Whether an expression is seen to be a text: a string, an f-string, or made of these by +, %, format or join."""
    if isinstance(node, ast.BinOp):
        return is_text(node.left) or is_text(node.right)
    if isinstance(node, ast.IfExp):
        return is_text(node.body) and is_text(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "join") and is_text(node.func.value)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def beginning(node: ast.AST) -> str | None:
    """The text that an expression begins with, as far as it is written down; None where nothing is."""
    if isinstance(node, ast.BinOp):
        return beginning(node.left)
    if isinstance(node, ast.JoinedStr):
        return beginning(node.values[0]) if node.values else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return beginning(node.func.value)
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return text.partition("{")[0].partition("%")[0] or None
