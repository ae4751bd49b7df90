"""What `make fuzz` runs: damaged inputs into every reader of files and the frame decoder.

A million inputs each unless told otherwise, mutated by Atheris (libFuzzer) under the guidance of
coverage from small sound files. A reader must return, or refuse with one line (`HwgenError`);
anything else, more than 10 seconds or 1 GiB of memory is a finding: the input is kept, and
``--repeat FILE`` runs it again. Corpora are kept in ``build/fuzz``, so that the next run goes on
from there. Exit code 1 if anything was found.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

RUNS = 1_000_000
_TIMEOUT_S = 10
_MEMORY_MB = 1024
_LARGEST = 1 << 15
"""Bytes of an input."""


class Target:
    """Something that reads hostile bytes.

    Parameters
    ----------
    run
        Takes them.
    seeds
        Yields sound inputs.
    instrumented
        Modules whose coverage guides the mutation.
    """

    def __init__(
        self,
        run: Callable[[bytes], None],
        seeds: Callable[[], Iterator[bytes]],
        instrumented: tuple[str, ...],
    ) -> None:
        self.run, self.seeds, self.instrumented = run, seeds, instrumented


def refused(work: Callable[[], Any]) -> None:
    """Do it; a refusal in one line is as good as success."""
    from hwgen.errors import HwgenError

    try:
        work()
    except HwgenError as error:
        if "\n" in str(error) or not str(error):
            raise RuntimeError(f"a refusal must be one line, not {str(error)!r}") from error


def of_file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes], None]:
    """Return what writes its input to a file in memory and reads that."""
    folder = Path(tempfile.mkdtemp(prefix="hwgen-fuzz-", dir=_memory()))
    path = folder / name

    def run(data: bytes) -> None:
        path.write_bytes(data)
        refused(lambda: read(path))

    return run


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def recording(ending: str, seeds: Callable[[], Iterator[bytes]]) -> Callable[[], Target]:
    """Return the target of a format of recordings."""

    def made() -> Target:
        from hwgen.signals import read_recording

        return Target(of_file(f"a{ending}", read_recording), seeds, ("hwgen.signals",))

    return made


def decoder() -> Target:
    """Return the decoder of frames, and of what is in them."""
    from hwgen import protocol

    decoders = (
        protocol.decode_hello, protocol.decode_result, protocol.decode_replayed,
        protocol.decode_diagnosis, protocol.decode_status, protocol.refusal,
    )  # fmt: skip

    def run(data: bytes) -> None:
        found = protocol.Decoder()
        half = len(data) // 2
        for frame in (*found.feed(data[:half]), *found.feed(data[half:]), *found.flush()):
            for decode in decoders:
                refused(lambda decode=decode, frame=frame: decode(frame))  # type: ignore[misc]

    def seeds() -> Iterator[bytes]:
        result = protocol.Result(1, 4312, (5, -3, 2))
        yield protocol.encode_result(3, result)
        yield protocol.encode_error(4, protocol.ErrorCode.BAD_CRC)
        yield protocol.encode_window(5, list(range(-8, 8)))
        yield protocol.encode_status(1) + protocol.encode_hello(2)

    return Target(run, seeds, ("hwgen.protocol",))


def checkpoint(ending: str) -> Callable[[], Target]:
    """Return the reader of networks in files of one ending."""

    def made() -> Target:
        import torch  # noqa: F401 - what is no ONNX file needs it, and its import is not timed

        from hwgen import importers

        return Target(
            of_file(f"a{ending}", importers.load),
            _onnx if ending == ".onnx" else lambda: _states(ending),
            ("hwgen.checkpoint", "hwgen.importers"),
        )

    return made


def _states(ending: str) -> Iterator[bytes]:
    import torch

    state = {
        "conv1.weight": torch.zeros(1, 1, 8), "conv1.bias": torch.zeros(1),
        "fc1.weight": torch.zeros(2, 4), "fc1.bias": torch.zeros(2),
    }  # fmt: skip
    if ending == ".safetensors":
        from safetensors.torch import save

        yield save(state)
        return
    for value in (state, {"state_dict": state, "epoch": 3}):
        for zipped in (True, False):
            buffer = io.BytesIO()
            torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
            yield buffer.getvalue()


_ONNX = (
    "a = Conv <pads=[1, 1]> (x, w) b = Relu (a) c = MaxPool <kernel_shape=[2], strides=[2]> (b)"
    " d = Flatten (c) e = Gemm (d, v) y = Softmax (e)",
    "a = Conv (x, w) b = ReduceMean (a, one) c = ReduceMax (a, one) d = Concat <axis=1> (b, c)"
    " e = Sigmoid (b) f = Mul (a, e) y = Concat <axis=1> (f, d)",
    "a = Reshape (x, rows) b = Transpose <perm=[1, 0, 2]> (a)"
    " c, d = LSTM <hidden_size=2> (b, i, h) e = Squeeze (d, zero) y = Gemm (e, u)",
    "a = QuantizeLinear (x, step, nil) b = DequantizeLinear (a, step, nil)"
    " c = DequantizeLinear (small, step, nil) d = Conv (b, c) y = Clip (d, low)",
)
"""Nodes of small networks, in ONNX's own text."""


