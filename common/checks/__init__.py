"""What a service needs, looked at without starting it: `python -m SERVICE --check`.

Promises: `rows` runs checks and prints a row for each; `database` and `port` are checks that need
no chain. Nothing is started, written or taken; no secret is printed.
May touch: the database (reading), the machine's own addresses.
"""
