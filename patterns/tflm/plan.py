"""The cleanup of the memory plan that a tool for microcontrollers made ahead of time."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.changes import MEMORY_PLAN, Leave, RemoveBuffer, RemoveMetadata, View


def remove_memory_plan(view: View) -> Iterator[RemoveMetadata | RemoveBuffer | Leave]:
    """The plan, where no operator can know of it: the code of a compiled one holds the places of its tensors."""
    model = view.model
    plans = [each for each in model.metadata if each.name == MEMORY_PLAN]
    unknown = {
        operator.name
        for operator in model.operators()
        if operator.code.builtin == "CUSTOM" and view.declaration(operator.code.custom_code or "") is None
    }
    if plans and unknown:
        names = ", ".join(sorted(unknown))
        yield Leave(f"metadata {MEMORY_PLAN}", f"{names} may need it: nobody declares what it does")
        return
    for plan in plans:
        yield RemoveMetadata(plan)
        used = view.metadata_buffers() | {tensor.buffer for each in model.subgraphs for tensor in each.tensors}
        if plan.buffer not in used:
            yield RemoveBuffer(plan.buffer)