def _onnx() -> Iterator[bytes]:
    import numpy as np
    from onnx import numpy_helper, parser

    constants: dict[str, Any] = {
        "w": np.ones((2, 1, 3), np.float32), "v": np.ones((16, 2), np.float32),
        "u": np.ones((2, 2), np.float32), "i": np.ones((1, 8, 4), np.float32),
        "h": np.ones((1, 8, 2), np.float32), "small": np.ones((2, 1, 3), np.int8),
        "one": np.array([1]), "zero": np.array([0]), "rows": np.array([1, 4, 4]),
        "step": np.array(0.5, np.float32), "nil": np.array(0, np.int8),
        "low": np.array(0.0, np.float32),
    }  # fmt: skip
    for nodes in _ONNX:
        head = '<ir_version: 8, opset_import: ["" : 18]> net (float[1,1,16] x) => (float[] y)'
        made = parser.parse_model(f"{head} {{{nodes}}}")
        used = {name for node in made.graph.node for name in node.input} & constants.keys()
        for name in sorted(used):
            made.graph.initializer.append(numpy_helper.from_array(constants[name], name))
        yield made.SerializeToString()


def program() -> Target:
    """Return the reader of programs of torch.export: the graph in an archive that is sound.

    An archive whose entries do not agree with their checksums is refused at once. What comes behind
    it takes seconds: torch's exporter, and the reader of ONNX, which has a target of its own.
    """
    import zipfile

    from hwgen.importers.program.archive import opened
    from hwgen.importers.program.module import Program

    folder = Path(tempfile.mkdtemp(prefix="hwgen-fuzz-", dir=_memory()))
    model, parts = _program()

    def run(data: bytes) -> None:
        with zipfile.ZipFile(folder / "a.pt2", "w") as archive:
            for name, part in {**parts, model: data}.items():
                archive.writestr(name, part)
        path = folder / "a.pt2"
        refused(lambda: Program(path, opened(path, path.read_bytes())))

    return Target(run, lambda: iter([parts[model]]), ("hwgen.importers",))


def _program() -> tuple[str, dict[str, bytes]]:
    """Return the name of the graph in an archive, and all that is in it."""
    import zipfile

    import torch

    network = torch.nn.Sequential(
        torch.nn.Conv1d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(28, 3)
    )
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(network, (torch.zeros(1, 1, 16),)), buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    model = next(name for name in parts if "/models/" in name)
    graph = json.loads(parts[model])
    for node in graph["graph_module"]["graph"]["nodes"]:
        node["metadata"] = {}  # paths of whoever exported it
    return model, {**parts, model: json.dumps(graph).encode()}


