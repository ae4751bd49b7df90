"""Components with a stream that have no proof: the reason, and what looks at them instead."""

from __future__ import annotations

_CHAIN = "too long a pipeline for a bounded proof to reach its end"
_WINDOWS = (
    "simulated with stalls, gaps, resets and abandoned windows: "
    "`tests/hardware/accelerator/test_shared*.py`"
)

UNPROVEN = {
    "Flash": "a stream is more bytes than a bounded proof has cycles; simulated in whole cores "
    "with streams fast and slow, and with flipped bits: `tests/hardware/shared/test_streamed.py`",
    "FlashReader": "an image is more bits than a bounded proof has cycles; simulated with whoever "
    "takes its stream waiting, and with others' images: `tests/gateware/flash/test_reader.py`",
    "SpectrumFrontEnd": f"{_CHAIN}; its stream is its `Intake`'s, which is proven; {_WINDOWS}",
    "DftFrontEnd": f"{_CHAIN}; its stream is its `DftIntake`'s, which is proven; {_WINDOWS}",
    "Direct": "a window is more samples than a bounded proof has cycles; simulated with gaps, "
    "windows given up and begun anew: `tests/hardware/sources/ops/test_direct.py`",
    "Normalise": "a window is more samples than a bounded proof has cycles; simulated with gaps, "
    "windows given up and begun anew: `tests/hardware/sources/ops/test_normalise.py`",
    "SpectralGain": f"{_CHAIN}; its stream is its `Intake`'s, which is proven; simulated with "
    "gaps, windows given up and begun anew: `tests/hardware/sources/ops/test_spectralgain.py`",
    "Accelerator": f"{_CHAIN}; {_WINDOWS}, and `hwgen verify` at every build",
    "UnrolledSource": f"{_CHAIN}; its stream is the source's in front of it; {_WINDOWS}",
    "CoreElsewhere": "an instance of a core in another file: wires alone; simulated with it in the "
    "exported files: `tests/export/test_axi.py`",
    "Decimator": "its filter has more taps than a bounded proof has cycles; its numbers are "
    "compared with an integer model: `tests/gateware/sensors/test_decimation.py`",
    "Sensor": "receiver, watch, feed and overlap behind one another: the last two, whose stream "
    "it hands on, are proven; the whole is simulated: `tests/gateware/sensors/test_sensor.py`",
}
