"""The events that services tell each other: one model per event, and the envelope around it.

EventData            facts of an event; a subclass's name is its detail-type
Envelope[EventData]  metadata and data, as they travel on the bus and on the FIFO topic
"""
