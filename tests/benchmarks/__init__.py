"""How fast, how good, how large: python -m tests.benchmarks

Each part is a module with `TITLE`, `MINUTES` (on two quiet cores), `measure(quick, folder)`, `tables(result)`
and `goals(result)`. What `measure` returns goes into results.json as it is. Tables, goals and the page
README.md are made from that file alone.
"""
