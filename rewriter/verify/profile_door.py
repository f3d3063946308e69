"""The door to the runtime's own profiler: the C functions of ``libLiteRt.so``, which no Python call of it reaches.

Nothing here is safe: a library that lays its structures out in another way ends the process. So it is used in a child
process alone, no function is called that the library does not have, and what comes back is held to the layout that is
known before any of it is believed.

Source: litert/c/litert_profiler.h and litert_profiler_event.h, litert_compiled_model.h, litert_tensor_buffer.h and
litert_layout.h of LiteRT, as of ai-edge-litert 2.3.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.protocol import Array

_PACKAGE = "ai_edge_litert"
_LIBRARIES = {"win32": "libLiteRt.dll", "darwin": "libLiteRt.dylib"}
_MODES = {"default": "delegate", "builtin": "builtin", "reference": "reference"}
_CPU = 1
_WRITE = 1
_MOST_AXES = 8
_RANK = 0x7F
_ALIGNMENT = 64
_MARK = 0xA5
_ROOM = 4
"""How many times the size of an event there is room for each one, to see how large they really are."""


class Refusal(Exception):
    """The library said no, or is not the one that is known here."""


class Status(Refusal):
    """A function of the library failed; what the library has to say of that is on standard error."""


class _Layout(ctypes.Structure):
    # The rank takes the lowest seven bits of its word.
    _fields_: ClassVar = [("rank", c_uint32), ("sizes", c_int32 * _MOST_AXES), ("strides", c_uint32 * _MOST_AXES)]


class _Ranked(ctypes.Structure):
    _fields_: ClassVar = [("element", c_int32), ("layout", _Layout)]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("tag", c_char_p),
        ("kind", c_int32),
        ("start", c_uint64),
        ("elapsed", c_uint64),
        ("memory_before", c_int64 * 3),
        ("memory_after", c_int64 * 3),
        ("first", c_uint64),
        ("second", c_uint64),
        ("source", c_int32),
    ]


_Destructor = ctypes.CFUNCTYPE(None, c_void_p)
_HANDLE = POINTER(c_void_p)
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "CreateEnvironment": (c_int, c_void_p, _HANDLE),
    "CreateModelFromFile": (c_void_p, c_char_p, _HANDLE),
    "CreateModelFromBuffer": (c_void_p, c_void_p, c_size_t, _HANDLE),
    "CreateOptions": (_HANDLE,),
    "SetOptionsHardwareAccelerators": (c_void_p, c_int),
    "CreateOpaqueOptions": (c_char_p, c_void_p, _Destructor, _HANDLE),
    "AddOpaqueOptions": (c_void_p, c_void_p),
    "CreateCompiledModel": (c_void_p, c_void_p, c_void_p, _HANDLE),
    "GetModelSignature": (c_void_p, c_size_t, _HANDLE),
    "GetNumSignatureInputs": (c_void_p, POINTER(c_size_t)),
    "GetNumSignatureOutputs": (c_void_p, POINTER(c_size_t)),
    "GetSignatureInputTensorByIndex": (c_void_p, c_size_t, _HANDLE),
    "GetSignatureOutputTensorByIndex": (c_void_p, c_size_t, _HANDLE),
    "GetTensorIndex": (c_void_p, POINTER(c_uint32)),
    "GetRankedTensorType": (c_void_p, POINTER(_Ranked)),
    "GetCompiledModelInputBufferRequirements": (c_void_p, c_size_t, c_size_t, _HANDLE),
    "GetCompiledModelOutputBufferRequirements": (c_void_p, c_size_t, c_size_t, _HANDLE),
    "GetCompiledModelOutputTensorLayouts": (c_void_p, c_size_t, c_size_t, POINTER(_Layout), ctypes.c_bool),
    "CompiledModelResizeInputTensor": (c_void_p, c_size_t, c_size_t, POINTER(c_int), c_size_t),
    "CreateManagedTensorBufferFromRequirements": (c_void_p, POINTER(_Ranked), c_void_p, _HANDLE),
    "GetTensorBufferPackedSize": (c_void_p, POINTER(c_size_t)),
    "LockTensorBuffer": (c_void_p, _HANDLE, c_int),
    "UnlockTensorBuffer": (c_void_p,),
    "RunCompiledModel": (c_void_p, c_size_t, c_size_t, _HANDLE, c_size_t, _HANDLE),
    "CompiledModelGetProfiler": (c_void_p, _HANDLE),
    "ResetProfiler": (c_void_p,),
    "StartProfiler": (c_void_p,),
    "StopProfiler": (c_void_p,),
    "GetNumProfilerEvents": (c_void_p, POINTER(c_int)),
    "GetProfilerEvents": (c_void_p, c_int, c_void_p),
}
"""What is used of the library, each with its parameters; each gives a status, 0 where all is well."""


@frozen
class Event:
    """Something that the runtime did while it was watched.

    Attributes:
        tag: What: an operator's name, a kernel's of a delegate, ``Invoke``.
        kind: 2 for an operator's run, 4 and 8 for that of a delegate's kernel.
        elapsed: Microseconds.
        first: Of an operator, its index in its subgraph.
        second: Of an operator, its subgraph.
    """

    tag: str
    kind: int
    elapsed: int
    first: int
    second: int


@define(eq=False)
class Library:
    """The library, with one environment.

    Raises:
        Refusal: It is not there, or has not all of the functions.
    """

    _library: Any = field(init=False)
    _environment: c_void_p = field(factory=c_void_p, init=False)

    def __attrs_post_init__(self) -> None:
        self._library = _open()
        lacking = [name for name in _FUNCTIONS if not hasattr(self._library, f"LiteRt{name}")]
        if lacking:
            raise Refusal(f"the runtime's library has no LiteRt{lacking[0]}")
        for name, parameters in _FUNCTIONS.items():
            function = getattr(self._library, f"LiteRt{name}")
            function.argtypes, function.restype = parameters, c_int
        self.call("CreateEnvironment", 0, None, byref(self._environment))

    def call(self, name: str, *arguments: object) -> None:
        """Call a function.

        Raises:
            Status: It is not 0.
        """
        status = getattr(self._library, f"LiteRt{name}")(*arguments)
        if status:
            raise Status(f"LiteRt{name} gave status {status}")

    def compile(
        self, model: str | Array, kernels: str, threads: int, signature: int, inputs: dict[int, Array]
    ) -> CompiledModel:
        """Load a model, ready to run on some inputs.

        Args:
            model: The path of its file, or its bytes.
            kernels: `default`, `builtin` or `reference`.
            threads: How many threads the kernels may use.
            signature: Which of its signatures; 0 where it has none.
            inputs: A value for each input, by the input's tensor.

        Raises:
            Refusal: The library does not take it.
        """
        loaded, options, compiled = c_void_p(), c_void_p(), c_void_p()
        kept: list[object] = []
        if isinstance(model, str):
            self.call("CreateModelFromFile", self._environment, model.encode(), byref(loaded))
        else:
            kept.append(held := _aligned(model))
            self.call("CreateModelFromBuffer", self._environment, held.ctypes.data, held.size, byref(loaded))
        self.call("CreateOptions", byref(options))
        self.call("SetOptionsHardwareAccelerators", options, _CPU)
        texts = {
            "runtime_options_string": "enable_profiling = true",
            "xnnpack": f'num_threads = {threads}\nkernel_mode = "{_MODES[kernels]}"',
        }
        for name, text in texts.items():
            kept.append(payload := ctypes.create_string_buffer(text.encode()))
            opaque = c_void_p()
            self.call("CreateOpaqueOptions", name.encode(), payload, _keep_it, byref(opaque))
            self.call("AddOpaqueOptions", options, opaque)
        self.call("CreateCompiledModel", self._environment, loaded, options, byref(compiled))
        return CompiledModel(self, self._environment, loaded, compiled, signature, inputs, kept)


@define(eq=False)
class CompiledModel:
    """A model with buffers for what goes in and out, which is run under the profiler. `Library.compile` makes it."""

    _library: Library
    _environment: c_void_p
    _model: c_void_p
    _compiled: c_void_p
    _signature: int
    _values: dict[int, Array]
    _kept: list[object]
    _inputs: list[c_void_p] = field(factory=list[c_void_p], init=False)
    _outputs: list[c_void_p] = field(factory=list[c_void_p], init=False)
    _profiler: c_void_p = field(factory=c_void_p, init=False)

    def __attrs_post_init__(self) -> None:
        call = self._library.call
        signature, count = c_void_p(), c_size_t()
        call("GetModelSignature", self._model, self._signature, byref(signature))
        call("GetNumSignatureInputs", signature, byref(count))
        if count.value != len(self._values):
            raise Refusal(f"the runtime counts {count.value} inputs, the model has {len(self._values)}")
        for place in range(count.value):
            self._inputs.append(self._input(signature, place))
        call("GetNumSignatureOutputs", signature, byref(count))
        layouts = (_Layout * max(count.value, 1))()
        call("GetCompiledModelOutputTensorLayouts", self._compiled, self._signature, count, layouts, True)
        for place in range(count.value):
            self._outputs.append(self._output(signature, place, layouts[place]))
        call("CompiledModelGetProfiler", self._compiled, byref(self._profiler))
        if not self._profiler:
            raise Refusal("the runtime has no profiler for it")

    def run(self) -> list[Event]:
        """Run once, and say what the runtime did.

        Raises:
            Refusal: It does not run, or the events are of an unknown layout.
        """
        call, profiler = self._library.call, self._profiler
        inputs, outputs = _handles(self._inputs), _handles(self._outputs)
        call("ResetProfiler", profiler)
        call("StartProfiler", profiler)
        counts = len(self._inputs), len(self._outputs)
        call("RunCompiledModel", self._compiled, self._signature, counts[0], inputs, counts[1], outputs)
        call("StopProfiler", profiler)
        count = c_int()
        call("GetNumProfilerEvents", profiler, byref(count))
        if not count.value:
            return []
        size = ctypes.sizeof(_Event)
        room = np.full(_ROOM * size * count.value, _MARK, np.uint8)
        call("GetProfilerEvents", profiler, count, room.ctypes.data)
        # The last word holds a short number and, behind it, bytes that mean nothing and may not have been written.
        written = int(np.flatnonzero(room != _MARK)[-1]) + 1
        if -(-written // 8) * 8 != size * count.value:
            raise Refusal("this version of the runtime lays its profiler's events out in an unknown way")
        events = (_Event * count.value).from_address(room.ctypes.data)
        return [
            Event((each.tag or b"").decode(errors="replace"), each.kind, each.elapsed, each.first, each.second)
            for each in events
        ]

    def _input(self, signature: c_void_p, place: int) -> c_void_p:
        call = self._library.call
        tensor, index, kind = c_void_p(), c_uint32(), _Ranked()
        call("GetSignatureInputTensorByIndex", signature, place, byref(tensor))
        call("GetTensorIndex", tensor, byref(index))
        if index.value not in self._values:
            raise Refusal(f"the runtime names tensor {index.value} as an input, the model does not")
        value = np.ascontiguousarray(self._values[index.value])
        call("GetRankedTensorType", tensor, byref(kind))
        if tuple(_sizes(kind.layout)) != self._values[index.value].shape:
            shape = self._values[index.value].shape
            call("CompiledModelResizeInputTensor", self._compiled, self._signature, place, _ints(shape), len(shape))
            _set(kind.layout, shape)
        made = self._buffer("Input", place, kind)
        size, memory = c_size_t(), c_void_p()
        call("GetTensorBufferPackedSize", made, byref(size))
        if size.value != value.nbytes:
            raise Refusal(f"the runtime takes {size.value} bytes for an input that has {value.nbytes}")
        call("LockTensorBuffer", made, byref(memory), _WRITE)
        ctypes.memmove(memory, value.ctypes.data, value.nbytes)
        call("UnlockTensorBuffer", made)
        return made

    def _output(self, signature: c_void_p, place: int, layout: _Layout) -> c_void_p:
        tensor, kind = c_void_p(), _Ranked()
        self._library.call("GetSignatureOutputTensorByIndex", signature, place, byref(tensor))
        self._library.call("GetRankedTensorType", tensor, byref(kind))
        _set(kind.layout, _sizes(layout))
        return self._buffer("Output", place, kind)

    def _buffer(self, way: str, place: int, kind: _Ranked) -> c_void_p:
        needed, made = c_void_p(), c_void_p()
        call = self._library.call
        call(f"GetCompiledModel{way}BufferRequirements", self._compiled, self._signature, place, byref(needed))
        call("CreateManagedTensorBufferFromRequirements", self._environment, byref(kind), needed, byref(made))
        return made


@_Destructor
def _keep_it(_: int | None) -> None:
    """Whoever made a payload keeps it."""


@cache
def _open() -> ctypes.CDLL:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise Refusal(f"{_PACKAGE} is not installed")
    path = Path(found.origin).parent / _LIBRARIES.get(sys.platform, "libLiteRt.so")
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise Refusal(f"the runtime's library cannot be opened: {error}") from error


def open_library() -> None:
    """Load the library's code where there is any, so that the processes forked from this one have it."""
    try:
        _open()
    except Refusal:
        # Whoever uses it is told.
        return


def _aligned(data: Array) -> Array:
    room = np.empty(data.nbytes + _ALIGNMENT, np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    made = room[start : start + data.nbytes]
    made[:] = data
    return made


def _handles(buffers: Sequence[c_void_p]) -> Any:
    return (c_void_p * max(len(buffers), 1))(*[each.value for each in buffers])


def _ints(values: Sequence[int]) -> Any:
    return (c_int * max(len(values), 1))(*values)


def _sizes(layout: _Layout) -> list[int]:
    return list(layout.sizes[: min(layout.rank & _RANK, _MOST_AXES)])


def _set(layout: _Layout, shape: Sequence[int]) -> None:
    if len(shape) > _MOST_AXES:
        raise Refusal(f"the runtime has no buffers of {len(shape)} axes")
    layout.rank = len(shape)
    for axis, size in enumerate(shape):
        layout.sizes[axis] = size
