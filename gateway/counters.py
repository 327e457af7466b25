"""What the gateway counts for Prometheus; labels never carry ids or personal data."""

from prometheus_client import Counter

ANSWERS = Counter("night_audit_webhook_answers", "Webhook calls by source and answer.", ["source", "status"])
