import Calls
import Storage

extension Retention {
    /// What a hold is to be placed on.
    public enum HoldTarget: Sendable, Hashable {
        case recording(RecordingID)
        case call(CallID)
        /// By its number.
        case order(String)
    }

    /// Places a hold: durable when this returns.
    /// - Parameters:
    ///   - reason: for people, 1 to 500 characters.
    ///   - by: who wants it.
    /// - Throws: `SwitchboardError`: `.notFound`, `.argument`; `StorageError`.
    public func place(on target: HoldTarget, reason: String, by: WorkNumber) async throws -> HoldSummary {
        let reason = try Self.checked(reason: reason)
        var fact = HoldPlaced(
            hold: surroundings.makeID(), at: time.now(), scope: .call, reason: reason, by: by)
        switch target {
        case .recording(let id):
            guard let recording = try await store.reader.recording(id) else {
                throw SwitchboardError(.notFound, "there is no recording \(id)")
            }
            guard recording.state != .deleted else {
                throw SwitchboardError(
                    .refused,
                    "recording \(id) was deleted because \(recording.deletedBecause ?? "it had to be"): nothing is left "
                        + "to hold")
            }
            (fact.scope, fact.recording, fact.call) = (.recording, id, recording.callID)
        case .call(let id):
            guard try await store.reader.retentionSubject(of: id) != nil else {
                throw SwitchboardError(.notFound, "there is no call \(id)")
            }
            fact.call = id
        case .order(let number):
            guard let order = try await store.reader.order(number) else {
                throw SwitchboardError(.notFound, "there is no order \(number)")
            }
            (fact.scope, fact.order) = (.order, order.orderID)
        }
        try await store.record([.holdPlaced(fact)])
        return try await hold(fact.hold)
    }

    /// Releases a hold: the rules count again.
    /// - Throws: as `place`; `.refused` where it is released already.
    public func release(_ id: HoldID, reason: String, by: WorkNumber) async throws -> HoldSummary {
        let reason = try Self.checked(reason: reason)
        let known = try await hold(id)
        guard known.releasedAt == nil else {
            throw SwitchboardError(.refused, "hold \(id) was released already")
        }
        try await store.record([
            .holdReleased(
                HoldReleased(
                    hold: id, at: time.now(), recording: known.recording, call: known.call, order: known.order,
                    reason: reason, by: by))
        ])
        return try await hold(id)
    }

    private func hold(_ id: HoldID) async throws -> HoldSummary {
        guard let hold = try await store.reader.hold(id) else {
            throw SwitchboardError(.notFound, "there is no hold \(id)")
        }
        return hold
    }

    /// A reason as it is kept.
    static func checked(reason: String) throws(SwitchboardError) -> String {
        let scalars = reason.unicodeScalars
        guard !scalars.allSatisfy({ $0.properties.isWhitespace }), scalars.count <= 500,
            !scalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw SwitchboardError(.argument, "a reason has 1 to 500 characters, and no control characters among them")
        }
        return reason
    }
}
