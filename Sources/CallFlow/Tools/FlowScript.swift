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
        /// The queue tells the caller's place, and the expected wait in seconds where it is known.
        case position(Int, expectedWaitSeconds: Int?)
        /// An agent answers the waiting caller.
        case answered(agent: String)
        /// The wait ends without an agent: a raw value of `QueueExit`.
        case queueEnded(exit: String)
        /// The agent hangs up; the caller has not.
        case agentLeft

        /// As it is written in a script.
        var text: String {
            switch self {
            case .key(let key): String(key)
            case .nothing: "w"
            case .speak(let milliseconds): "s\(milliseconds / 1000)"
            case .hangUp: "h"
            case .position(let place, let seconds): "position:\(place)\(seconds.map { "/\($0)" } ?? "")"
            case .answered(let agent): "answered:\(agent)"
            case .queueEnded(let exit): exit
            case .agentLeft: "left"
            }
        }
    }

    /// In order. Once they are used up the caller does nothing.
    public var moves: [Move]
    /// Where each move stands, for messages: `line 2, column 5`; may be empty.
    public var places: [String]
    /// Known of the call before the answer, and at it.
    public var variables: [String: String]
    /// Answers of look-ups by source; a source without one fails.
    public var lookups: [String: [String: String]]
    /// The number and code that orders get; nil: orders fail.
    public var order: (number: String, code: String)?
    /// Messages can be put into an inbox.
    public var keepsMessages: Bool
    /// Hears prompts to their end before pressing a key; otherwise every prompt that a key cuts short is cut short.
    public var isPatient: Bool
    /// How long each prompt takes, milliseconds, where known; others take a second.
    public var lengths: [String: Int]

    public init(
        moves: [Move] = [], variables: [String: String] = [:], lookups: [String: [String: String]] = [:],
        order: (number: String, code: String)? = ("20261122-0007", "4821"), isPatient: Bool = true,
        lengths: [String: Int] = [:], keepsMessages: Bool = true, places: [String] = []
    ) {
        self.moves = moves
        self.places = places
        self.variables = variables
        self.lookups = lookups
        self.order = order
        self.isPatient = isPatient
        self.lengths = lengths
        self.keepsMessages = keepsMessages
    }

    /// Reads moves as written on the command line: keys (`0`–`9`, `*`, `#`), `w` (wait for a time-out), `s5` (speak for
    /// 5 s), `h` (hang up); spaces, commas and line ends are free. What happens in a queue is a word: `position:3` or
    /// `position:3/90` (with the expected wait in seconds), `answered:1001`, `left` (the agent hangs up), `timeout`, `full`,
    /// `closed`, `no_agents`, `failed`.
    public static func moves(_ text: String) throws(FlowScriptError) -> [Move] { try read(text).moves }

    /// Reads moves, each with its place: `line 1, column 3`.
    /// - Throws: with the place of what cannot be read.
    public static func read(_ text: String) throws(FlowScriptError) -> (moves: [Move], places: [String]) {
        var moves: [Move] = []
        var places: [String] = []
        // A line end of two characters is one Character, and no move begins with it.
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var rest = line
            while let first = rest.first {
                if first == " " || first == "," || first == "\t" {
                    rest.removeFirst()
                    continue
                }
                let place = "line \(number + 1), column \(line.count - rest.count + 1)"
                do throws(FlowScriptError) {
                    moves.append(try move(&rest))
                } catch {
                    throw FlowScriptError(message: "\(place): \(error.message)")
                }
                places.append(place)
            }
        }
        return (moves, places)
    }

    /// The move that the text begins with, taken off it.
    private static func move(_ rest: inout Substring) throws(FlowScriptError) -> Move {
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
        if let (move, length) = try queueMove(word, rest.dropFirst(word.count)) {
            rest = rest.dropFirst(word.count + length)
            return move
        }
        let character = rest.removeFirst()
        switch character {
        case "w": return .nothing
        case "h": return .hangUp
        case "s":
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            guard let seconds = Int(digits.isEmpty ? "5" : digits), seconds <= 3600 else {
                throw FlowScriptError(message: "`s\(digits.prefix(20))` speaks longer than an hour")
            }
            return .speak(milliseconds: seconds * 1000)
        default:
            guard BargeIn.telephone.contains(character) else {
                throw FlowScriptError(
                    message:
                        "`\(character)` is no move: keys are 0–9 * #, `w` waits, `s5` speaks 5 s, `h` hangs up, and in a queue "
                        + "position:3/90, answered:1001, left, \(QueueVerb.ends.joined(separator: ", "))")
            }
            return .key(character)
        }
    }

    /// What a word says of a queue, and how much of what follows belongs to it; nil for another word.
    private static func queueMove(
        _ word: Substring, _ rest: Substring
    ) throws(FlowScriptError) -> (move: Move, length: Int)? {
        let name = String(word)
        if QueueVerb.ends.contains(name) { return (.queueEnded(exit: name), 0) }
        if name == "left" { return (.agentLeft, 0) }
        guard name == "answered" || name == "position" else { return nil }
        let value = rest.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "/") }
        guard rest.first == ":", !value.isEmpty else {
            throw FlowScriptError(message: "`\(name)` needs a value: position:3/90, answered:1001")
        }
        if name == "answered" { return (.answered(agent: String(value)), value.count + 1) }
        let numbers = value.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard let place = numbers[0], (1...9999).contains(place), numbers.count <= 2,
            numbers.count == 1 || numbers[1].map({ (0...86_400).contains($0) }) == true
        else {
            throw FlowScriptError(
                message:
                    "`position:\(value.prefix(20))` is no place: position:3, or position:3/90 with the seconds to wait")
        }
        return (.position(place, expectedWaitSeconds: numbers.count == 2 ? numbers[1] : nil), value.count + 1)
    }
}

/// A script that cannot be read.
public struct FlowScriptError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}
