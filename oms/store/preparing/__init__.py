"""Prepare: accept or decline, pick by scanning, pack, label, hand over."""
