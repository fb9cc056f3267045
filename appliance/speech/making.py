"""The process that makes prompts: orders as JSON on stdin, a line of JSON for each on stdout.

``python -m appliance.speech.making WORKERS``, started by `orders.have_made`; not during a call,
and at a low priority, because calls of before a reload go on.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import msgspec

from appliance.speech import tones
from appliance.speech.clips import Clip
from appliance.speech.convert import Samples, levelled, read_sound, write_wav
from appliance.speech.orders import Made, Order
from appliance.speech.tts import NICENESS, Espeak, NoEngine, Voice
from appliance.speech.whole import SoundError


def make(order: Order, engine: Espeak) -> Made:
    """Never raises: what goes wrong is in the answer."""
    try:
        write_wav(Path(order.path), _sound(order.clip, engine))
    except NoEngine as error:
        return Made(order.number, "engine", str(error))
    except SoundError as error:
        return Made(order.number, "sound", str(error))
    except OSError as error:
        return Made(order.number, "disk", error.strerror or str(error), error.errno or 0)
    except Exception as error:  # the box must start without a prompt
        return Made(order.number, "disk", str(error) or type(error).__name__)
    return Made(order.number)


def _sound(clip: Clip, engine: Espeak) -> Samples:
    if clip.kind == "text":
        return engine.speak(clip.value, Voice(clip.voice))
    if clip.kind == "file":
        return _recorded(Path(clip.value))
    if clip.value.startswith("silence-"):
        return tones.silence(int(clip.value.removeprefix("silence-")) / 1000)
    return {"music": tones.music, "beep": tones.beep}[clip.value]()


def _recorded(path: Path) -> Samples:
    try:
        return levelled(read_sound(path))
    except SoundError as error:
        text = str(error)
        raise SoundError(text if str(path) in text else f"{path}: {text}") from None


def main() -> None:
    os.nice(NICENESS)
    orders = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Order])
    engine, encode = Espeak(), msgspec.json.encode
    with ThreadPoolExecutor(int(sys.argv[1]), "prompts") as pool:
        for job in as_completed([pool.submit(make, order, engine) for order in orders]):
            sys.stdout.buffer.write(encode(job.result()) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
