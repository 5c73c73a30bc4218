/// What is asked of the exchange, and answered later.
enum FlowRequest: Sendable, Hashable, CaseIterable {
    case order, lookup, message
}

/// Where an interpreter stands: two of one flow with the same standing go on alike, as far as the variables in it matter.
struct FlowStanding: Hashable {
    struct State: Hashable {
        let values: [String]
        let passes: [String: Int]
        let keys: [FlowState.Key]
        let spareKeys: String
        /// One result given up is as good as several.
        let late: Set<FlowRequest>
        let bargeIn: String?
        let afterHangup: String?
        let flags: [Bool]
    }

    let step: String
    let memory: [Int]
    let isAnswered: Bool
    let isFinished: Bool
    let state: State
}
