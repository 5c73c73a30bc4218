// Room Recordings.
