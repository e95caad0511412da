"""What an expression or a statement may do beyond having a value. What is not known to be harmless has an effect.

Taken for granted: iterating over a value, its operators, and methods with the names of `syntax.HARMLESS` change
nothing; making an object of another package at the top level of a module does not either.
"""

import ast
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from fewstep.base.codehash import syntax
from fewstep.base.codehash.modules import ON_IMPORT, Item, Module, module_of, resolve

Resolve = Callable[[tuple[str, ...]], list[Item]]


def effects(nodes: Iterable[ast.expr], find: Resolve, unread: Iterable[str] = ()) -> list[ast.expr]:
    """The parts of expressions that may have an effect, outermost first; a part that may not run is given as a whole.

    Args:
        nodes: the expressions.
        find: items of the project that a chain of names stands for.
        unread: names that nothing reads; binding one of them (`:=`) is no effect.
    """
    return [part for node in nodes for part in _effects(node, find, frozenset(unread))]


def _effects(node: ast.AST, find: Resolve, unread: frozenset[str]) -> list[ast.expr]:
    if isinstance(node, ast.Lambda):
        return []
    if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
        return [node]
    if isinstance(node, ast.NamedExpr) and node.target.id not in unread:
        return [node]
    if isinstance(node, ast.Call) and not _is_harmless(node, find):
        return [node]
    inside = [part for child in ast.iter_child_nodes(node) for part in _effects(child, find, unread)]
    conditional = ast.BoolOp | ast.IfExp | ast.Compare | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    return [node] if inside and isinstance(node, conditional) else inside


def _is_harmless(call: ast.Call, find: Resolve) -> bool:
    called = functions(syntax.chain(call.func) or (), find)
    known = are_marked(called) if called else syntax.last_name(call.func) in syntax.HARMLESS
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return (
        known
        and isinstance(call.func, ast.Name | ast.Attribute)
        and not any(_acts_when_called(a, find) for a in arguments)
    )


def functions(names: tuple[str, ...], find: Resolve) -> list[Item]:
    """Code of the project that a call of a.b.c runs, as far as c is not a method of an object or of a class."""
    items = [item for item in find(names) if item[1] != ON_IMPORT]
    return [item for item in items if len(names) == 1 or item[1] == names[-1] or _is_function(item)]


def _is_function(item: Item) -> bool:
    nodes = module_of(item[0]).definitions.get(item[1], ())
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes)


def _acts_when_called(node: ast.expr, find: Resolve) -> bool:
    """Whether an argument, which may be called, is a function of the project or a lambda with an effect."""
    if isinstance(node, ast.Lambda):
        return bool(_effects(node.body, find, frozenset()))
    return any(map(_is_function, find(syntax.chain(node) or ())))


def are_marked(items: Iterable[Item]) -> bool:
    """Whether these are items, and all of them say that no result depends on them."""
    return all(found := [name in module_of(file).marked for file, name in items if name != ON_IMPORT]) and bool(found)


@cache
def run_on_import(path: Path) -> tuple[ast.stmt, ...]:
    """Statements of a file that importing it runs for more than the names that they bind."""
    module = module_of(path)
    return tuple(node for node in module.tree.body if node in module.blocks or _acts(module, node))


def _acts(module: Module, node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or syntax.is_for_typing(node):
        return False
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        values = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        return not syntax.plainly_decorated(node) or any(_computes(module, value) for value in values)
    if isinstance(node, ast.ClassDef):
        inside = any(_acts(module, inner) for inner in node.body)
        return inside or not syntax.plainly_decorated(node) or bool(node.keywords) or _registers(module, node)
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        binds = all(not isinstance(part, ast.Attribute | ast.Subscript) for t in targets for part in ast.walk(t))
        return not binds or (node.value is not None and _computes(module, node.value))
    return True


def _computes(module: Module, value: ast.expr) -> bool:
    """Whether the value of a constant, a default or a field comes from a call that may have an effect."""
    find = partial(resolve, module)
    for part in effects([value], find):
        makes = isinstance(part, ast.Call) and syntax.last_name(part)[:1].isupper()
        if not makes or not all(map(_is_plain, find(syntax.chain(part.func) or ()))):
            return True
        if any(_computes(module, inner) for inner in (*part.args, *(keyword.value for keyword in part.keywords))):
            return True
    return False


def _is_plain(item: Item) -> bool:
    """Whether making an object of a class of the project runs no code of its own."""
    own = {"__init__", "__new__", "__post_init__"}
    return item[1] == ON_IMPORT or all(
        isinstance(node, ast.ClassDef)
        and syntax.plainly_decorated(node)
        and syntax.BASES.issuperset(map(syntax.last_name, node.bases))
        and own.isdisjoint(inner.name for inner in node.body if isinstance(inner, ast.FunctionDef))
        for node in module_of(item[0]).definitions.get(item[1], [None])
    )


def _registers(module: Module, node: ast.ClassDef) -> bool:
    """Whether a class that this one is built on sees its subclasses (`__init_subclass__`, a metaclass)."""
    for base in node.bases:
        for file, name in resolve(module, syntax.chain(base) or ()):
            for above in module_of(file).definitions.get(name, ()):
                methods = {inner.name for inner in getattr(above, "body", ()) if isinstance(inner, ast.FunctionDef)}
                if isinstance(above, ast.ClassDef) and (
                    "__init_subclass__" in methods or above.keywords or _registers(module_of(file), above)
                ):
                    return True
    return False
