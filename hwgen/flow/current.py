"""What the stages of a build have said of the design that its settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from hwgen.flow import check, generate, implement, netlist, quantize, stage
from hwgen.flow.benched import Benched
from hwgen.flow.explained import Explained
from hwgen.flow.generated import Generated
from hwgen.flow.implemented import Implemented
from hwgen.flow.netlist_checked import NetlistChecked
from hwgen.flow.options import Settings
from hwgen.flow.powered import Powered
from hwgen.flow.quantized import Quantized
from hwgen.flow.stage import DesignResult, Done
from hwgen.flow.verified import Verified

_Result = TypeVar("_Result", bound=DesignResult)

BENCH = "bench"
"""Folder of the benchmark (`hwgen.flow.link`)."""

POWER = "power"
"""Folder of the estimate of power (`hwgen.flow.power`)."""

EXPLAIN = "explain"
"""Folder of the window that was explained (`hwgen.flow.explain`)."""


@dataclass(frozen=True)
class Current:
    """A record for each stage that has come to its end; None for the others."""

    quantize: Done[Quantized] | None = None
    generate: Done[Generated] | None = None
    verify: Done[Verified] | None = None
    synth: Done[Implemented] | None = None
    netlist: Done[NetlistChecked] | None = None
    bench: Done[Benched] | None = None
    power: Done[Powered] | None = None
    explain: Done[Explained] | None = None

    def stages(self) -> dict[str, Done[Any]]:
        """Return the records that there are, by the stage's name."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: done for name, done in found.items() if done is not None}


def current(settings: Settings, folder: Path) -> Current:
    """Return what each stage has said of the present design.

    A build that was broken off leaves later stages' results of the design before; those do not
    count.
    """
    quantized = stage.result_of(folder / quantize.FOLDER, Quantized)
    if quantized is None or not quantize.made_for(quantized.said, settings):
        return Current()
    digest, hardware = quantized.said.design.digest, settings.hardware
    generated = generate.basis(digest, hardware)
    # A quick build takes what a full one has left, but not the other way round.
    ways = {False, hardware.quick}

    def of(
        place: str, kind: type[_Result], *bases: Mapping[str, Any], edited: bool = False
    ) -> Done[_Result] | None:
        done = stage.result_of(folder / place, kind, edited=edited)
        return done if done is not None and done.said.basis in bases else None

    return Current(
        quantize=quantized,
        generate=of(generate.FOLDER, Generated, generated, edited=True),
        verify=of(
            check.FOLDER,
            Verified,
            *(check.basis(digest, folder, brief=quick) for quick in ways),
        ),
        synth=of(
            implement.FOLDER,
            Implemented,
            *(implement.basis(digest, hardware.but(quick=quick)) for quick in ways),
        ),
        netlist=of(netlist.FOLDER, NetlistChecked, netlist.basis(digest, hardware)),
        bench=of(BENCH, Benched, generated),
        power=of(POWER, Powered, generated),
        explain=of(EXPLAIN, Explained, {"model": digest}),
    )
