"""One queue at run time: its callers in order, its members, its pace."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sortedcontainers import SortedList

from appliance.acd import strategies
from appliance.acd.caller import NEVER
from appliance.acd.idle import Group
from appliance.acd.line import Bucket
from appliance.acd.order import Key, virtual_entry
from appliance.acd.pace import Pace
from appliance.acd.redial import RedialMemory
from appliance.acd.skills import Profile, meets, profile, required, steps
from appliance.model import site
from appliance.model.ids import AgentId, CallId, QueueId

if TYPE_CHECKING:
    from appliance.acd.agent import Agent, Membership
    from appliance.acd.caller import Entry
    from appliance.acd.estimate import Range

_TIDY_FROM = 256
NOBODY: "Mapping[str, int]" = {}


class QueueState:
    """`order` holds the key of every caller in the queue, also while an agent is rung for him;
    `buckets` only those in want of an agent. `logged_in` counts members not logged out,
    `offered` callers for whom an agent is rung. `expected`: the wait last told to watchers.
    `announce_s`, `comfort_s`, `overflow_s`: waits after which the first of each comes.
    """

    __slots__ = (
        "announce_s",
        "buckets",
        "callers",
        "cfg",
        "comfort_s",
        "expected",
        "groups",
        "id",
        "key_of",
        "logged_in",
        "members",
        "need",
        "offered",
        "order",
        "overflow_s",
        "pace",
        "plain",
        "redial",
        "relax",
        "ring_all",
        "weighted",
    )

    def __init__(self, cfg: site.Queue) -> None:
        self.id = QueueId(cfg.id)
        self.callers: dict[CallId, Entry] = {}
        self.order: Any = SortedList()  # sortedcontainers has no types
        self.members: dict[AgentId, Membership] = {}
        self.groups: dict[Profile, Group] = {}
        self.buckets: dict[Profile, Bucket] = {}
        self.pace = Pace()
        self.redial = RedialMemory()
        self.logged_in = 0
        self.offered = 0
        self.expected: Range | None = None
        self.configure(cfg)

    def configure(self, cfg: site.Queue) -> None:
        """Takes new settings; callers stay. The caller of this re-indexes afterwards."""
        self.cfg = cfg
        self.ring_all = cfg.strategy == "ring_all"
        self.weighted = cfg.strategy == "weighted_random"
        self.key_of = strategies.KEYS[cfg.strategy]
        self.relax = steps(cfg.relax)
        self.need = profile(cfg.skills)
        said = cfg.announce
        self.announce_s = said.first_s if said.position or said.estimate else NEVER
        self.comfort_s = said.comfort_every_s if said.comfort and said.comfort_every_s else NEVER
        self.overflow_s = cfg.overflow.after_s or NEVER
        self.clear()

    def clear(self) -> None:
        """Forgets members and open callers, not the line."""
        self.members = {}
        self.groups = {}
        self.buckets = {}
        self.plain = self.bucket(self.need)

    def group(self, agent: "Agent") -> Group:
        """The group of members with this agent's skills, made when it is the first."""
        key = profile(agent.cfg.skills)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(agent.cfg.skills)
            for bucket in self.buckets.values():
                if meets(group.skills, bucket.need):
                    bucket.groups = [*bucket.groups, group]
                    group.buckets.append(bucket)
        return group

    def bucket(self, need: Profile) -> Bucket:
        """The open callers with this requirement; made when it is the first of its kind."""
        bucket = self.buckets.get(need)
        if bucket is None:
            if len(self.buckets) >= _TIDY_FROM:
                self._tidy()
            groups = [group for group in self.groups.values() if meets(group.skills, need)]
            bucket = self.buckets[need] = Bucket(need, groups)
            for group in groups:
                group.buckets.append(bucket)
        return bucket

    def requirement(self, skills: Mapping[str, int]) -> Profile:
        return required(self.cfg.skills, skills) if skills else self.need

    def key(self, joined: float, priority: int, seq: int) -> Key:
        return virtual_entry(joined, priority + self.cfg.priority, self.cfg.priority_s), seq

    def position(self, entry: "Entry") -> int:
        """1 = next; O(log n)."""
        return int(self.order.bisect_left(entry.key)) + 1

    def _tidy(self) -> None:
        # Many kinds of requirements come and go; those nobody waits with any more are dropped.
        kept = {need: b for need, b in self.buckets.items() if b.open or b is self.plain}
        for group in self.groups.values():
            group.buckets = [b for b in group.buckets if kept.get(b.need) is b]
        self.buckets = kept
