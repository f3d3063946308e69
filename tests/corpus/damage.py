"""Damages models and reads everything of them, in a process whose memory and time are limited.

    python -m tests.corpus.damage SEED EXAMPLES MODEL...

Prints how many examples were `read`, how many `refused` by a ModelError that names what was read, and what went wrong
with each that ended in another way.
"""

from __future__ import annotations

import random
import resource
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import ModelError
from rewriter.model import read
from rewriter.wellformed import complaints

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMORY = 1 << 30
SECONDS = 120
# The graph stands at the head or at the end of these files; damage to constants proves little.
_NEAR = 40_000


def read_everything(data: bytes) -> bytes:
    """Ask for every detail of a model, and encode it anew."""
    model = read(data)
    complaints(model)
    for tensor in (tensor for subgraph in model.subgraphs for tensor in subgraph.tensors):
        for name in ("name", "dtype", "shape", "shape_signature", "quantization", "data", "is_sparse"):
            getattr(tensor, name)
    for operator in model.operators():
        operator.attributes()
        len(operator.custom_options or b"")
    model.modified = True
    return model.to_bytes()


def damaged(source: bytes, random_: random.Random) -> bytes:
    """Change some bytes, or some words, to what does harm to offsets and lengths."""
    data = bytearray(source)
    words = random_.random() < 0.5
    for _ in range(random_.choice([1, 1, 2, 5, 20])):
        reach = min(len(data), _NEAR)
        at = random_.choice([random_.randrange(reach), len(data) - 1 - random_.randrange(reach)])
        if not words:
            data[at] = random_.randrange(256)
            continue
        at = min(at // 4 * 4, len(data) // 4 * 4 - 4)
        word = random_.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, random_.randrange(len(data)), random_.randrange(64)])
        data[at : at + 4] = word.to_bytes(4, "little")
    return bytes(data)


def fate(data: bytes) -> str:
    """What becomes of damaged bytes: `read`, `refused`, or what went wrong."""
    try:
        written = read_everything(data)
    except ModelError as error:
        return "refused" if error.message.startswith("<bytes>: ") else f"error without a place: {error.message}"
    except Exception:  # noqa: BLE001 - that none comes is what is tested
        return traceback.format_exc()
    try:
        read_everything(written)
    except ModelError as error:
        return f"what was written cannot be read: {error.message}"
    return "read"


def main(arguments: Sequence[str]) -> None:
    """Count the fates of damaged models."""
    seed, examples, *paths = arguments
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    random_ = random.Random(int(seed))
    sources = [Path(path).read_bytes() for path in paths]
    fates = Counter(fate(damaged(random_.choice(sources), random_)) for _ in range(int(examples)))
    for each, times in fates.items():
        print(times, each)


if __name__ == "__main__":
    main(sys.argv[1:])
