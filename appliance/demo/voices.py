"""What the people of the demo say, spoken by espeak-ng into WAV files for the exchange."""

from pathlib import Path

from appliance.speech.convert import write_wav
from appliance.speech.tones import silence
from appliance.speech.tts import Espeak, NoEngine, Voice
from appliance.speech.whole import is_whole

_CALLER = Voice("en", speed=165, pitch=60)
_AGENT = Voice("en", speed=150, pitch=35)
_CLEAR = Voice("en-us", speed=150, pitch=45)
_HIGH = Voice("en-us+f3", speed=160, pitch=60)

SAID = {
    "question.wav": (_CALLER, "Hello, my parcel has not arrived yet. Can you see where it is?"),
    "detail.wav": (_CALLER, "The order number is four, seven, one, one. I ordered on Monday."),
    "order.wav": (_CALLER, "Good day, I would like to order two of the small boxes, please."),
    "thanks.wav": (_CALLER, "Thank you very much. Good bye."),
    "message.wav": (_CALLER, "Please call me back about my invoice. Thank you."),
    "support.wav": (_CLEAR, "Support."),
    "help.wav": (_HIGH, "I need help."),
    "sales.wav": (_HIGH, "Sales."),
    "talk-to-sales.wav": (_CLEAR, "I want to talk to sales."),
    "leave-a-message.wav": (_CLEAR, "Leave a message."),
    "pizza.wav": (_HIGH, "One pizza with mushrooms."),
    "hello.wav": (_AGENT, "Good day, how can I help you?"),
    "wait.wav": (_AGENT, "One moment please, I will look that up."),
    "answer.wav": (_AGENT, "I have found it. It will be with you tomorrow before noon."),
    "transfer.wav": (_AGENT, "My colleagues can help you with that. I will put you through."),
}


def speak_all(folder: Path) -> bool:
    """Make what is missing in `folder`. False: no espeak-ng, so the people say nothing."""
    engine, spoken = Espeak(), True
    for name, (voice, text) in SAID.items():
        if is_whole(folder / name):
            continue
        try:
            samples = engine.speak(text, voice)
        except NoEngine:
            samples, spoken = silence(3.0), False
        folder.mkdir(parents=True, exist_ok=True)
        write_wav(folder / name, samples)
    return spoken
