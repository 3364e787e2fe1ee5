"""The console: the front door for people and programs.

owns    accounts, sessions, sign-in attempts and drafts of forms; no case data
says    nothing
hears   the heads of the services' logs, to keep pages live
shows   the web pages and the HTTP API; it asks the services at their doors and joins what each answers
"""
