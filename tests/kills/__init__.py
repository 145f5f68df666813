"""
Real processes, really killed, while messages are sent and the channels misbehave; then everything is counted.

    stage     the database, the settings, the imitations in a process of their own
    forks     a process that has read everything and forks a web or a worker in milliseconds
    nursery   the same, seen from outside: who lives, kill that one
    load      clients that send, correct and recall, and ask again until they have their answer
    weather   what goes wrong at the channels meanwhile
    tally     what was accepted against what the public sees: lost, doubled, stale, unexpected
    cluster   a PostgreSQL of our own, that can be killed and started again on the same data
    run       all of it once, by a seed
"""
