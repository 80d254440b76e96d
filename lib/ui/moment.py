"""A time as a person says it, in the time zone of their browser."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lib.data.table import counted


def ago(then: float, now: float) -> str:
    """When that was, both in seconds since 1970: "5 minutes ago", "at 14:02", "on 2026-03-01 at 14:02"."""
    minutes = int((now - then) // 60)
    if 0 <= minutes < 60:
        return f"{counted(minutes, 'minute')} ago" if minutes else "just now"
    zone = _zone()
    day, today = dt.datetime.fromtimestamp(then, zone), dt.datetime.fromtimestamp(now, zone)
    return f"at {day:%H:%M}" if day.date() == today.date() else f"on {day:%Y-%m-%d} at {day:%H:%M}"


def _zone() -> dt.tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC
