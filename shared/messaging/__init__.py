"""Messaging: how a service hears of what its neighbours have recorded, exactly once in effect and in order.

Rooms: `topology` (the broker's names), `ranges` (what is sent), `transport` (RabbitMQ, or within one process), `relay`
(log → transport), `follower` with `places`, `applying` and `parking` (transport → views and reactions), `following`
(the threads that keep a follower going), `tables` (what lies in the database).
"""
