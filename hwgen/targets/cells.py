"""Cells of a chip, of a design or of a part: how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hwgen.checks import positive


class Cells(Mapping[str, int]):
    """Counts of cells by kind: ``cells["dsp"]``; a kind that is not there counts 0.

    Kinds are called alike for every family, as in a report: ``lut4`` (look-up tables), ``ff``
    (flip-flops), ``dsp`` (multipliers), ``ebr`` (block RAMs).

    Parameters
    ----------
    counts
        Cells of each kind, in the order in which they are to be told.

    Raises
    ------
    TypeError, ValueError
        If a count is not an integer of at least 0.
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        given = counts or {}
        self._counts = {kind: positive(kind, count, 0) for kind, count in given.items()}

    def __getitem__(self, kind: str) -> int:
        return self._counts.get(kind, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def __contains__(self, kind: object) -> bool:
        return kind in self._counts

    def __add__(self, other: Cells) -> Cells:
        return Cells({kind: self[kind] + other[kind] for kind in {**self, **other}})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cells):
            return NotImplemented
        return self._there() == other._there()

    def __hash__(self) -> int:
        return hash(self._there())

    def __repr__(self) -> str:
        return f"Cells({self._counts})"

    def _there(self) -> frozenset[tuple[str, int]]:
        """Return what there is at all: none of a kind is as good as no word of it."""
        return frozenset((kind, count) for kind, count in self.items() if count)

    def fit_in(self, available: Cells) -> bool:
        """Return whether there are as many of every kind."""
        return all(count <= available[kind] for kind, count in self.items())

    def weight(self, available: Cells, unit: str = "lut4") -> float:
        """Return the cells as one number, in cells of kind `unit`.

        A DSP cell weighs as many LUT4 as the chip has for each of its DSP cells, a block RAM as
        many as it has for each of its block RAMs: the kinds of cells of a chip are worth the same
        as a whole, and what is scarce is dear. What the chip has none of weighs infinitely much.

        Parameters
        ----------
        available
            The chip's cells.
        unit
            The kind that weighs 1.
        """
        total = 0.0
        for kind, count in self.items():
            if count:
                have = available[kind]
                total += count * available[unit] / have if have else float("inf")
        return total

    def to_json(self) -> dict[str, int]:
        """Return the counts as a JSON object."""
        return dict(self._counts)
