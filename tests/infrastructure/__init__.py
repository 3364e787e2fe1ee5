"""What the tests stand on: databases, brokers, processes, a clock that moves, a browser."""
