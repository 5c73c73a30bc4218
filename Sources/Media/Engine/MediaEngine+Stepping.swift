import Calls

/// The engine without threads, stepped by a test or a benchmark that brings its own clock.
extension MediaEngine {
    /// One tick.
    package func tick(at now: Instant) { parts.tick(at: now) }

    /// What a schedule found due.
    package func run(_ due: TickSchedule.Due) { parts.run(due) }

    /// One step of the audio log's writer.
    package func writeLog(at now: Instant) { parts.writer.pointee.step(at: now) }

    /// Hands the events that wait to the sink, and frees what came back.
    package func deliverEvents() { parts.deliver() }
}
