"""Hosting: what a service stands on, and its two hosts: nameko over RabbitMQ, and one process with SQLite."""
