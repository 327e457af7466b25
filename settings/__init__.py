"""The one place that reads the environment. Everything else gets a `Settings`, or plain values from one."""

from settings.load import Settings, SettingsError, load

__all__ = ["Settings", "SettingsError", "load"]
