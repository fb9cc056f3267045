"""How PJSIP is set up for a call-centre box: limits, bridge, jitter buffers, codecs."""

from typing import Any

import pjsua2 as pj

from appliance.sip.settings import EngineSettings

JITTER_MOST_MS = 240
"""A jitter buffer that grew by itself stops here."""
PRIORITY = {"PCMA": 250, "PCMU": 249, "G722": 248, "opus": 247}
"""Of the codecs that are offered, PJSIP's numbers; all others are switched off."""


def endpoint_config(settings: EngineSettings) -> pj.EpConfig:
    """For `libInit`: one thread for SIP, one for RTP, a bridge of 8 kHz without devices."""
    config = pj.EpConfig()
    config.logConfig.consoleLevel = 0
    config.logConfig.level = settings.log_level if settings.log_file else 0
    if settings.log_file:
        config.logConfig.filename = str(settings.log_file)
        config.logConfig.fileFlags = pj.PJ_O_APPEND  # or `logfile.keep_small` would leave a hole
    config.uaConfig.maxCalls = settings.max_legs
    config.uaConfig.threadCnt = 1
    config.uaConfig.mainThreadOnly = False
    config.uaConfig.userAgent = settings.user_agent
    media = config.medConfig
    media.maxMediaPorts = 1024
    media.clockRate = media.sndClockRate = 8000
    media.channelCount = 1
    media.audioFramePtime = media.ptime = 20
    media.hasIoqueue = True
    media.threadCnt = 1
    media.noVad = True
    media.ecTailLen = 0
    media.sndAutoCloseTime = -1
    # PJSIP would begin with nothing held back and go back to that every 2 s: a packet 5 ms late
    # is then heard as a hole wherever its moment lies close to the bridge's own.
    media.jbInit = media.jbMinPre = settings.jitter_ms
    media.jbMaxPre = max(JITTER_MOST_MS, settings.jitter_ms)
    media.jbDiscardAlgo = pj.PJMEDIA_JB_DISCARD_STATIC
    return config


def choose_codecs(endpoint: Any) -> None:
    """Call it after `libStart`."""
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, PRIORITY.get(codec.codecId.split("/")[0], 0))
    _ask_for_mono(endpoint)


def _ask_for_mono(endpoint: Any) -> None:
    """Say that Opus is one channel here (RFC 7587 6.1). Of a phone that says stereo=1 PJSIP
    would else take two, and the bridge adds them: 6 dB too loud."""
    opus = endpoint.codecGetParam("opus")
    for name in ("stereo", "sprop-stereo"):
        fmtp = pj.CodecFmtp()
        fmtp.name, fmtp.val = name, "0"
        opus.setting.decFmtp.append(fmtp)
    endpoint.codecSetParam("opus", opus)
