"""
Measured speed: from the POST to the last channel having its request, beside a bare client in the same run.

    stub      imitates what the three kinds of channel say, and notes when each request had come whole
    product   the real processes (`broadcaster serve`) on a database of their own
    bare      the same commits and the same requests with the same HTTP library, and nothing else
    proxy     nginx as the README says     hammer   readers of the public pages
    cells     what is measured, interleaved     table   medians and ratios

Nothing here is a test: no figure fails anything. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""
