"""The project that `rewriter new-pack` writes: its files, and where each goes in it.

In a file `$name` is the pack's name, `$package` its importable package, `$distribution` what is installed, `$operator`
the custom operator that it declares as an example, and `$version` the version of this program.
"""

from __future__ import annotations

import re
from importlib.resources import files
from string import Template

from rewriter import __version__
from rewriter.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "rules.pat": "$package/$name.pat",
    "functions.py": "$package/__init__.py",
    "test_rules.py": "tests/test_rules.py",
}


def project(name: str) -> dict[str, str]:
    """The files of a pack's project, by their places in it.

    Args:
        name: The pack's name: lower-case letters, digits and underscores.

    Raises:
        UsageError: It cannot be the name of a pack.
    """
    if not _NAME.fullmatch(name):
        wanted = "_".join(re.findall(r"[a-z0-9]+", name.lower())).lstrip("0123456789_")
        message = f"{name!r} is no name for a pack: lower-case letters, digits and underscores, a letter first"
        raise UsageError(message, hint=wanted or "rewriter new-pack my_rules")
    values = {
        "name": name,
        "package": f"rewriter_{name}",
        "distribution": f"rewriter-{name.replace('_', '-')}",
        "operator": "".join(word.capitalize() for word in name.split("_")) + "ScaledAdd",
        "version": __version__,
    }
    folder = files(__name__)
    return {
        Template(place).substitute(values): Template(
            folder.joinpath(f"{source}.template").read_text(encoding="utf-8")
        ).substitute(values)
        for source, place in _FILES.items()
    }
