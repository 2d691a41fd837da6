"""What the design rests on, measured: ``python -m bench`` prints ratios with their targets. See docs/benchmarks.md."""
