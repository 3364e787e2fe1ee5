"""Alerts (预警).

Owns: roll calls, alerts with what was done about them, the policies by which they climb, who read a contact card,
and what is wrong between the services of the house.
Says: an alert was raised, acknowledged, climbed, somebody was called, it is over (`shared.contracts.alerts`).
Hears: registry, for names, places, contact cards, grants and the risks that it finds; casework.
Shows: the alert board, one alert, a contact card from its own copy, a class's roll call, policies, a child's timeline.
"""
