"""Benches: each compares two ways side by side in one run and prints their ratio. ``python -m bench --help``"""
