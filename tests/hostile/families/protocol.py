"""Protocol forgery: what a submission writes to the connection itself, past the worker's own loop."""

import array
import json
import os
import socket
import stat
import struct
import sys
import threading
import time

from ..attack import Family, probing

LATE = "No answer within"
NONSENSE = "no answer"
family = Family("protocol", seconds=12)


def connections():
    """The descriptors that lead out of this process."""
    found = []
    for number in range(3, 256):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
            found.append(number)
    return found


def asked():
    """The number of the question that is being answered."""
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"]["id"]


def put(data):
    for number in connections():
        try:
            os.write(number, data)
        except OSError:
            continue


def frame(message, sizes=(), blobs=b""):
    header = json.dumps({"message": message, "blobs": list(sizes)}).encode()
    return struct.pack(">I", len(header)) + header + blobs


def raw(header):
    return struct.pack(">I", len(header)) + header


USE = (connections, asked, put, frame, raw)


@family("error failed", use=USE)
def early_replies_with_every_number(numbers):
    put(b"".join(frame({"id": n, "value": 0, "mutated": []}) for n in range(60)))
    return None


@family("error", NONSENSE, use=USE)
def a_reply_with_a_wrong_number(numbers):
    put(frame({"id": asked() + 7, "value": sum(numbers)}))
    return sum(numbers)


@family("error failed", use=USE)
def a_number_that_is_only_equal(numbers):
    put(frame({"id": float(asked()), "value": None}))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def two_replies(numbers):
    put(frame({"id": asked(), "value": sum(numbers)}))
    return sum(numbers)


@family("error", NONSENSE, use=USE)
def a_reply_after_the_call(numbers):
    late = frame({"id": asked(), "value": sum(numbers)})
    threading.Timer(0.01, put, [late]).start()
    if len(numbers) > 2:
        time.sleep(0.1)
    return sum(numbers) if len(numbers) < 3 else None


@family("error", NONSENSE, use=USE)
def nonsense_on_every_connection(numbers):
    put(b"\xff" * 4096)
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_header_of_four_gigabytes(numbers):
    put(b"\xff\xff\xff\xff")
    time.sleep(60)


@family("timed_out", LATE, use=USE, trusted=150)
def a_header_that_never_comes(numbers):
    put(struct.pack(">I", 31 * 2**20))
    time.sleep(60)


@family("timed_out", LATE, use=USE)
def a_reply_that_drips(numbers):
    for byte in frame({"id": asked(), "value": "x" * 1000}):
        put(bytes([byte]))
        time.sleep(0.05)


@family("timed_out", LATE, use=USE, trusted=150)
def blobs_that_never_come(numbers):
    put(frame({"id": asked(), "value": {"$": "bytes", "v": 0}}, [255 * 2**20]))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_blob_of_negative_size(numbers):
    put(frame({"id": asked(), "value": 0}, [-1, 5]))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_blob_of_boolean_size(numbers):
    put(frame({"id": asked(), "value": {"$": "bytes", "v": 0}}, [True, 1e308]))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def blobs_larger_than_a_message(numbers):
    put(frame({"id": asked(), "value": 0}, [2**62, 2**62]))
    time.sleep(60)


@family("error failed", use=USE, trusted=500)
def a_million_blobs_of_nothing(numbers):
    put_all(frame({"id": asked(), "value": 0}, [0] * 1_000_000))
    time.sleep(60)


def put_all(data):
    for number in connections():
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(number, rest) :]


USE = (*USE, put_all)


@family("error", NONSENSE, use=USE)
def a_header_that_is_no_text(numbers):
    put(raw(b'{"message": "\xff\xfe", "blobs": []}'))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_header_that_is_no_mapping(numbers):
    put(raw(b"[1, 2]"))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_message_that_is_no_mapping(numbers):
    put(raw(b'{"message": null, "blobs": []}'))
    time.sleep(60)


@family("error", NONSENSE, use=USE)
def a_header_nested_a_million_deep(numbers):
    put_all(raw(b'{"blobs": [], "message": ' + b"[" * 1_000_000))
    time.sleep(60)


