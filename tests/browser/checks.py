"""What tests of pages say and wait for."""
import time

failed = 0


def check(name, holds, detail=""):
    global failed
    print(("ok - " if holds else "not ok - ") + name, flush=True)
    if not holds:
        failed = 1
        print("    " + str(detail).replace("\n", "\n    ")[:3000], flush=True)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False
