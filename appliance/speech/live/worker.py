"""A recogniser's process, forked by a nursery: answers what comes over its socket, until that is
closed."""

import socket

from appliance.speech.live import wire
from appliance.speech.live.description import Description
from appliance.speech.live.grammar import NoWords
from appliance.speech.live.recogniser import RecogniserError, SpeechModel
from appliance.speech.live.session import Session


class Worker:
    """`link`: the worker's end, SOCK_SEQPACKET, blocking."""

    def __init__(self, model: SpeechModel, about: Description, link: socket.socket) -> None:
        self._model, self._about, self._link = model, about, link
        self._session: Session | None = None
        self._serial = 0

    def serve(self) -> None:
        """Returns when the core is gone. Any other failure ends the process: the core replaces
        it, which is simpler than to trust what is left of it."""
        while packet := self._link.recv(2 * wire.LONGEST):
            reply = self._answer(packet[:1], packet[1:])
            if reply is not None:
                self._link.sendall(wire.encode(reply))

    def _answer(self, kind: bytes, body: bytes) -> wire.Replies | None:
        if kind == wire.QUESTION:
            return self._begin(wire.read_question(body))
        if kind == wire.DROP:
            self._drop()
        session = self._session
        if session is None:  # it could not be heard; the core may not know yet
            return wire.NotYet(self._serial) if kind in (wire.PAUSE, wire.FINISH) else None
        if kind == wire.SOUND:
            session.sound(body)
        elif kind == wire.SILENCE:
            session.silence(body)
        elif kind == wire.RESET:
            session.reset()
        elif kind == wire.PAUSE:
            return session.pause()
        elif kind == wire.FINISH:
            return session.finish()
        return None

    def _begin(self, question: wire.Question) -> wire.Replies:
        self._drop()
        self._serial = question.serial
        try:
            self._session = Session(self._model, self._about, question)
        except (NoWords, RecogniserError, ValueError) as error:
            return wire.Deaf(question.serial, str(error))
        return wire.Ready(question.serial, list(self._session.grammar.unknown[:20]))

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