def folder_files() -> Target:
    """Return the readers of the files in a build's folder: settings, networks, report."""
    from hwgen import files, report
    from hwgen.flow.options import SETTINGS, Settings, read_settings
    from hwgen.flow.quantize import read_model
    from hwgen.network import Network

    folder = Path(tempfile.mkdtemp(prefix="hwgen-fuzz-", dir=_memory()))

    def run(data: bytes) -> None:
        for name, read in (
            (SETTINGS, read_settings), ("report.json", report.read), ("model.json", _model),
            ("network.json", _network),
        ):  # fmt: skip
            (folder / name).write_bytes(data)
            refused(lambda read=read: read(folder))  # type: ignore[misc]

    def _model(place: Path) -> Any:
        return read_model(place / "model.json")

    def _network(place: Path) -> Any:
        return Network.from_json(files.read_json(place / "network.json"))

    def seeds() -> Iterator[bytes]:
        yield json.dumps(Settings("a.pt").to_json()).encode()
        sys.path.insert(0, str(Path(__file__).parent))
        from soak import example

        model, _ = example()
        yield json.dumps(model.to_json()).encode()[:_LARGEST]

    return Target(run, seeds, ("hwgen.flow.options", "hwgen.quantized", "hwgen.report"))


def _wave() -> Any:
    import numpy as np

    return np.random.default_rng(1).normal(size=40).astype(np.float32)


def _npy() -> Iterator[bytes]:
    import numpy as np

    for array in (_wave(), _wave().reshape(20, 2), np.arange(9, dtype=np.int16) ** 2):
        buffer = io.BytesIO()
        np.save(buffer, array)
        yield buffer.getvalue()


def _mat() -> Iterator[bytes]:
    from scipy.io import savemat

    bearing = {"sr": 12e3, "gs": _wave(), "Name": "x"}
    for variables in ({"X1_DE_time": _wave(), "fs": 12e3}, {"bearing": bearing, "c": "text"}):
        for options in ({"do_compression": True}, {}, {"format": "4"}):
            if "bearing" in variables and "format" in options:
                continue  # level 4 has no structs
            buffer = io.BytesIO()
            savemat(buffer, variables, **options)
            yield buffer.getvalue()


def _hdf5() -> Iterator[bytes]:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["a/DE"] = _wave()
        file["a/DE"].attrs["fs"] = 12e3
        file["b"] = _wave().reshape(20, 2)
    yield buffer.getvalue()


def _wav() -> Iterator[bytes]:
    import soundfile

    for kind, subtype in (("WAV", "PCM_16"), ("WAV", "FLOAT"), ("RF64", "PCM_24")):
        buffer = io.BytesIO()
        soundfile.write(buffer, _wave() / 4, 12_000, subtype, format=kind)
        yield buffer.getvalue()


def _csv() -> Iterator[bytes]:
    rows = [f"{index / 12e3:.6f},{value:.4f}" for index, value in enumerate(_wave())]
    yield "\n".join(["Time (s),DE", *rows]).encode()
    yield "\n".join(rows).encode("utf-16")
    yield "\n".join(f"{value:.4f}".replace(".", ",") for value in _wave()).encode()
    yield "\r\n".join(["bench 4", "rate 12000", "", "a\tb", *("1\t2" for _ in _wave())]).encode()


def _parquet() -> Iterator[bytes]:
    import pyarrow as pa
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pa.table({"DE": _wave(), "FE": -_wave()}), buffer)
    yield buffer.getvalue()


def _tdms() -> Iterator[bytes]:
    from nptdms import ChannelObject, TdmsWriter

    buffer = io.BytesIO()
    with TdmsWriter(buffer) as writer:
        writer.write_segment([ChannelObject("g", "DE", _wave(), {"wf_increment": 1 / 12e3})])
    yield buffer.getvalue()


