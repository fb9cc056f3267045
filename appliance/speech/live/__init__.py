"""Callers who speak: from the sound of a leg to what was meant by it.

In the core: `service` lends recognisers to questions; for each `listening` the `ear` (`voice`,
`echo`) tells speech from silence and from our own prompt, `endpoint` where an utterance begins
and ends; `crew`, `nurseryprocess` and `link` keep the processes. In those processes: `nursery`
loads a model and forks each `worker`, whose `session` builds the `grammar` of a question, hears
with a `recogniser` and reads the meaning with a `collectors` class and the `tongues`.
"""
