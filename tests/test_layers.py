"""Every module of txnames keeps to its layer, as ``docs/layers.toml`` lists them."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "txnames"
TABLE: dict[str, Any] = tomllib.loads((ROOT / "docs" / "layers.toml").read_text("utf-8"))
RULES: dict[str, Any] = TABLE["rules"]
LAYERS: dict[str, dict[str, Any]] = {module: layer for layer in TABLE["layer"] for module in layer["modules"]}
FILES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
IN_LAYERS = [file for file in FILES if file != "__init__.py"]
PURE = [file for file in IN_LAYERS if LAYERS[file.split("/")[0].removesuffix(".py")].get("pure")]


def parse(file: str) -> ast.Module:
    """Parse a file of the package, given by its path below ``src/txnames``."""
    return ast.parse((SOURCE / file).read_bytes(), file)


def imports(tree: ast.AST, file: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of all that is imported below a node; relative ones resolved."""
    package = ["txnames", *file.split("/")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*above, node.module] if node.module else above)
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def within(name: str, module: str) -> bool:
    """Tell whether a dotted name is that module or in it."""
    return name == module or name.startswith(module + ".")


def complaints(file: str, reasons: list[tuple[int, str]]) -> list[str]:
    """Format what a test found as ``file:line: reason``."""
    return [f"src/txnames/{file}:{line}: {reason}" for line, reason in reasons]


@pytest.mark.parametrize("file", IN_LAYERS)
def test_hasLayer(file: str) -> None:
    """Each module and subpackage is in the table."""
    assert file.split("/")[0].removesuffix(".py") in LAYERS


@pytest.mark.parametrize("file", IN_LAYERS)
def test_importsPointUp(file: str) -> None:
    """A module imports only from its own layer and from those above it."""
    own = LAYERS[file.split("/")[0].removesuffix(".py")]["number"]
    found = []
    for line, name in imports(parse(file), file):
        if within(name, "txnames") and name != "txnames.__version__":
            imported = name.split(".")[1]
            if imported not in LAYERS:
                found.append((line, f"{name} has no layer"))
            elif LAYERS[imported]["number"] > own:
                found.append((line, f"{name} is in a layer below"))
    assert complaints(file, found) == []


@pytest.mark.parametrize("file", FILES)
def test_importsStandAtTheTop(file: str) -> None:
    """No function imports anything but the reactor, which installs itself when it is imported."""
    found = [
        (line, f"{name} is imported in a function")
        for function in ast.walk(parse(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for line, name in imports(function, file)
        if name != "twisted.internet.reactor"
    ]
    assert complaints(file, found) == []


@pytest.mark.parametrize("file", FILES)
def test_reactorIsNotImportedAtTheTop(file: str) -> None:
    """No module installs the reactor because it is imported."""
    tree = parse(file)
    inFunctions = {
        line
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for line, _ in imports(function, file)
    }
    found = [
        (line, "the reactor is imported outside a function")
        for line, name in imports(tree, file)
        if within(name, "twisted.internet.reactor") and line not in inFunctions
    ]
    assert complaints(file, found) == []


@pytest.mark.parametrize("file", FILES)
def test_importsOnlyWhatIsRequired(file: str) -> None:
    """Nothing is imported but the standard library and the four distributions that txnames requires."""
    known = {"txnames", "twisted", "zope", "idna", "attr", "attrs", *sys.stdlib_module_names}
    found = [
        (line, f"{name} is not required in pyproject.toml")
        for line, name in imports(parse(file), file)
        if name.split(".")[0] not in known
    ]
    assert complaints(file, found) == []


@pytest.mark.parametrize("file", FILES)
def test_onlyErrorsComeFromTwistedNames(file: str) -> None:
    """Of twisted.names nothing is imported but its exception classes, and those only by ``error``."""
    allowed = "twisted.names.error" if file == "error.py" else "(nothing)"
    found = [
        (line, f"{name} is imported")
        for line, name in imports(parse(file), file)
        if within(name, "twisted.names") and not within(name, allowed)
    ]
    assert complaints(file, found) == []


@pytest.mark.parametrize("file", FILES)
def test_isShort(file: str) -> None:
    """No file is longer than the table says."""
    assert len((SOURCE / file).read_bytes().splitlines()) <= RULES["lines"]


def worldly(tree: ast.Module, file: str) -> Iterator[tuple[int, str]]:
    """Yield line and reason for all that opens files or sockets, reads the clock or draws random numbers."""
    whole = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    uses = [(line, name) for line, name in imports(tree, file) if name not in whole]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole:
            uses.append((node.lineno, f"{node.value.id}.{node.attr}"))
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in RULES["calls"]:
                yield node.lineno, f"{name}() is called"
    for line, name in uses:
        if any(within(name, module) for module in RULES["impure"]) and not any(
            within(name, module) for module in RULES["computing"]
        ):
            yield line, f"{name} is used"


@pytest.mark.parametrize("file", PURE)
def test_pureLayersDoNotTouchTheWorld(file: str) -> None:
    """The pure layers have what they need passed to them."""
    assert complaints(file, list(worldly(parse(file), file))) == []


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("import socket\nsocket.inet_pton(socket.AF_INET, '')", []),
        ("import socket\nsocket.socket()", ["socket.socket is used"]),
        ("from time import monotonic", ["time.monotonic is used"]),
        ("from txnames.zone import time", []),
        ("open('x')", ["open() is called"]),
        ("from datetime import datetime\ndatetime.now()", ["now() is called"]),
        ("from twisted.internet.defer import Deferred", ["twisted.internet.defer.Deferred is used"]),
    ],
)
def test_worldIsRecognised(code: str, reasons: list[str]) -> None:
    """The test above sees what it is to see, and lets pass what only computes."""
    assert [reason for _, reason in worldly(ast.parse(code), "wire/x.py")] == reasons


def test_facadeOnlyImports() -> None:
    """``dns`` defines nothing: it imports names and lists them."""
    found = []
    for node in parse("dns.py").body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        listing = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and not any(
            isinstance(part, ast.Call | ast.Lambda) for part in ast.walk(node)
        )
        if not (docstring or listing or isinstance(node, ast.Import | ast.ImportFrom)):
            found.append((node.lineno, f"{type(node).__name__} in the façade"))
    assert complaints("dns.py", found) == []


def test_dictionaryOfLayersIsInOrder() -> None:
    """The layers are numbered in the order of the table, and no module stands in it twice."""
    numbers = [layer["number"] for layer in TABLE["layer"]]
    assert numbers == list(range(len(numbers)))
    assert len(LAYERS) == sum(len(layer["modules"]) for layer in TABLE["layer"])
