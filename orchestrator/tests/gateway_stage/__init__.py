"""What the gateway's tests stand on: internal services in memory, a queue and a network without sockets."""
