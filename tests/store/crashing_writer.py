"""Appends events until killed; prints each acknowledged sequence number.

Run as a program: ``crashing_writer.py FOLDER SEED``.
"""

import asyncio
import random
import sys
from pathlib import Path

from appliance.model.events import CallArrived, CallEnded
from appliance.model.ids import CallId, TrunkId
from appliance.store.eventlog import EventLog


async def main(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    log = EventLog.open(folder)
    print("open", log.last_seq, flush=True)
    while True:
        for _ in range(dice.randrange(40)):
            log.append(CallArrived(call=CallId("c"), trunk=TrunkId("t"), caller="x" * 50))
            log.save_checkpoint(log.last_seq, "k", b"state")
        record = log.append(CallEnded(call=CallId("c"), outcome="answered"), durable=True)
        await log.durable(record.seq)
        print(record.seq, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
