"""Odd files: a whole one of each format is made into one that somebody edited, damaged, or means to do harm with."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fault_media import MUTATIONS

__all__ = ["odd"]

_DEEP = 100_000


def odd(content: bytes, suffix: str, chance: random.Random) -> bytes:
    """Return an artefact's content made odd: by bytes, or by what its format lets anybody write."""
    makers: dict[str, Callable[[bytes, random.Random], bytes]] = {
        ".json": _odd_json,
        ".jsonl": _odd_text,
        ".toml": _odd_toml,
        ".csv": _odd_text,
        ".parquet": _odd_parquet,
        ".npz": _odd_npz,
        ".npy": lambda given, chance: _odd_npy(chance),
        ".safetensors": _odd_safetensors,
    }
    if chance.random() < 0.25:
        return bytes(chance.choice(MUTATIONS)(bytearray(content), chance))
    return makers[suffix](content, chance)


def _value(chance: random.Random) -> Any:
    """Return a value that nobody expects."""
    choices = (None, True, -1, 0, 2**63, 10**30, 1.5, "", "\x1b[2J", "x" * 10_000, [], {}, [[]], {"a": None}, "/etc")
    return chance.choice(choices)


def _odd_json(content: bytes, chance: random.Random) -> bytes:
    whole = chance.randrange(12)
    deep = (b"[" * _DEEP, b"[" * _DEEP + b"]" * _DEEP, b'{"a":' * 900 + b"1" + b"}" * 900)
    if whole < 4:
        return (*deep, b"\xff\xfe{}")[whole]
    if whole == 4:
        return chance.choice((b"", b"null", b"[]", b"1", b'"x"', b"NaN", b"1" * 5000, b"{}", b"\xef\xbb\xbf{}"))
    value = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        _change(value, chance)
    text = json.dumps(value)
    return text.replace("1", chance.choice(("1e999", "NaN", "1" * 5000)), 1).encode() if whole == 5 else text.encode()


def _change(value: Any, chance: random.Random) -> None:
    """Replace or remove something somewhere within JSON values."""
    places = [
        (each, name) for each in _containers(value) for name in (each if isinstance(each, dict) else range(len(each)))
    ]
    if not places:
        return
    each, name = chance.choice(places[:2000])
    if chance.random() < 0.3:
        del each[name]
    else:
        each[name] = _value(chance)


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _containers(part)


def _odd_toml(content: bytes, chance: random.Random) -> bytes:
    table = chance.choice((b"model", b"data", b"training", b"roots", b"[roots]"))
    field = chance.choice((b"ckplus", b"width", b"crop", b"joint_epochs", b"pretrained", b"'a b'"))
    wholes = (
        b"a = " + b"[" * _DEEP,
        b"a = " + b"[" * 300 + b"]" * 300,
        b"[" + b"a." * 20_000 + b"b]",
        b"\xff\xfe\x00",
        b"a = " + b"9" * 5000,
        b"a = 2024-99-99",
        b"x" * 2**21,
        *(b"[%s]\n%s = %s\n" % (table, field, each) for each in (b"0x" + b"f" * 9000, b"nan", b"[1, {a = 2}]", b"''")),
        *(b"%s = %s\n" % (table.strip(b"[]"), each) for each in (b"1", b"'x'", b"[]", b"0001-01-01")),
        content + b"\n[roots]\nckplus = '\x07'\n",
        content.replace(b"=", b"= -", 3),
    )
    return chance.choice(wholes)


