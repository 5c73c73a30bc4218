/// What a simulated caller does, and what the world around the flow answers.
public struct FlowScript: Sendable {
    /// One thing the caller does, when the flow next waits for the caller.
    public enum Move: Sendable, Hashable {
        /// Presses a key.
        case key(Character)
        /// Does nothing until a time-out.
        case nothing
        /// Speaks for so long, when asked to leave a message; then falls silent.
        case speak(milliseconds: Int)
        case hangUp
    }

    /// In order. Once they are used up the caller does nothing.
    public var moves: [Move]
    /// Known of the call before the answer, and at it.
    public var variables: [String: String]
    /// Answers of look-ups by source; a source without one fails.
    public var lookups: [String: [String: String]]
    /// The number and code that orders get; nil: orders fail.
    public var order: (number: String, code: String)?
    /// Hears prompts to their end before pressing a key; otherwise every prompt that a key cuts short is cut short.
    public var isPatient: Bool
    /// How long each prompt takes, milliseconds, where known; others take a second.
    public var lengths: [String: Int]

    public init(
        moves: [Move] = [], variables: [String: String] = [:], lookups: [String: [String: String]] = [:],
        order: (number: String, code: String)? = ("20261122-0007", "4821"), isPatient: Bool = true,
        lengths: [String: Int] = [:]
    ) {
        self.moves = moves
        self.variables = variables
        self.lookups = lookups
        self.order = order
        self.isPatient = isPatient
        self.lengths = lengths
    }

    /// Reads moves as written on the command line: keys (`0`–`9`, `*`, `#`), `w` (wait for a time-out), `s5` (speak for
    /// 5 s), `h` (hang up); spaces are free.
    public static func moves(_ text: String) throws(FlowScriptError) -> [Move] {
        var result: [Move] = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case " ", ",": continue
            case "w": result.append(.nothing)
            case "h": result.append(.hangUp)
            case "s":
                let digits = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(digits.count)
                guard let seconds = Int(digits.isEmpty ? "5" : digits), seconds <= 3600 else {
                    throw FlowScriptError(message: "`s\(digits)` speaks longer than an hour")
                }
                result.append(.speak(milliseconds: seconds * 1000))
            default:
                guard BargeIn.telephone.contains(character) else {
                    throw FlowScriptError(
                        message: "`\(character)` is no move: keys are 0–9 * #, `w` waits, `s5` speaks 5 s, `h` hangs up"
                    )
                }
                result.append(.key(character))
            }
        }
        return result
    }
}

/// A script that cannot be read.
public struct FlowScriptError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}
