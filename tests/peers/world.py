"""Ports, tones and levels that all tests of real peers agree on."""

PROVIDER_PORT, SEATS_PORT, STRANGER_PORT = 5070, 5080, 5090

CALLER_HZ, AGENT_HZ, SECOND_HZ = 450, 1000, 1350
"""What each party says: multiples of 50 Hz repeat every 20 ms without a click."""
GREETING_HZ, MUSIC_HZ, WHISPER_HZ, MENU_HZ, BYE_HZ = 650, 350, 750, 850, 1150
"""What each prompt file holds."""
PROMPTS = (GREETING_HZ, MUSIC_HZ, WHISPER_HZ, MENU_HZ, BYE_HZ)
EVERYTHING = (CALLER_HZ, AGENT_HZ, SECOND_HZ, *PROMPTS)

SENT, PROMPT_DBOV = -15.0, -20.0
"""Levels in dBov."""
