"""Slots: how the lanes of one outbox are shared out among several relays.

Each lane belongs to one of twelve slots for good, and partition ``p`` of ``n`` relays has the slots ``p, p + n, …``.
Twelve can be shared by 1, 2, 3, 4, 6 or 12. A relay leads when it holds the advisory lock of each of its slots, so
relays that were told different numbers still never publish the same lane.
"""

import zlib

SLOTS = 12
PARTITIONS = (1, 2, 3, 4, 6, 12)
_LEADER_KEY = 0x676F6E67_6C656164  # "gonglead", one key per slot from here
_RESTING_KEY = 0x676F6E67_72657374  # "gongrest", one key per partition from here
POSITION_KEY = 0x676F6E67_706F7369  # "gongposi"


def slot_of(stream: str, subject: str) -> int:
    """The slot of a lane, 0 to 11: the same on every machine and in every release."""
    return zlib.crc32(f"{stream}|{subject}".encode()) % SLOTS


def partition_of(slot: int, partitions: int) -> int:
    """The partition, 0 to ``partitions - 1``, that a slot belongs to."""
    return slot % partitions


def slots_of(partition: int, partitions: int) -> list[int]:
    """The slots of one partition.

    Raises:
        ValueError: when twelve slots cannot be shared out so, or there is no such partition.
    """
    if partitions not in PARTITIONS or not 0 <= partition < partitions:
        raise ValueError(f"relay {partition} of {partitions}: an outbox is shared by {PARTITIONS} relays, from 0")
    return list(range(partition, SLOTS, partitions))


def leader_key(slot: int) -> int:
    """The advisory lock that the leading relay of a slot holds."""
    return _LEADER_KEY + slot


def resting_key(partition: int) -> int:
    """The advisory lock that the relay of a partition holds while it waits to be told of commits."""
    return _RESTING_KEY + partition
