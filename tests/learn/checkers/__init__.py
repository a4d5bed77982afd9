"""The table of answers: ROWS in each module, made by `answers.table`; test_checkers.py tries them all."""
