"""The Python side of the tests: an application with the same tasks as the Rust side."""

import os
import time

from celery import Celery

# Where tests share a server, their queues have names of their own.
PREFIX = os.environ.get("PREFIX", "")

app = Celery("tests", broker=os.environ["BROKER"], backend=os.environ["BACKEND"])
app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    task_routes={"py.*": {"queue": PREFIX + "py"}, "conf.*": {"queue": PREFIX + "rs"}},
)


@app.task(name="py.add")
def add(x, y):
    return x + y


@app.task(name="py.tsum")
def tsum(numbers):
    return sum(numbers)


@app.task(name="py.sleep")
def sleep(seconds):
    time.sleep(seconds)


@app.task(name="py.fail")
def fail(message):
    raise ValueError(message)


@app.task(name="conf.add")
def rust_add(x, y):
    raise NotImplementedError("runs in Rust")


@app.task(name="conf.tsum")
def rust_tsum(numbers):
    raise NotImplementedError("runs in Rust")


@app.task(name="conf.fail")
def rust_fail(message):
    raise NotImplementedError("runs in Rust")


@app.task(name="conf.limited")
def rust_limited(number):
    raise NotImplementedError("runs in Rust")


@app.task(name="conf.wait")
def rust_wait(name):
    raise NotImplementedError("runs in Rust")
