"""Tell the tests that use only public names from those that reach into the package.

The issue bounds how many of the former may fail on purpose. A test counts as private if its code, or code that it uses
(fixtures, mixins, helper functions and classes of the test modules), touches an underscored name that the tests didn't
define for themselves: as an attribute, an import, or a string that is just such a name (C{self.patch(dns, "_x", ...)}).
Hooks such as C{_lookup} that a test's own subclass overrides count as public, so that this criterion finds a few more
public tests than the issue does: the bound gets stricter.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .loading import FOLDER, ORIGINAL

_PRIVATE = re.compile(r"_[A-Za-z][A-Za-z0-9_]*")
_FIXTURES = ("setUp", "tearDown", "setUpClass", "tearDownClass")


@dataclass
class _Module:
    """What a test module defines, by name, and the underscored names that are its own."""

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    others: dict[str, ast.AST] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)

    def methods(self, cls: ast.ClassDef) -> dict[str, ast.AST]:
        """Give a class's methods and attributes, those of its bases in the module included."""
        found: dict[str, ast.AST] = {}
        for base in reversed(cls.bases):
            if isinstance(base, ast.Name) and base.id in self.classes:
                found |= self.methods(self.classes[base.id])
        for node in cls.body:
            found |= dict.fromkeys(_bound(node), node)
        return found


def _bound(node: ast.AST) -> list[str]:
    """Name what a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)]
    return []


def _isSelf(node: ast.AST) -> bool:
    """Whether an expression is the object that a method was called on."""
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


@functools.cache
def _read(name: str) -> _Module:
    """Read a test module of the installed Twisted."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    module = _Module()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ORIGINAL):
            source = (node.module or "").removeprefix(ORIGINAL + ".")
            if source.startswith("test."):
                other = _read(source.removeprefix("test."))
                for alias in node.names:
                    if alias.name in other.classes:
                        module.classes[alias.name] = other.classes[alias.name]
            secret = [alias.name for alias in node.names if _PRIVATE.fullmatch(alias.name)]
            if _PRIVATE.fullmatch(source):
                secret = [alias.name for alias in node.names]
            module.private |= set(secret)
        else:
            module.others |= dict.fromkeys(_bound(node), node)
    for part in ast.walk(tree):
        if isinstance(part, ast.ClassDef):
            module.own |= {name for line in part.body for name in _bound(line)}
        elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and _isSelf(part.value):
            module.own.add(part.attr)
    return module


def _privateNames(module: _Module, nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the package's underscored names in some code."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute):
                name = part.attr
            elif isinstance(part, ast.Name):
                if part.id in module.private:
                    yield part.id
                continue
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                name = part.value
            else:
                continue
            if _PRIVATE.fullmatch(name) and name not in module.own:
                yield name


def privateNames(test: str) -> set[str]:
    """Give the underscored names of the package that C{test} uses; empty for a public test.

    C{test} is a name as in known.toml, such as C{test_dns.NameTests.test_decode}.
    """
    moduleName, className, method = test.split(".")
    module = _read(moduleName)
    cls = module.classes[className]
    methods = module.methods(cls)
    waiting: list[ast.AST] = [methods[name] for name in (*_FIXTURES, method) if name in methods]
    seen: list[ast.AST] = []
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.append(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute):
                if _isSelf(part.value) and part.attr in methods:
                    waiting.append(methods[part.attr])
            elif isinstance(part, ast.Name):
                if part.id in module.classes:
                    waiting.append(module.classes[part.id])
                elif part.id in module.others:
                    waiting.append(module.others[part.id])
    return set(_privateNames(module, seen))
