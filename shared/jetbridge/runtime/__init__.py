"""Where a service meets Lambda and AWS: settings, observability, HTTP, queues, streams, idempotency."""
