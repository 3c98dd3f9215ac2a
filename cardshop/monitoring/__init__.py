"""Monitoring: what the service's journal says about drift, quality and freshness."""
