# SPDX-License-Identifier: Apache-2.0
"""Reads and writes GGUF as far as a small model needs it: metadata, and tensors in F32, F16 and Q8_0."""
import os
import struct

import numpy

F32, F16, Q8_0 = 0, 1, 8
U32, F32_VALUE, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
ALIGNMENT = 32
Q8_BLOCK = numpy.dtype([("scale", "<f2"), ("values", "i1", 32)])


class _Reader:
    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def scalar(self, form):
        (value,) = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def string(self):
        size = self.scalar("Q")
        self.at += size
        return self.raw[self.at - size:self.at].decode()

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, count = self.scalar("I"), self.scalar("Q")
            return [self.value(inner) for _ in range(count)]
        return self.scalar(SCALARS[kind])


def _to_floats(raw, kind, dims):
    count = int(numpy.prod(dims))
    if kind == F32:
        flat = numpy.frombuffer(raw, "<f4", count)
    elif kind == F16:
        flat = numpy.frombuffer(raw, "<f2", count)
    elif kind == Q8_0:
        blocks = numpy.frombuffer(raw, Q8_BLOCK, count // 32)
        flat = blocks["scale"].astype("f4")[:, None] * blocks["values"]
    else:
        raise ValueError(f"tensor type {kind}: only F32, F16 and Q8_0 can be read")
    return flat.astype("f4").reshape(dims[::-1])


def read(path):
    """(metadata, {name: array of float32, rows first})."""
    with open(path, "rb") as file:
        reader = _Reader(file.read())
    if reader.raw[:4] != b"GGUF":
        raise ValueError(f"{path} is no GGUF file")
    reader.at = 8
    tensors, keys = reader.scalar("Q"), reader.scalar("Q")
    metadata = {}
    for _ in range(keys):
        name = reader.string()
        metadata[name] = reader.value(reader.scalar("I"))
    infos = []
    for _ in range(tensors):
        name = reader.string()
        dims = [reader.scalar("Q") for _ in range(reader.scalar("I"))]
        infos.append((name, dims, reader.scalar("I"), reader.scalar("Q")))
    begin = -(-reader.at // ALIGNMENT) * ALIGNMENT
    return metadata, {name: _to_floats(memoryview(reader.raw)[begin + offset:], kind, dims)
                      for name, dims, kind, offset in infos}


def _string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _field(name, value):
    head = _string(name)
    if isinstance(value, bool):
        return head + struct.pack("<I?", BOOL, value)
    if isinstance(value, int):
        return head + struct.pack("<II", U32, value)
    if isinstance(value, float):
        return head + struct.pack("<If", F32_VALUE, value)
    if isinstance(value, str):
        return head + struct.pack("<I", STRING) + _string(value)
    if isinstance(value[0], str):
        return head + struct.pack("<IIQ", ARRAY, STRING, len(value)) + b"".join(map(_string, value))
    return head + struct.pack(f"<IIQ{len(value)}i", ARRAY, I32, len(value), *value)


def _to_q8_0(array):
    """As ggml does it: of each 32 values the largest becomes 127."""
    values = array.astype("f4").reshape(-1, 32)
    scale = numpy.abs(values).max(1) / 127
    inverse = numpy.divide(1, scale, out=numpy.zeros_like(scale), where=scale > 0)
    scaled = values * inverse[:, None]
    blocks = numpy.empty(len(values), Q8_BLOCK)
    blocks["scale"] = scale
    blocks["values"] = numpy.trunc(scaled + numpy.copysign(numpy.float32(0.5), scaled))
    return blocks.tobytes()


def _to_bytes(array, kind):
    return _to_q8_0(array) if kind == Q8_0 else array.astype("<f4" if kind == F32 else "<f2").tobytes()


def write(path, metadata, tensors, matrices=F16):
    """Vectors stay F32; `matrices`: F16 or Q8_0, which needs rows of a multiple of 32."""
    infos, blobs, offset = b"", [], 0
    for name, array in tensors.items():
        kind = matrices if array.ndim > 1 else F32
        raw = _to_bytes(array, kind)
        dims = array.shape[::-1]
        infos += _string(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)
        raw += b"\0" * (-len(raw) % ALIGNMENT)
        blobs.append(raw)
        offset += len(raw)
    fields = b"".join(_field(name, value) for name, value in metadata.items())
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + fields + infos
    with open(f"{path}.part", "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT))
        file.writelines(blobs)
    os.replace(f"{path}.part", path)
