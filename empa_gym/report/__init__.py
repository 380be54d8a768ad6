"""Pictures (extra ``report``)."""
