"""Calls Rust's tasks as a Python program does, and says what came of it as JSON."""

import json
import sys
import time

from app import add, app, rust_add, rust_fail, rust_tsum, tsum
from celery import chain, chord, group

TIMEOUT = 20


def failure(result):
    try:
        result.get(timeout=TIMEOUT)
    except Exception as error:  # noqa: BLE001
        # A chord's body fails a moment after the part whose error is raised here.
        deadline = time.monotonic() + TIMEOUT
        while not result.ready() and time.monotonic() < deadline:
            time.sleep(0.02)
        return [type(error).__name__, str(error), result.state, bool(result.traceback)]
    return None


def main():
    said = {}
    said["add"] = rust_add.delay(2, 3).get(timeout=TIMEOUT)
    said["kwargs"] = rust_add.apply_async(kwargs={"x": 2, "y": 3}).get(timeout=TIMEOUT)
    said["gzip"] = rust_add.apply_async((20, 3), compression="gzip").get(timeout=TIMEOUT)
    said["later"] = rust_add.apply_async((4, 3), countdown=0.3).get(timeout=TIMEOUT)
    said["fail"] = failure(rust_fail.delay("no \u58de \U0001f4a5"))
    said["wrong"] = failure(rust_add.delay("a", {}))
    pickled = rust_add.apply_async((1, 1), serializer="pickle")
    said["after_pickle"] = rust_add.delay(1, 1).get(timeout=TIMEOUT)
    pickled.forget()
    said["chain"] = chain(rust_add.s(1, 2), add.s(4), rust_add.s(8))().get(timeout=TIMEOUT)
    said["group"] = group(rust_add.s(i, i) for i in range(5))().get(timeout=TIMEOUT)
    header = [rust_add.s(1, 1), add.s(2, 2), rust_add.s(3, 3), add.s(4, 4)]
    said["chord_rust"] = chord(header, rust_tsum.s())().get(timeout=TIMEOUT)
    said["chord_python"] = chord(header, tsum.s())().get(timeout=TIMEOUT)
    said["nested"] = chain(rust_add.s(1, 2), group(rust_add.s(3), add.s(4)), rust_tsum.s(), add.s(100))().get(timeout=TIMEOUT)
    said["chord_fails"] = failure(chord([rust_add.s(1, 1), rust_fail.s("bad")], rust_tsum.s())())
    said["chain_fails"] = failure(chain(rust_fail.s("early"), rust_add.si(1, 1))())
    said["link"] = linked()
    json.dump(said, sys.stdout)


def linked():
    first = rust_add.apply_async((1, 2), link=add.s(10))
    first.get(timeout=TIMEOUT)
    children = first.children
    return [child.get(timeout=TIMEOUT) for child in children]


if __name__ == "__main__":
    with app.connection_or_acquire():
        main()
