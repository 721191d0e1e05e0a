"""Prints each event it hears as a line of JSON, until its input is closed."""

import json
import sys
import threading

from app import app


def main():
    with app.connection() as connection:
        def say(event):
            json.dump(event, sys.stdout, default=str)
            sys.stdout.write("\n")
            sys.stdout.flush()

        receiver = app.events.Receiver(connection, handlers={"*": say})

        def wait_for_the_end():
            sys.stdin.read()
            receiver.should_stop = True

        threading.Thread(target=wait_for_the_end, daemon=True).start()
        receiver.capture(limit=None, timeout=None, wakeup=True)


if __name__ == "__main__":
    main()
