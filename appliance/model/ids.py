"""Identifiers. Each is a string of its own type, so that mypy catches a swapped pair."""

from typing import NewType

CallId = NewType("CallId", str)
"""One caller's whole walk through the box: the id of the interaction, also after transfers."""
LegId = NewType("LegId", str)
"""One SIP dialog with one party."""
OfferId = NewType("OfferId", str)
TransferId = NewType("TransferId", str)
RecordingId = NewType("RecordingId", str)
PartyId = NewType("PartyId", str)
"""An outside party of a call (transfer target or conference member) that is no agent."""

# The rest are chosen by people in site.toml and stay when the thing is renamed.
AgentId = NewType("AgentId", str)
QueueId = NewType("QueueId", str)
TrunkId = NewType("TrunkId", str)
FlowId = NewType("FlowId", str)
NodeId = NewType("NodeId", str)
MailboxId = NewType("MailboxId", str)
