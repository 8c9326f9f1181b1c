"""Load the test modules of the installed Twisted with another package in place of C{twisted.names}.

Each module's source is parsed, its imports from C{twisted.names} are turned into look-ups in the package under test,
and the result is compiled under a name of its own. What the package doesn't have (yet) becomes a stand-in, so that one
absent name fails the tests that use it, not its whole module.
"""

from __future__ import annotations

import ast
import importlib
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import twisted.names.test

FOLDER = Path(twisted.names.test.__file__).parent
ORIGINAL = "twisted.names"
_LOOKUP = "__upstreamLookup__"


class MissingNameError(Exception):
    """A test used a name that the package under test doesn't have."""


class _Missing(type):
    """The type of the stand-ins: any attribute is another stand-in, any call raises."""

    def __getattr__(cls, name: str) -> type:
        """Answer with a stand-in for the attribute; special names stay absent."""
        if name.startswith("__"):
            raise AttributeError(name)
        return missing(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: object, **kwargs: object) -> NoReturn:
        """Raise L{MissingNameError}."""
        raise MissingNameError(cls.__qualname__)


def missing(name: str) -> type:
    """Make a stand-in for the absent C{name}."""
    return _Missing(name, (), {})


def lookUp(module: str, name: str) -> Any:
    """Give C{name} of C{module} (an attribute or a submodule), or a stand-in for it."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module + ".").startswith(error.name + "."):
            raise
        return missing(f"{module}.{name}")
    try:
        return getattr(found, name)
    except AttributeError:
        pass
    try:
        return importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{module}.{name}":
            raise
        return missing(f"{module}.{name}")


class _Renamer(ast.NodeTransformer):
    """Turn C{from twisted.names… import x} into C{x = lookUp("package…", "x")}."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """Refuse the one form of import that is not translated."""
        for alias in node.names:
            if (alias.name + ".").startswith(ORIGINAL + "."):
                raise NotImplementedError(f"line {node.lineno}: import {alias.name}")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.AST]:
        """Replace the import where it names the package under test or its tests."""
        module = node.module or ""
        if not (module + ".").startswith(ORIGINAL + "."):
            return node
        if (module + ".").startswith(ORIGINAL + ".test."):
            home = self.suite.name + module.removeprefix(ORIGINAL + ".test")
        else:
            home = self.suite.package + module.removeprefix(ORIGINAL)
        assignments: list[ast.AST] = []
        for alias in node.names:
            call = ast.Call(ast.Name(_LOOKUP, ast.Load()), [ast.Constant(home), ast.Constant(alias.name)], [])
            target = ast.Name(alias.asname or alias.name, ast.Store())
            assignments.append(ast.copy_location(ast.Assign([target], call), node))
        return assignments

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Rename the package inside of strings, such as warnings that name a function."""
        if isinstance(node.value, str) and ORIGINAL in node.value:
            value = node.value.replace(ORIGINAL, self.suite.package)
            return ast.copy_location(ast.Constant(value), node)
        return node


class Suite:
    """The upstream tests, bound to one package under test.

    C{Suite("txnames")} runs them against txnames, C{Suite("twisted.names")} against their own.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self.name = "upstream_" + package.replace(".", "_")
        if self.name not in sys.modules:
            parent = ModuleType(self.name, f"Twisted's names tests against {package}.")
            parent.__path__ = []
            sys.modules[self.name] = parent

    def load(self, module: str) -> ModuleType:
        """Load one test module (C{"test_dns"}) and those that it imports."""
        full = f"{self.name}.{module}"
        if full in sys.modules:
            return sys.modules[full]
        path = FOLDER / f"{module}.py"
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for name in _imports(tree):
            self.load(name)
        renamed = ast.fix_missing_locations(_Renamer(self).visit(tree))
        loaded = ModuleType(full)
        loaded.__file__ = str(path)
        vars(loaded)[_LOOKUP] = lookUp
        sys.modules[full] = loaded
        try:
            exec(compile(renamed, str(path), "exec", dont_inherit=True), vars(loaded))
        except BaseException:
            del sys.modules[full]
            raise
        setattr(sys.modules[self.name], module, loaded)
        return loaded

    def cases(self, module: str) -> list[unittest.TestCase]:
        """Give the tests that a module defines, in its order of classes."""
        loaded = self.load(module)
        return [
            cls(method)
            for cls in vars(loaded).values()
            if isinstance(cls, type) and issubclass(cls, unittest.TestCase) and cls.__module__ == loaded.__name__
            for method in unittest.defaultTestLoader.getTestCaseNames(cls)
        ]


class BrokenModule(unittest.TestCase):
    """Stands for a test module that doesn't load, so that only this one test fails."""

    def __init__(self, module: str, error: Exception) -> None:
        super().__init__("runTest")
        self.module = module
        self.error = error

    def id(self) -> str:
        """Name the module in the way of a test."""
        return f"{self.module}.BrokenModule.runTest"

    def runTest(self) -> None:
        """Raise what the module raised."""
        raise self.error


def _imports(tree: ast.AST) -> Iterator[str]:
    """Name the test modules that another one imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == f"{ORIGINAL}.test":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{ORIGINAL}.test."):
            yield (node.module or "").rpartition(".")[2]


def forget(module: str) -> None:
    """Let a loaded test module go, so that another of that name can be loaded."""
    sys.modules.pop(module, None)


def modules() -> list[str]:
    """Name all the test modules of the installed Twisted."""
    return sorted(path.stem for path in FOLDER.glob("test_*.py"))


def nameOf(case: unittest.TestCase) -> str:
    """Give a test's name as known.toml has it: C{test_dns.NameTests.test_decode}."""
    return ".".join(case.id().rsplit(".", 3)[-3:])
