"""What an install of the program and its tools brings in is pinned, all of it, and by name and version alone."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from tests.packaging.project import settings
from tests.shared import CHECKOUT


def pins() -> dict[str, Version]:
    """The pinned version of each package."""
    lines = (CHECKOUT / "constraints.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(
        re.fullmatch(r"==[0-9.]+(b[0-9]+|post[0-9]+)?", str(requirement.specifier)) for requirement in requirements
    )
    return {
        canonicalize_name(requirement.name): Version(str(requirement.specifier)[2:]) for requirement in requirements
    }


def wanted(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_every_package_that_an_install_brings_in_is_pinned() -> None:
    project = settings()["project"]
    waiting = [Requirement(text) for text in project["dependencies"] + settings()["build-system"]["requires"]]
    waiting += [
        Requirement(text)
        for name in ("dev", "dask", "docs", "fsspec", "lsp", "testing")
        for text in project["optional-dependencies"][name]
    ]
    seen: set[tuple[str, str]] = set()
    versions = pins()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name == "rewriter":
            continue
        assert name in versions, f"{name} is not in constraints.txt"
        assert requirement.specifier.contains(versions[name]), f"{requirement} against {versions[name]}"
        try:
            texts = requires(name) or []
        except PackageNotFoundError:
            continue
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [inner for inner in map(Requirement, texts) if wanted(inner, extra)]
    assert len(seen) > 10


def test_no_file_names_a_package_index() -> None:
    words = re.compile(r"index-url|find-links|trusted-host|/simple\b|registry", re.IGNORECASE)
    hosts = [f".ci/constraints/{path.name}" for path in (CHECKOUT / ".ci" / "constraints").iterdir()]
    for name in (
        "constraints.txt",
        "pyproject.toml",
        "Makefile",
        ".ci/run",
        ".ci/venv",
        ".ci/wheel",
        ".ci/hosts",
        *hosts,
    ):
        assert not words.search((CHECKOUT / name).read_text()), name
