"""The command line as a user calls it: in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)\n"
WRONG = "rule drops_bias CUSTOM[Convolution2DTransposeBias](x, w, _) -> TRANSPOSE_CONV(x, w)\n"


@frozen
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output."""
        return self.out.decode()

    @property
    def document(self) -> Any:
        """The JSON document, which must be all of standard output."""
        return json.loads(self.out)


def rewriter(*arguments: str | Path, cwd: Path, given: bytes | None = None) -> Outcome:
    """Run a command. Whatever it is, it must not end in a traceback."""
    command = [
        sys.executable,
        "-c",
        "import sys; from rewriter.cli import main; sys.exit(main())",
        *map(str, arguments),
    ]
    done = subprocess.run(command, capture_output=True, check=False, cwd=cwd, input=given)
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    return Outcome(done.returncode, done.stdout, err)
