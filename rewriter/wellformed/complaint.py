"""What the graph check says: complaints as data, and the rules that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import define, field, frozen

from rewriter.model import Operator, Subgraph, Tensor

Severity = Literal["error", "remark"]

RULES: Mapping[str, str] = {
    "producer": "A tensor is computed by one operator; inputs and constants by none.",
    "order": "An operator stands behind those whose results it reads.",
    "cycle": "No operator reads what depends on its own results.",
    "value": "Whatever is read or given out is computed, an input, a constant or a variable.",
    "reference": "Tensors, buffers, operator codes and subgraphs that are named are there.",
    "interface": "Inputs are no constants, and none is named twice; no two outputs have one name.",
    "signature": "A signature names the inputs and outputs of its subgraph, each once; keys are different.",
    "call": "The subgraphs that an operator runs take what it gives them, and give back what it gives on.",
    "operator": "The schema knows the operator; a custom one has a code.",
    "arity": "An operator has the operands and results of its declaration.",
    "type": "Element types are those that the declaration takes, and results have the type that follows.",
    "attribute": "Attributes have a value that they can have, and counts agree with operands and results.",
    "operands": "Operands and attributes fit each other, as the runtime demands.",
    "shape": "Shapes are stored as they follow from operands and attributes, and are shapes.",
    "quantization": "Parameters are there, are numbers that mean something, and agree among an operator's tensors.",
    "constant": "A constant has as many bytes as its type and shape take; text is laid out as text.",
    "variable": "A variable has no data in the file; an operator keeps its state in variables.",
    "version": "An operator's version covers what it uses.",
}
"""The rules of the check by name, with what each demands. The names are stable: scripts may rely on them."""


@frozen
class Complaint:
    """Something that is wrong with a graph.

    Attributes:
        rule: Which rule of the check it breaks, a key of `RULES`.
        subgraph: The subgraph's index.
        message: What is wrong, as a sentence without a subject: the place comes before it.
        index: The operator's place in the order of execution; None where it is about no operator.
        operator: What kind it is, as a pattern would write it.
        result: The name of its first result, by which people know it.
        tensors: The names of the tensors that it is about; the first is the one to blame, as far as can be said.
        where: What it is about, where that is neither an operator nor a tensor.
        severity: A `remark` is what converters do and no runtime minds.
    """

    rule: str
    subgraph: int
    message: str
    index: int | None = None
    operator: str | None = None
    result: str | None = None
    tensors: tuple[str, ...] = ()
    where: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """The tensor or operator, as a person would look for it."""
        if self.operator is not None:
            result = f" {self.result!r}" if self.result is not None else ""
            return f"operator {self.index}, {self.operator}{result}"
        return self.where or f"tensor {self.tensors[0]!r}"

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same complaint in another version of the model, where operators have other places.

        Of a version it is how much is lacking: an operator that is made again keeps its version, and has other results.
        """
        if self.rule == "version":
            return self.rule, self.severity, self.operator, self.message
        return self.rule, self.severity, self.subgraph, self.operator, self.result, self.tensors, self.where

    def to_json(self) -> dict[str, Any]:
        """The complaint as scripts read it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "subgraph": self.subgraph,
            "operator": None
            if self.operator is None
            else {"index": self.index, "operator": self.operator, "result": self.result},
            "tensors": list(self.tensors),
            "place": self.place,
            "message": self.message,
        }

    def __str__(self) -> str:
        return f"subgraph {self.subgraph}, {self.place}: {self.message}"


@define
class Findings:
    """Collects complaints."""

    complaints: list[Complaint] = field(factory=list[Complaint])

    def operator(
        self,
        rule: str,
        subgraph: Subgraph,
        operator: Operator,
        message: str,
        *tensors: Tensor | None,
        severity: Severity = "error",
    ) -> None:
        """Complain of an operator, and of tensors of it."""
        self.complaints.append(
            Complaint(
                rule,
                subgraph.index,
                message,
                operator.index,
                operator.name,
                operator.outputs[0].name if operator.outputs else None,
                tuple(tensor.name for tensor in tensors if tensor is not None),
                severity=severity,
            )
        )

    def tensor(self, rule: str, subgraph: Subgraph, tensor: Tensor, message: str, severity: Severity = "error") -> None:
        """Complain of a tensor."""
        self.complaints.append(Complaint(rule, subgraph.index, message, tensors=(tensor.name,), severity=severity))

    def other(
        self,
        rule: str,
        subgraph: Subgraph,
        where: str,
        message: str,
        *tensors: Tensor,
        severity: Severity = "error",
    ) -> None:
        """Complain of something that is neither an operator nor a tensor."""
        names = tuple(tensor.name for tensor in tensors)
        self.complaints.append(Complaint(rule, subgraph.index, message, tensors=names, where=where, severity=severity))