def _uff() -> Iterator[bytes]:
    import numpy as np
    import pyuff

    with tempfile.TemporaryDirectory() as folder:
        for binary in (0, 1):
            path = Path(folder) / f"{binary}.uff"
            record = pyuff.prepare_58(
                func_type=1, rsp_node=3, rsp_dir=2, ref_node=0, ref_dir=0, id1="Acc DE",
                abscissa_spacing=1, abscissa_min=0.0, abscissa_inc=1 / 12e3, binary=binary,
                abscissa_spec_data_type=17, ordinate_spec_data_type=12,
                abscissa_axis_units_lab="s", ordinate_axis_units_lab="g",
                rsp_ent_name="NONE", ref_ent_name="NONE", orddenom_spec_data_type=0,
                x=np.zeros(40), data=_wave().astype(float),
            )  # fmt: skip
            pyuff.UFF(str(path)).write_sets(record, "add")
            gc.collect()  # pyuff leaves the file open
            yield path.read_bytes()


TARGETS: dict[str, Callable[[], Target]] = {
    "frames": decoder,
    "npy": recording(".npy", _npy),
    "mat": recording(".mat", _mat),
    "hdf5": recording(".h5", _hdf5),
    "wav": recording(".wav", _wav),
    "csv": recording(".csv", _csv),
    "parquet": recording(".parquet", _parquet),
    "tdms": recording(".tdms", _tdms),
    "uff": recording(".uff", _uff),
    "pt": checkpoint(".pt"),
    "safetensors": checkpoint(".safetensors"),
    "onnx": checkpoint(".onnx"),
    "pt2": program,
    "build": folder_files,
}


def fuzz_here(name: str, options: list[str]) -> None:
    """Fuzz one target in this process; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["hwgen"]):
        target = TARGETS[name]()
        target.run(b"")
        for seed in target.seeds():
            target.run(seed)
    atheris.Setup(["fuzz", *options], target.run)
    atheris.Fuzz()


def corpus_of(name: str, place: Path) -> Path:
    """Return the folder of a target's corpus, with its sound inputs in it."""
    corpus = place / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name]().seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    return corpus


def fuzz(name: str, arguments: argparse.Namespace) -> bool:
    """Fuzz one target in a process of its own; return whether nothing was found."""
    corpus = corpus_of(name, arguments.corpus)
    finds = arguments.corpus / f"{name}-found"
    finds.mkdir(exist_ok=True)
    options = [
        f"-runs={arguments.runs}", f"-seed={arguments.seed}", f"-timeout={_TIMEOUT_S}",
        f"-rss_limit_mb={_MEMORY_MB}", f"-max_len={_LARGEST}", f"-artifact_prefix={finds}/",
        "-print_final_stats=1", "-verbosity=0", "-close_fd_mask=1",
        *([f"-max_total_time={arguments.seconds}"] if arguments.seconds else []),
    ]  # fmt: skip
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, "--here", name, *options, str(corpus)],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    lines = done.stderr.splitlines()
    ran = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "0")
    sound = done.returncode == 0 and int(ran) > 0
    print(
        f"{name}: {int(ran):,} inputs in {time.monotonic() - begin:.0f} s, "
        f"{'nothing found' if sound else 'FOUND'}",
        flush=True,
    )
    if not sound:
        print("\n".join(lines[-25:]), flush=True)
    return sound


def main() -> int:
    """Run and judge."""
    if sys.argv[1:2] == ["--here"]:
        fuzz_here(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--runs", type=int, default=RUNS, help="inputs of each")
    parser.add_argument("--seconds", type=int, help="of each, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="run one input of a TARGET")
    arguments = parser.parse_args()
    names = arguments.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if arguments.repeat:
        TARGETS[names[0]]().run(arguments.repeat.read_bytes())
        return 0
    sound = [fuzz(name, arguments) for name in names]  # one find stops no other target
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