def _odd_text(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    line = lines[place]
    parts = line.rstrip(b"\r\n").split(b",")
    cell = chance.randrange(len(parts))
    new = chance.choice((b"", b"nan", b"1e999", b"9" * 5000, b"\xff", b"\x00", b'"', b"=1+1", b"../x", b"[" * _DEEP))
    wholes = (
        b"".join([*lines[:place], b",".join([*parts[:cell], new, *parts[cell + 1 :]]) + b"\n", *lines[place + 1 :]]),
        b"".join([*lines[:place], line, *lines[place:]]),
        b"".join([*lines[:place], *lines[place + 1 :]]),
        content.decode("utf-8").encode("utf-16"),
        b"\xef\xbb\xbf" + content,
        content.replace(b"\n", b"\r"),
        content.replace(b",", b";"),
        b"",
        b"\n" * 1000,
        b'"' + content,
        content + b"," * 200_000,
    )
    return chance.choice(wholes)


def _odd_parquet(content: bytes, chance: random.Random) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    column = chance.choice(table.column_names)
    place = table.column_names.index(column)
    rows = len(table)
    headers = (
        b"",
        b"x",
        b"[]",
        b"[" * _DEEP,
        b"\xff",
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"settings": 1, "inputs": []}',
    )
    others: tuple[Any, ...] = (
        pa.nulls(rows),
        pa.array(["x" * 20] * rows),
        pa.array([1.5] * rows),
        pa.array([2**62] * rows),
        pa.array([[1.0]] * rows),
        pa.array([b"\xff"] * rows),
        pa.array([{"a": 1}] * rows),
    )
    kind = chance.randrange(6)
    if kind == 0:
        table = table.replace_schema_metadata({"facemotion": chance.choice(headers)})
    elif kind == 1:
        table = table.drop_columns([column])
    elif kind == 2:
        table = pa.concat_tables([table, table.slice(0, 1)])
    elif kind == 3:
        table = table.slice(0, 0)
    else:
        table = table.set_column(place, column, chance.choice(others))
    if chance.random() < 0.5:  # as somebody who does not know of the checksum, or of one who removes it
        table = table.replace_schema_metadata(_without_checksum(table.schema.metadata))
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def _without_checksum(metadata: dict[bytes, bytes] | None) -> dict[bytes, bytes] | None:
    try:
        header = json.loads((metadata or {})[b"facemotion"])
        return {b"facemotion": json.dumps({name: header[name] for name in header if name != "checksum"}).encode()}
    except (KeyError, ValueError, RecursionError, TypeError):
        return metadata


def _npy(descr: str, shape: tuple[int, ...], body: bytes = b"") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue() + body


def _odd_npy(chance: random.Random) -> bytes:
    shapes = ((10**9, 70, 70, 3), (0, 70, 70, 3), (3, 70, 70), (), (1, 1, 1, 3), (-1, 70, 70, 3), (10**30,))
    return _npy(chance.choice(("|u1", "<f4", "|O", "<U9", "|V9")), chance.choice(shapes), bytes(chance.randrange(3000)))


def _odd_npz(content: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    kind = chance.randrange(4)
    if kind == 0:
        del members[name]
    elif kind == 1:
        members[name] = _odd_npy(chance)
    elif kind == 2:
        members[name] = bytes(chance.choice(MUTATIONS)(bytearray(members[name]), chance))
    else:
        members["../../x.npy"] = members[name]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return stream.getvalue()


def _odd_safetensors(content: bytes, chance: random.Random) -> bytes:
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    names = [name for name in header if name != "__metadata__"]
    name = chance.choice(names)
    kind = chance.randrange(6)
    if kind == 0:
        header[chance.choice(("x" * 5000, "\x1b[2J", "../x"))] = header.pop(name)
    elif kind == 1:
        header[name]["shape"] = chance.choice(([10**9], [-1], [], [0], [2**62, 4]))
    elif kind == 2:
        header["__metadata__"] = {"facemotion": chance.choice(("[" * _DEEP, "null", "{}", "x", '{"settings": []}'))}
    elif kind == 3:
        header[name]["dtype"] = chance.choice(("F64", "BOOL", "X9", "I8"))
    elif kind == 4:
        header.pop("__metadata__", None)
    text = b"[" * _DEEP if kind == 5 else json.dumps(header).encode()
    body = content[8 + length :]
    if chance.random() < 0.3:
        body = np.full(len(body) // 4 + 1, np.nan, "<f4").tobytes()[: len(body)]
    return len(text).to_bytes(8, "little") + text + body
