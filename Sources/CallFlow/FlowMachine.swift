/// The interpreter of a flow, as a value: events go in, actions come out; it performs nothing and reads no clock.
public struct FlowMachine: Sendable {
    /// - Parameter variables: what is known of the call before it is answered: `call.caller` (empty where withheld),
    ///   `call.caller_known`, `call.called`, `time.minutes`, `time.weekday`, `time.date`, `notice.storm` (a prompt's id, or empty), and what the
    ///   configuration adds.
    public init(flow: Flow, variables: [String: String]) {
        self.flow = flow
        self.variables = variables
    }

    private let flow: Flow
    /// Everything known by name, as the steps have left it.
    public private(set) var variables: [String: String]
    /// The name of the current step; the flow's start before `start()`.
    public private(set) var step = ""
    /// Nothing more will come, whatever is fed.
    public private(set) var isFinished = false

    /// The first actions, once, when the call is offered.
    public mutating func start() -> [FlowAction] { [] }

    /// Feeds what has happened. An event that no longer concerns the current step gives no action.
    public mutating func handle(_ event: FlowEvent) -> [FlowAction] { [] }
}
