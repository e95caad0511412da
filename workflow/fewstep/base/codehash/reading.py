"""What of an item counts: its code as text without words, and the names, strings and handlers in it, in one walk."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

from fewstep.base.codehash import refusals, syntax
from fewstep.base.codehash.effects import are_marked, effects, functions
from fewstep.base.codehash.modules import PACKAGE, Item, Module, Origin, bindings, facts, resolve
from fewstep.base.codehash.refusals import ANY, Names

_SKIPPED = {"annotation", "ctx", "kind", "returns", "type_comment"}
_BY_NAME = {"__import__", "find_spec", "import_module", "load_module", "resolve_name", "run_module"}
_BY_PATH = {"SourceFileLoader", "run_path", "spec_from_file_location"}
_OWN_NAMES = {"eval", "exec", "globals"}  # these reach every name of the module in which they stand


class Reading:
    """One item, read.

    Attributes:
        uses: names that the code uses, each with the attributes that are taken of it: (a, b, c) for a.b.c.
        strings: texts that can name a module.
        foreign: other packages that are imported inside of the item.
        origins: of the project's modules that are imported inside of the item.
        whole: whether the code can reach every name of its module.
        loads: whether it loads files of code by their paths.
        swallowed: classes of errors after which the code goes on; read: those whose words it uses.
        turned: classes of errors that are caught, and those of an error that is raised in their place.
        refused: classes of errors; statements were left out because `caught` has none of them.
        worded: classes of errors; messages were left out because `read` has none of them.
    """

    def __init__(self, module: Module, nodes: list[ast.stmt], caught: Names, read: Names, shared: bool):
        self._module, self._nodes, self._caught, self._read, self._shared = module, nodes, caught, read, shared
        self._local: dict[str, list[Origin]] = defaultdict(list)
        self._foreign: dict[str, set[str]] = defaultdict(set)
        self._out: list[str] = []
        self.uses: set[tuple[str, ...]] = set()
        self.strings: set[str] = set()
        self.origins: list[Origin] = []
        self.foreign: set[str] = set()
        self.whole = self.loads = False
        self.swallowed: set[str] = set()
        self.read: set[str] = set()
        self.turned: list[tuple[Names, Names]] = []
        self.refused: set[str] = set()
        self.worded: set[str] = set()
        self._find_imports()
        self._emit(nodes)

    @property
    def text(self) -> str:
        return "".join(self._out)

    def find(self, names: tuple[str, ...]) -> list[Item]:
        """Items of the project that a chain of names in this code stands for."""
        return resolve(self._module, names, self._local) if names else []

    def full_names(self, name: str) -> set[str]:
        """What a local name of another package is bound to."""
        return self._foreign.get(name, set()) | self._module.foreign.get(name, set())

    def _find_imports(self) -> None:
        for node in (each for part in self._nodes for each in facts(part).imports):
            for name, origin, dotted in bindings(node, self._module.path):
                if origin is None:
                    self._foreign[name].add(dotted)
                    self.foreign.add(dotted)
                else:
                    self._local[name].append(origin)
                    self.origins.append(origin)

    # Which statements count.

    def _kept(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        """Statements without those that only talk or refuse; of these there remains what may have an effect."""
        return [kept for node in statements for kept in self._of(node)]

    def _of(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and self._talks(node.value):
            return self._effects(*node.value.args, *(keyword.value for keyword in node.value.keywords))
        if isinstance(node, ast.Assert):
            fault = refusals.classes(ast.Name("AssertionError"), self.find)
            return self._effects(node.test) if self._refuses(fault) else [ast.Assert(node.test)]
        if isinstance(node, ast.If):
            return self._branch(node)
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            return [ast.Assign([node.target], node.value)]
        return [node]

    def _branch(self, node: ast.If) -> list[ast.stmt]:
        if syntax.is_for_typing(node):
            return []
        body, others = self._kept(node.body), self._kept(node.orelse)
        if self._only_refuses(body):
            return self._effects(node.test, gone=node.body) + others
        if self._only_refuses(others):
            return self._effects(node.test, gone=node.orelse) + body
        if not body and not others:
            return self._effects(node.test, gone=[*node.body, *node.orelse])
        return [ast.If(node.test, body, others)]

    def _only_refuses(self, body: list[ast.stmt]) -> bool:
        return len(body) == 1 and isinstance(body[0], ast.Raise) and self._refuses(self._classes(body[0].exc))

    def _refuses(self, error: Names) -> bool:
        self.refused |= error - {ANY}
        return refusals.refuses(error, self._caught)

    def _effects(self, *values: ast.expr, gone: Iterable[ast.stmt] = ()) -> list[ast.stmt]:
        """What remains of values that nothing reads, where the statements `gone` are left out with them."""
        inside = Counter(part.id for node in (*values, *gone) for part in ast.walk(node) if isinstance(part, ast.Name))
        unread = () if self._shared else [name for name, count in inside.items() if self._counts[name] == count]
        return [ast.Expr(part) for part in effects(values, self.find, unread)]

    @cached_property
    def _counts(self) -> Counter[str]:
        return sum((facts(node).names for node in self._nodes), Counter())

    def _talks(self, call: ast.Call) -> bool:
        names = syntax.chain(call.func)
        if names is None:
            return False
        if called := functions(names, self.find):
            return are_marked(called)
        if names == ("print",):
            streams = [syntax.chain(keyword.value) for keyword in call.keywords if keyword.arg in ("file", None)]
            return syntax.STREAMS.issuperset(streams)
        logs = len(names) > 1 and names[-2] in syntax.LOGGERS and names[-1] in syntax.LOG_LEVELS
        return names in syntax.SPEAKERS or logs or names[-1] in syntax.BAR_TEXTS

    def _is_silent(self, node: ast.stmt) -> bool:
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and self._talks(node.value)

    def _classes(self, error: ast.expr | None) -> Names:
        return refusals.classes(error, self.find)

    # Code as text.

    def _emit(self, value: object) -> None:
        if isinstance(value, list):
            self._out.append("[")
            for each in self._kept(value) if value and isinstance(value[0], ast.stmt) else value:
                self._emit(each)
            self._out.append("]")
        elif isinstance(value, ast.AST):
            if special := getattr(self, f"_{type(value).__name__}", None):
                special(value)
            else:
                self._plain(value)
        else:
            self._out.append(f"{value!r},")

    def _plain(self, node: ast.AST, **others: object) -> None:
        self._out.append(f"{type(node).__name__}(")
        for name in node._fields:
            value = others.get(name, getattr(node, name, None))
            if name not in _SKIPPED and value is not None and value != []:
                self._out.append(f"{name}=")
                self._emit(value)
        self._out.append(")")

    def _Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Store):
            self.uses.add((node.id,))
        self._out.append(f"{node.id},")

    def _AugAssign(self, node: ast.AugAssign) -> None:
        self.uses |= {names for names in [syntax.chain(node.target)] if names}  # what is added to is read as well
        self._plain(node)

    def _Attribute(self, node: ast.Attribute) -> None:
        if (names := syntax.chain(node)) is None:
            return self._plain(node)
        self.uses.add(names)
        self.whole |= names[:2] == ("sys", "modules")
        self._out.append(f"{'.'.join(names)},")

    def _Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value.startswith(f"{PACKAGE.name}."):
            self.strings.add(syntax.beginning(node))
        self._out.append(f"Constant({node.value!r})")  # None is not the absence of a default or a key

    def _Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Where a name comes from is seen in what it stands for, so that a module can move."""
        self._out.append(f"Import({[alias.asname or alias.name for alias in node.names]})")

    _ImportFrom = _Import

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not syntax.plainly_decorated(node):  # a decorator may look at the annotations
            arguments = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
            self._emit([part.annotation for part in arguments] + [node.returns])
        if node.name in ("__exit__", "__aexit__"):
            self.swallowed |= {ANY for part in ast.walk(node) if isinstance(part, ast.Return) and part.value}
        self._plain(node)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef) -> None:
        plain = syntax.plainly_decorated(node) and syntax.BASES.issuperset(map(syntax.last_name, node.bases))
        fields = [inner for inner in node.body if isinstance(inner, ast.AnnAssign)]
        self._out.append("fields=")
        for field in fields:  # in the class; the loop below sees their values again
            kinds = {syntax.last_name(part) for part in ast.walk(field.annotation)} & syntax.FIELD_KINDS
            self._out.append(f"{ast.unparse(field.target)}{sorted(kinds)},")
            if not plain:
                self._emit(field.annotation)
        self._plain(node)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        self._out.append("Declared(")
        self._emit(node.target)
        self._out.append(")")

    def _is_error(self, call: ast.Call) -> bool:
        return ANY not in self._classes(call) or syntax.last_name(call).endswith(("Error", "Exception", "Warning"))

    def _Call(self, node: ast.Call) -> None:
        name, arguments, keywords = syntax.last_name(node.func), node.args, node.keywords
        self._follow(name, node)
        if name in syntax.BARS:
            keywords = [k for k in keywords if k.arg == "iterable" or effects([k.value], self.find)]
        elif name[:1].isupper() and self._is_error(node):
            error = self._classes(node)
            self.worded |= error
            arguments = [a for a in arguments if not self._is_wording(a, error)]
            keywords = [k for k in keywords if not self._is_wording(k.value, error)]
        elif name == "suppress":
            self.swallowed.update(*map(self._caught_by, arguments))
        self._plain(node, args=arguments, keywords=keywords)

    def _is_wording(self, argument: ast.expr, error: Names) -> bool:
        """Whether an argument of an error is only there to be read by people."""
        if not syntax.is_text(argument) or refusals.met(error, self._read):
            return False
        return not refusals.met(error, self._caught) or not effects([argument], self.find)

    def _follow(self, name: str, call: ast.Call) -> None:
        """Calls that reach code by other means than its name."""
        self.loads |= name in _BY_PATH
        self.whole |= isinstance(call.func, ast.Name) and name in _OWN_NAMES
        if name in _BY_NAME:
            text = syntax.beginning(call.args[0]) if call.args else None
            if text and text.startswith(".") and len(call.args) > 1:
                package = syntax.beginning(call.args[1])
                self.strings.add(f"{package or ''}{text}")
            elif text is None:  # any module
                self.strings |= {f"{PACKAGE.name}.", "."}
            elif text.startswith(".") or text.partition(".")[0] == PACKAGE.name:
                self.strings.add(text)
            else:
                self.foreign.add(text)

    # Errors that are caught.

    def _caught_by(self, kind: ast.expr | None) -> Names:
        return refusals.caught_by(kind, self.find, lambda name: bool(self.full_names(name)))

    def _Try(self, node: ast.Try) -> None:
        for handler in node.handlers:
            caught = self._caught_by(handler.type)
            raised = [part.exc for part in ast.walk(handler) if isinstance(part, ast.Raise) and part.exc is not None]
            self.turned += [(caught, self._classes(error)) for error in raised]
            if refusals.goes_on(handler):
                self.swallowed |= caught
            if refusals.reads(handler, self._is_silent):
                self.read |= caught
        if any(isinstance(part, ast.Return | ast.Break | ast.Continue) for n in node.finalbody for part in ast.walk(n)):
            self.swallowed.add(ANY)
        self._plain(node)

    _TryStar = _Try
