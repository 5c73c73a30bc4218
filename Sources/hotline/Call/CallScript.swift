import Media

/// What a test caller does once the call is answered, step by step.
///
/// Written as a short text, one character a step:
///
/// | character | meaning |
/// |---|---|
/// | `0`–`9`, `*`, `#`, `A`–`D` | press the key (neighbouring keys go out one after the other, 100 ms on, 100 ms off) |
/// | `w` | wait 1 s |
/// | `p` | pause 0.2 s |
/// | `W` | wait until the far end has been heard and then is silent for 0.7 s |
/// | `s` | say the WAV file to its end |
/// | `t` | send the tone for 1 s |
/// | `h` | hang up |
///
/// Spaces are passed over. After the last step the caller stays on the line until the far end hangs up or the time is up.
package struct CallScript: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case keys([Key])
        case wait(milliseconds: Int64)
        /// Until the far end has been heard and then is silent for `CallScript.silenceMilliseconds`.
        case waitForSilence
        case say
        case tone
        case hangUp
    }

    /// How long the far end must be silent for `W`.
    package static let silenceMilliseconds = 700
    /// The longest text taken.
    package static let longest = 500

    package let steps: [Step]

    /// Reads the text of a script.
    /// - Throws: `CallScriptError` naming the character and its place, counted from 1.
    package init(_ text: String) throws(CallScriptError) {
        guard text.utf8.count <= Self.longest else {
            throw CallScriptError(
                message: "the script has \(text.utf8.count) characters, at most \(Self.longest) are taken")
        }
        var steps: [Step] = []
        var keys: [Key] = []
        func finishKeys() {
            if !keys.isEmpty { steps.append(.keys(keys)) }
            keys = []
        }
        for (index, character) in text.enumerated() {
            if let key = Key(character) {
                keys.append(key)
                continue
            }
            finishKeys()
            switch character {
            case "w": steps.append(.wait(milliseconds: 1000))
            case "p": steps.append(.wait(milliseconds: 200))
            case "W": steps.append(.waitForSilence)
            case "s": steps.append(.say)
            case "t": steps.append(.tone)
            case "h": steps.append(.hangUp)
            case " ": break
            default:
                throw CallScriptError(
                    message: "character \(index + 1) of the script is '\(character)'; keys are 0-9 * # A-D, "
                        + "w waits 1 s, p pauses 0.2 s, W waits for silence, s says the file, t sends the tone, "
                        + "h hangs up")
            }
        }
        finishKeys()
        self.steps = steps
    }

    package init(steps: [Step]) { self.steps = steps }

    /// The script with what was asked for by other means added where it names no place for it: first the file, then
    /// the tone, at the end (before a final `h`).
    package func completed(say: Bool, tone: Bool) -> CallScript {
        var added: [Step] = []
        if say, !steps.contains(.say) { added.append(.say) }
        if tone, !steps.contains(.tone) { added.append(.tone) }
        let place = steps.last == .hangUp ? steps.count - 1 : steps.count
        return CallScript(steps: steps[..<place] + added + steps[place...])
    }
}

/// A script that cannot be read.
package struct CallScriptError: Error, Sendable, CustomStringConvertible {
    package var message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}
