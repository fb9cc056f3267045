"""Fill and read ByteVectors in several threads while others use the same objects."""

import sys
import threading
import time

import pjsua2 as pj

SECONDS = float(sys.argv[1])
shared = bytes(range(256)) * 2
end = time.monotonic() + SECONDS
bad = []


def hammer():
    vector = pj.ByteVector()
    out = bytearray(len(shared))
    while time.monotonic() < end:
        vector.assign_from_bytes(shared)
        vector.copy_to_bytearray(out)
        if out != shared:
            bad.append("bytes differ")
        try:
            vector.assign_from_bytes(17)  # not bytes
            bad.append("no TypeError")
        except TypeError:
            pass
        try:
            vector.copy_to_bytearray(bytearray(3))  # too small
            bad.append("no TypeError")
        except TypeError:
            pass


def churn():
    while time.monotonic() < end:
        held = [shared for _ in range(1000)]
        del held


before = sys.getrefcount(shared)
threads = [threading.Thread(target=work) for work in (hammer, hammer, churn, churn)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not bad, bad[:3]
after = sys.getrefcount(shared)
assert after == before, f"references before {before}, after {after}"
print("intact")
