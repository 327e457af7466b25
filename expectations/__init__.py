"""The quality gate: Great Expectations suites, one per dataset, and the one place that gives a verdict."""
