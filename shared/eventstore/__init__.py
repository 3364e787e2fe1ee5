"""The event store: one log a service, appended at expected versions, sequenced without gaps, read many ways.

Rooms: `tables` and `schema` (what lies in the database), `codec` (event ↔ entry), `appending` (one round trip a
command), `sequencer` (positions and the tree), `store` (the face of it all), `projecting` (events → rows), `timers`
(deadlines as rows), `work` (load, decide, append, project in one transaction).
"""
