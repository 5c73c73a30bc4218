import Foundation
import Switchboard

/// Has the journal's events told to the program that wants to know of them, while the server runs.
struct EventTeller: Sendable {
    private static let shortest = 2
    /// While the other side is away: 2 s, 4 s, … a minute.
    private static let longest = 60

    let server: Server
    let feed: WebhookFeed

    /// Runs until cancelled.
    func run() async {
        var pause = Self.shortest
        while !Task.isCancelled {
            do {
                try await feed.look()
                server.alarms.clear("events")
                pause = Self.shortest
            } catch {
                server.alarms.raise("events", "events cannot be told, and wait in the journal: \(error)")
                pause = min(pause * 2, Self.longest)
            }
            do {
                try await Task.sleep(for: .seconds(pause))
            } catch {
                return  // the server stops
            }
        }
    }
}
