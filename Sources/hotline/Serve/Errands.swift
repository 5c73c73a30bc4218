import Foundation
import Storage

/// What is done for orders while the exchange runs: whoever is responsible is told what is due, other ticket stores are told of
/// orders. Apart from the upkeep, because others may take their time to answer.
struct Errands: Sendable {
    let server: Server

    /// Runs until cancelled.
    func run() async {
        guard server.orderWatch != nil || server.tickets != nil else {
            // Nothing to do is no reason to end: the server would stop.
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    return  // the server stops
                }
            }
            return
        }
        while !Task.isCancelled {
            await watchOrders()
            await tellOthers()
            do {
                try await Task.sleep(for: .seconds(5))
            } catch {
                return  // the server stops
            }
        }
    }

    private func watchOrders() async {
        guard let watch = server.orderWatch else { return }
        do {
            try await watch.look()
            try await server.breachWatch?.look()
            server.alarms.clear("orders")
        } catch {
            server.alarms.raise("orders", "calls and orders cannot be judged: \(error)")
        }
    }

    private func tellOthers() async {
        guard let tickets = server.tickets else { return }
        do {
            try await tickets.look()
            server.alarms.clear("tickets")
        } catch {
            server.alarms.raise("tickets", "other ticket stores cannot be told of orders: \(error)")
        }
    }
}