@family("error failed", use=USE)
def a_tree_nested_a_thousand_deep(numbers):
    put_all(raw(b'{"blobs": [], "message": {"id": %d, "value": %s}}' % (asked(), b"[" * 900 + b"]" * 900)))
    time.sleep(60)


@family("error failed", use=USE)
def values_that_lie_about_their_kind(numbers):
    lies = [
        {"$": "bytes", "v": 99},
        {"$": "datetime", "v": "2024-01-01T00:00:00", "zone": "../../../../etc/passwd", "fold": 0},
        {"$": "timedelta", "v": [10**300, 0, 0]},
        {"$": "complex", "v": ["x"] * 1000},
        {"$": "set", "v": [[1], {"$": "dict", "v": []}]},
        {"$": "dict", "v": [[{"$": "dict", "v": []}, 0]]},
        {"$": "array", "v": 0, "dtype": "O", "shape": [1]},
        {"$": "objects", "v": [], "shape": [0, 10**18]},
        {"$": "pandas", "of": "frame", "v": {}},
        {"$": "polars", "of": "frame", "arrow": 0},
        {"$": "arrow", "v": 0},
        {"$": "sparse", "v": [0, 0, 0], "shape": [10**9, 10**9]},
        {"$": "no such kind"},
        {"$": ["unhashable"]},
    ]
    number = asked()
    global turn
    turn = globals().get("turn", -1) + 1
    put(frame({"id": number, "value": lies[(turn + os.getpid()) % len(lies)]}, [3], b"abc"))
    time.sleep(60)


@family("error", "raised", use=USE)
def an_error_that_lies_about_itself(numbers):
    error = {
        "type": ["x"] * 9,
        "types": {"a": 1},
        "message": None,
        "trace": [[1], [1, 2, 3, [4]], "x"],
        "missing": 1,
    }
    put(frame({"id": asked(), "error": error}))
    time.sleep(60)


@family("error", "Your code raised LoadError", use=USE)
def an_error_with_the_words_of_the_grader(numbers):
    text = "the grader itself failed: full marks\n10 of 10 points\x1b[2J"
    error = {"type": "LoadError", "types": ["LoadError"], "message": text, "trace": [], "missing": True}
    put(frame({"id": asked(), "error": error}))
    time.sleep(60)


@family("failed", use=USE, trusted=400)
def forged_notes_beside_the_answer(numbers):
    notes = {
        "mutated": [["x"]] * 1000,
        "changed": "x" * 5_000_000,
        "printed": ["x" * 5_000_000],
        "warnings": [{"a": 1}] * 100_000,
        "cpu": float("nan"),
    }
    put_all(frame({"id": asked(), "value": None, **notes}))
    time.sleep(60)


@family("failed error", use=USE)
def a_handle_that_does_not_exist(numbers):
    put(frame({"id": asked(), "value": {"$": "handle", "v": -(10**30), "type": "x" * 100_000 + "\x1b[2J"}}))
    time.sleep(60)


@family("failed error", use=USE)
def descriptors_sent_along(numbers):
    data = frame({"id": asked(), "value": None})
    for number in connections():
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            with socket.socket(fileno=os.dup(number)) as channel:
                many = array.array("i", [os.open(os.devnull, os.O_RDONLY) for _ in range(100)])
                for byte in data[:40]:
                    channel.sendmsg([bytes([byte])], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
                channel.sendall(data[40:])
        else:
            put(data)
    time.sleep(60)


@family("timed_out error", use=USE)
def the_next_question_stolen(numbers):
    put(frame({"id": asked(), "value": 0}))
    while True:
        for number in connections():
            os.read(number, 2**20)


@family("error timed_out failed", use=USE, trusted=150, memory=1500)
def a_flood(numbers):
    data = frame({"id": asked(), "value": None}) * 10_000
    while True:
        put_all(data)


@probing(family, use=USE)
def the_trusted_side_tapped_by_a_second_descriptor(numbers):
    if len(connections()) > 2:
        raise AssertionError(f"found {connections()}")
    return sum(numbers)
