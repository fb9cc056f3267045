"""The SIP and media engine: the only room of the core that imports pjsua2."""
