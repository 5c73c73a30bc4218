import Calls

/// The engine without threads, stepped by a test or a benchmark that brings its own clock.
extension MediaEngine {
    /// Media threads, and turns of each tick.
    package var mediaThreads: Int { parts.count }
    package var phases: Int { parts.phases }

    /// One tick.
    package func tick(at now: Instant) { parts.tick(at: now) }

    /// What a schedule of a media thread found due; it has the configuration's phases.
    package func run(_ due: TickSchedule.Due, thread: Int = 0) { parts.run(thread, due) }

    /// Passes over turns in which a media thread has nothing to do.
    package func pass(_ schedule: inout TickSchedule, thread: Int = 0) { parts.pass(thread, &schedule) }

    /// One step of the audio log's writer.
    package func writeLog(at now: Instant) { parts.writer.pointee.step(at: now) }

    /// Hands the events that wait to the sink, and frees what came back.
    package func deliverEvents() { parts.deliver() }
}
