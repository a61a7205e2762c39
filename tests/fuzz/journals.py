# ruff: noqa: E501 - records as they are written
"""The file of a journal, with some of its bytes changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from journey_async import JournalError
from journey_async.journal_file import JournalFile, read_journal_file

RECORDS: Final = tuple(
    """\
{"record":"node","number":0,"parent":null,"table":{"action":"imagine","prompt":"an elk","model":"midjourney"}}
{"record":"node","number":1,"parent":0,"table":{"action":"upscale-1x","index":{"chosen":"later"}}}
{"record":"node","number":2,"parent":1,"table":{"action":"pan","direction":"left"}}
{"record":"node","number":3,"parent":null,"table":{"existing":"t3","kind":"UpscaledPicture"}}
{"record":"node","number":4,"parent":null,"table":{"action":"imagine","prompt":"a fox","model":"midjourney"}}
{"record":"run","at":1.5,"version":"0.1.0","slots":10,"balance":1000,"keys":{"0":"grid","1":"tile","2":"pan-1","3":"old","4":"fox"}}
{"record":"intended","at":2,"intent":"i0","number":0,"parent":null,"credits":4}
{"record":"intended","at":2,"intent":"i4","number":4,"parent":null,"credits":4}
{"record":"accepted","at":3,"intent":"i0","task_id":"t0"}
{"record":"doubted","intent":"i4","why":"the reply was lost"}
{"record":"ended","at":4,"number":0,"failed":false,"task":{"task_id":"t0","task_type":"imagine","model":"midjourney","status":"finished","original_image_url":"http://127.0.0.1:9/0.png","image_urls":["http://127.0.0.1:9/1.png","http://127.0.0.1:9/2.png","http://127.0.0.1:9/3.png","http://127.0.0.1:9/4.png"]}}
{"record":"ended","at":4,"number":3,"failed":true,"task":{"task_id":"t3","status":"failed","error":"Content policy violation"}}
{"record":"chosen","number":1,"index":"2"}
{"record":"intended","at":5,"intent":"i1","number":1,"parent":"t0","credits":2}
{"record":"returned","intent":"i1","why":"429"}
{"record":"intended","at":5,"intent":"i2","number":1,"parent":"t0","credits":2}
{"record":"refused","at":6,"intent":"i2","error":{"message":"no","method":"POST","path":"/upscale-1x","status":400,"body":"","messages":["no"]}}
{"record":"settled","at":7,"number":4,"how":"adopted","task_id":"t4"}
{"record":"settled","at":8,"number":1,"how":"resubmitted","task_id":null}
""".splitlines()
)


@cache
def whole() -> bytes:
    """Make a journal, the same in every process: nothing is left in it of who wrote it."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "journal.db")
        journal = JournalFile(file)
        journal.append(list(RECORDS))
        journal.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM")
        return file.read_bytes()


def journal_file(data: bytes) -> str:
    """Read a journal three bytes of which say what to change: where, and to what. A first byte of 0 cuts it instead.

    What is read is what was written, or the beginning of it; whoever opens it to write reads the same.
    """
    changed = bytearray(whole())
    start = 0
    if data[:1] == b"\0":
        start = 3
        del changed[int.from_bytes(data[1:3], "big") % len(changed) :]
    for at in range(start, len(data) - 2, 3):
        place = int.from_bytes(data[at : at + 2], "big")
        if changed:
            changed[place % len(changed)] = data[at + 2]
    memory = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
    with TemporaryDirectory(dir=memory if memory.is_dir() else gettempdir()) as folder:
        file = Path(folder, "journal.db")
        file.write_bytes(changed)
        return _read_twice(file)


def _read_twice(file: Path) -> str:
    try:
        read = read_journal_file(file)
    except JournalError as error:
        str(error)
        return "JournalError"
    if read != RECORDS[: len(read)]:
        raise AssertionError("records are read that nobody wrote")
    try:
        journal = JournalFile(file)
    except JournalError:
        # A fault in what reading does not meet is found before anything is written.
        return "JournalError on opening"
    journal.close()
    if journal.records != read:
        raise AssertionError("who reads and who writes find different records")
    return "records" if read else "nothing"
