"""REST under /api/v1: recordings, to be heard, read and searched."""

import logging
from typing import Any

import msgspec

from appliance.history.parts import Interaction
from appliance.store.transcriptsdb import RecordingRow
from appliance.store.transcriptsquery import BadQuery, parse
from appliance.web.http import LEADS, Answer, Context, Fault, Param, Route
from appliance.web.params import count, whole
from appliance.web.past import PastAway
from appliance.web.recordingmodels import (
    FoundPage,
    FoundView,
    Name,
    PlaceView,
    RecordingPage,
    RecordingView,
    SiteView,
    TranscriptView,
)
from appliance.web.said import Said

log = logging.getLogger(__name__)

LONGEST_QUERY = 100
MEDIA = {".flac": "audio/flac", ".opus": "audio/ogg"}


async def recordings(context: Context) -> RecordingPage:
    rows, last = await _said(context).recordings(context.query["after"], context.query["limit"])
    page = [await _view(context, row) for row in rows]
    return RecordingPage(recordings=page, next=last, site=_site(context))


async def search(context: Context) -> FoundPage:
    try:
        query = parse(context.query["q"] or "")
    except BadQuery as error:
        wrong = f"This finds nothing: {error}."
        return FoundPage(results=[], next=None, wrong=wrong, why=error.why)
    after, limit = context.query["after"], context.query["limit"]
    found, last = await _said(context).search(query, after, limit)
    results = [
        FoundView(
            **msgspec.structs.asdict(await _view(context, one.recording)),
            count=one.count,
            places=[
                PlaceView(
                    channel="floor" if each.channel == "floor" else "caller",
                    start_s=each.start_s,
                    end_s=each.end_s,
                    parts=list(each.parts),
                )
                for each in one.places
            ],
        )
        for one in found
    ]
    return FoundPage(results=results, next=last)


async def transcript(context: Context) -> TranscriptView:
    row = await _row(context)
    utterances = await _said(context).utterances(row)
    if utterances is None:
        row = msgspec.structs.replace(row, state="waiting", model="", words=0)
    elif row.state == "done":
        _note(context, row, "reads the text of")
    return TranscriptView(recording=await _view(context, row), utterances=list(utterances or ()))


async def audio(context: Context) -> Answer:
    row = await _row(context)
    _note(context, row, "listens to")
    file = _said(context).file(row)
    return Answer(
        file=file,
        headers={
            "Content-Type": MEDIA.get(file.suffix, "application/octet-stream"),
            "Content-Disposition": f'inline; filename="{file.name}"',
        },
    )


def _note(context: Context, row: RecordingRow, does: str) -> None:
    """Who hears or reads what, once: a player asks for one part after the other."""
    who = context.who
    if not _said(context).noted.before(who.id, does, row.id):
        log.info(
            "%s %s %s recording %s of call %s",
            who.role,
            f'"{who.name}" ({who.id})' if who.name else who.id,
            does,
            row.id,
            row.call,
        )


def _said(context: Context) -> Said:
    if context.services.said is None:
        raise PastAway("this office keeps no recordings")
    return context.services.said


async def _row(context: Context) -> RecordingRow:
    id = context.path["recording"]
    row = await _said(context).recording(id)
    if row is None:
        raise Fault.of(
            404,
            f'There is no recording "{id}".',
            "It was never finished, or it has been deleted.",
            "See /api/v1/recordings.",
        )
    return row


async def _view(context: Context, row: RecordingRow) -> RecordingView:
    said, history = _said(context), context.services.interactions
    call = (await history.one(row.call) if history else None) or Interaction(
        call=row.call, seq=row.n, started_us=row.started_us
    )
    return RecordingView(
        recording=row.id,
        call=row.call,
        kind="voicemail" if row.kind == "voicemail" else "call",
        started_us=row.started_us,
        duration_s=row.duration_s,
        caller=call.caller,
        caller_name=call.caller_name,
        anonymous=call.anonymous,
        agents=_names(context, "agents", (talk.agent for talk in call.talks)),
        queues=_names(context, "queues", (visit.queue for visit in call.visits)),
        mailbox=next((one.mailbox for one in call.voicemails if one.recording == row.id), ""),
        text=said.state(row),
        model=row.model or row.tried,
        poor=said.poor(row),
        language=row.language,
        words=row.words,
        cause=row.cause if row.state == "failed" else "",
    )


def _site(context: Context) -> SiteView:
    board = context.services.floor.board
    if board is None:
        return SiteView()
    site = board.site
    return SiteView(name=site.name, language=site.language, timezone=site.timezone)


def _names(context: Context, table: str, ids: Any) -> list[Name]:
    """In order, each once; names as on the board."""
    board = context.services.floor.board
    rows: dict[str, Any] = getattr(board, table) if board is not None else {}
    return [
        Name(id=id, name=(rows[id].name if id in rows else "") or id) for id in dict.fromkeys(ids)
    ]


def _text(text: str) -> str:
    if len(text) > LONGEST_QUERY:
        raise ValueError(f"at most {LONGEST_QUERY} characters")
    return text


_LIMIT = Param(
    "limit",
    count(100),
    {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    "Recordings per page, 1 to 100.",
    50,
)
_AFTER = Param(
    "after",
    whole,
    {"type": "integer", "minimum": 0, "maximum": 10**17 - 1},
    "The `next` of the page before.",
)
_Q = Param(
    "q",
    _text,
    {"type": "string", "maxLength": LONGEST_QUERY},
    'Words that were said, in any order and by anybody; "a phrase", the beginning of a word*, '
    "-not.",
)

ROUTES = [
    Route(
        "GET",
        "/recordings",
        recordings,
        "Finished recordings, newest first",
        LEADS,
        RecordingPage,
        query=(_LIMIT, _AFTER),
        errors=(400, 503),
    ),
    Route(
        "GET",
        "/recordings/{recording}/transcript",
        transcript,
        "What was said in a recording",
        LEADS,
        TranscriptView,
        errors=(404, 503),
    ),
    Route(
        "GET",
        "/recordings/{recording}/audio",
        audio,
        "A recording's sound, whole or in ranges",
        LEADS,
        errors=(404, 503),
        media=tuple(MEDIA.values()),
    ),
    Route(
        "GET",
        "/transcripts",
        search,
        "Search what was said, newest recording first",
        LEADS,
        FoundPage,
        query=(_Q, _LIMIT, _AFTER),
        errors=(400, 503),
    ),
]
