"""The French of Halles: one catalogue, brought up to date from the code and compiled without other programs.

`python -m oms.core.translating compile` makes the files that Django reads; the environment's set-up and the
tests do it by themselves. `make messages` finds what is new in code and templates. No settings are needed.
"""
