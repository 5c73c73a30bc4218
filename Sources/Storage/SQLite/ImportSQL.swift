/// SQLite's statements about imported recordings, and about what is exported with recordings.
enum ImportSQL {
    static let insert = """
        INSERT INTO recording_imports (
            recording, call, system, agent, source_file, source_sha256, source_bytes, source_format, record_file,
            record_line, record_sha256, record_id, disposition, imported_wall, imported_mono
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let byRecording = "SELECT * FROM recording_imports WHERE recording = ?"

    static let bySource = "SELECT * FROM recording_imports WHERE source_sha256 = ?"

    static let ofCall = "SELECT 1 FROM recording_imports WHERE call = ? LIMIT 1"

    static let callHead = "SELECT id, direction, called FROM calls WHERE id = ?"
}
