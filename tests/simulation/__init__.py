"""
The delivery engine under fire: seeded schedules of faults that drive the real engine on a virtual clock.

    schedule   what one seed decides: channels, people, faults, deaths
    city       the time, the database, the processes and the channels of one run, and the loop that moves them
    world      what the public sees: a page, a content place, a phone queue
    chance     which fault meets which call and which transaction; nothing depends on an order of ids
    promises   what may never happen, looked for while it runs and when all is quiet

`python -m simulation --seeds 0:1000` runs a thousand; a seed and a commit give the same run again.
"""
