"""Stock files: read as a stream, staged by COPY, compared as a set, applied in chunks.

`reading` decides what of a file may be sent on as it stands; `staging` brings it into a table of its
own and sets aside what cannot be used (`rejects`); `comparing` finds the differences with the
levels; `applying` writes them; `coverage` remembers what each file has spoken of.
The services in `stock.services.importing` put these steps together.
"""
