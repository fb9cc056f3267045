"""The virtual exchange: scripted callers and agents behind a real SIP engine.

Pure: `scenario`, `steps`, `spans`, `script`, `agent`, `arrivals`, `ear`. I/O: `exchange`.
"""
