/// Reports in the inbox, call-backs of broken lines, and the forms that agents owe after calls.
enum Migration0004 {
    static let name = "0004"

    static let sql = """
        -- kind: 'voice', or 'report' for whoever has the role, by the agent, about the mark.
        ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'voice';
        ALTER TABLE messages ADD COLUMN role TEXT;
        ALTER TABLE messages ADD COLUMN agent TEXT;
        ALTER TABLE messages ADD COLUMN mark TEXT;
        ALTER TABLE messages ADD COLUMN note TEXT;

        -- reason: 'asked' by the caller, or 'dropped': the line broke while for_agent talked.
        ALTER TABLE call_backs ADD COLUMN reason TEXT NOT NULL DEFAULT 'asked';
        ALTER TABLE call_backs ADD COLUMN for_agent TEXT;
        ALTER TABLE call_backs ADD COLUMN follows BLOB CHECK (length(follows) = 16);

        -- closed_by and reason are null where an order closed it.
        CREATE TABLE forms (
            call BLOB NOT NULL PRIMARY KEY REFERENCES calls (id),
            agent TEXT NOT NULL,
            owed_wall INTEGER NOT NULL,
            owed_mono INTEGER NOT NULL,
            closed_wall INTEGER,
            closed_mono INTEGER,
            closed_by TEXT,
            reason TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX forms_pending ON forms (owed_wall, call) WHERE closed_wall IS NULL;
        """
}
