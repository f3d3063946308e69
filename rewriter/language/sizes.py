"""Numbers that a side of a rule knows by name: which of them are equal, and which have a value."""

from __future__ import annotations

from attrs import define, field

from rewriter.language.terms import Contents, Shape, Size, TermTensor


@define
class Sizes:
    """Names in classes of equals, each perhaps with a number."""

    parents: dict[str, str] = field(factory=dict[str, str])
    numbers: dict[str, float] = field(factory=dict[str, float])

    def root(self, name: str) -> str:
        """The name that stands for all those that are equal to this one."""
        while name in self.parents:
            name = self.parents[name]
        return name

    def known(self, size: float | str | None) -> float | str | None:
        """A number where there is one, else the name that stands for its equals, or None."""
        if not isinstance(size, str):
            return size
        root = self.root(size)
        return self.numbers.get(root, root)

    def unite(self, one: float | str | None, other: float | str | None) -> bool:
        """Note that two are equal; False where they cannot be."""
        one, other = self.known(one), self.known(other)
        if one is None or other is None or one == other:
            return True
        if isinstance(one, str):
            if isinstance(other, str):
                self.parents[one] = other
            else:
                self.numbers[one] = other
            return True
        if isinstance(other, str):
            self.numbers[other] = one
            return True
        return False

    def unite_shapes(self, one: Shape, other: Shape) -> bool:
        """Note that two shapes are those of one tensor; False where they cannot be."""
        for exact, open_ in ((one, other), (other, one)):
            if exact.back is None and (exact.least < open_.least or (open_.back is None and exact.least > open_.least)):
                return False
        pairs = list(zip(one.front, other.front, strict=False))
        if one.back is None and other.back is not None:
            pairs += zip(reversed(one.front), reversed(other.back), strict=False)
        elif other.back is None and one.back is not None:
            pairs += zip(reversed(other.front), reversed(one.back), strict=False)
        elif one.back is not None and other.back is not None:
            pairs += zip(reversed(one.back), reversed(other.back), strict=False)
        return all(self.unite(*pair) for pair in pairs)

    def unite_contents(self, contents: Contents, shape: Shape) -> bool:
        """Note that a constant with these elements has this shape; False where it cannot."""
        if contents.splat:
            return all(self.known(size) != 0 for size in (*shape.front, *(shape.back or ())))
        if contents.shape is not None:
            return self.unite_shapes(Shape(contents.shape, None, contents.span), shape)
        count = len(contents.elements)
        if shape.least > 1:
            return False
        if shape.least == 1:
            return self.unite((*shape.front, *(shape.back or ()))[0], count)
        return shape.back is not None or count == 1

    def exact(self, tensor: TermTensor) -> tuple[float | str | None, ...] | None:
        """The dimensions of a tensor, each as far as it is known; None where not even their number is."""
        found: list[float | str | None] | None = None
        for shape in tensor.shapes:
            if shape.back is None:
                sizes = [self.known(size) for size in shape.front]
                found = (
                    sizes if found is None else [a if a is not None else b for a, b in zip(found, sizes, strict=False)]
                )
        if found is None:
            return self._of_contents(tensor)
        for shape in tensor.shapes:
            if shape.back is not None:
                for place, size in [*enumerate(shape.front), *enumerate(shape.back, -len(shape.back))]:
                    if found[place] is None:
                        found[place] = self.known(size)
        return tuple(found)

    def _of_contents(self, tensor: TermTensor) -> tuple[float | str | None, ...] | None:
        counts = [len(each.elements) for each in tensor.contents if not each.splat]
        return (counts[0],) if counts and counts[0] != 1 else None

    def at(self, tensor: TermTensor, place: int) -> Size | float:
        """The size of one dimension, counted from the front or, where negative, from behind."""
        exact = self.exact(tensor)
        if exact is not None:
            return exact[place] if -len(exact) <= place < len(exact) else None
        for shape in tensor.shapes:
            part = shape.front if place >= 0 else shape.back or ()
            if -len(part) <= place < len(part) and (known := self.known(part[place])) is not None:
                return known
        return None

    def least(self, tensor: TermTensor) -> int:
        """How many dimensions a tensor has at least."""
        return max((shape.least for shape in tensor.shapes), default=0)
