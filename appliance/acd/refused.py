"""The error of a request that the floor does not carry out."""


class Refused(Exception):
    """Nothing was changed. The text says what was wrong and what to do, for a person."""
