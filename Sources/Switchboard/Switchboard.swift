// Room Switchboard.
