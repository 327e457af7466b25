"""OpenTravel (OTA) messages that channel managers, OTAs and booking engines share: read, mapped, composed."""
