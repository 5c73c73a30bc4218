/// What a caller is to hear: prompts one after the other, some of them only after a key.
package struct ExpectedPrompts: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// As in the report: the file's name.
        package var name: String
        /// The prompt in the call's law.
        package var prompt: [UInt8]
        /// The number, in the order of keys sent, of the key that leads to it; nil: it follows by itself.
        package var key: Int?
        /// It is played again and again, until a key or the call's end.
        package var loops: Bool

        package init(name: String, prompt: [UInt8], key: Int? = nil, loops: Bool = false) {
            self.name = name
            self.prompt = prompt
            self.key = key
            self.loops = loops
        }
    }
    package var steps: [Step]
    package var law: G711.Law
    package init(steps: [Step], law: G711.Law) {
        self.steps = steps
        self.law = law
    }
}

/// What was found of one prompt in one call.
package struct StepVerdict: Sendable, Hashable, Codable {
    package var name: String
    package var isFound = false
    /// Where it begins, milliseconds since the first packet.
    package var atMs: Double?
    /// Samples compared, missing with their packets, different.
    package var compared = 0
    package var absent = 0
    package var differing = 0
    /// The first that differs, of the prompt's samples.
    package var firstDifference: Int?
    /// The greatest distance of a different sample, linear.
    package var greatestDistance = 0
    /// How often it was heard from the beginning; 1 where it does not loop.
    package var rounds = 0
    /// Cut short by a key, milliseconds into it.
    package var cutAtMs: Double?
    /// From the beginning of its key to the arrival of its first sample.
    package var afterKeyMs: Double?

    enum CodingKeys: String, CodingKey {
        case name, compared, absent, differing, rounds
        case isFound = "found"
        case atMs = "at_ms"
        case firstDifference = "first_difference"
        case greatestDistance = "greatest_distance"
        case cutAtMs = "cut_at_ms"
        case afterKeyMs = "after_key_ms"
    }

    init(name: String) { self.name = name }
}

/// Whether what was heard is what was expected, prompt after prompt, sample for sample.
package struct PromptJudge: Sendable {
    package struct Verdict: Sendable, Hashable {
        package var steps: [StepVerdict] = []
        /// What is wrong first; nil: all is as expected.
        package var complaint: String?
        /// Whether the keys led where they should; nil where nothing is expected after a key.
        package var keysLed: Bool?
    }

    /// Sound of another kind before a prompt that is not minded: 20 ms.
    package static let strangeAllowed = 160
    /// Between two rounds of a loop: 1 s.
    static let betweenRounds = 8000

    private let expectation: ExpectedPrompts
    private let alignments: [Alignment]

    package init(_ expectation: ExpectedPrompts) {
        self.expectation = expectation
        alignments = expectation.steps.map { Alignment(prompt: $0.prompt) }
    }

    /// - Parameters:
    ///   - keys: when each key began to be sent, on the clock of the packets' arrivals; shorter where the call ended.
    ///   - isWhole: all audio of the call was kept. Otherwise nothing is said of what comes behind.
    package func judge(_ heard: Timeline, keys: [Int64], isWhole: Bool) -> Verdict {
        var verdict = Verdict()
        var at = 0
        var goesOn = true
        for index in expectation.steps.indices where goesOn {
            var found = StepVerdict(name: expectation.steps[index].name)
            goesOn = take(index, heard, keys, isWhole, &at, &found, &verdict)
            verdict.steps.append(found)
        }
        let keyed = expectation.steps.indices.filter { expectation.steps[$0].key != nil }
        if !keyed.isEmpty {
            let isUnknown = verdict.complaint == nil && verdict.steps.count < expectation.steps.count
            verdict.keysLed =
                isUnknown ? nil : keyed.allSatisfy { verdict.steps.indices.contains($0) && verdict.steps[$0].isFound }
        }
        return verdict
    }

    /// Looks for one prompt from `at` on, and lays it beside what was heard.
    /// - Returns: whether the next one is to be looked for.
    private func take(
        _ index: Int, _ heard: Timeline, _ keys: [Int64], _ isWhole: Bool, _ at: inout Int,
        _ found: inout StepVerdict, _ verdict: inout Verdict
    ) -> Bool {
        let step = expectation.steps[index]
        var from = at
        if let key = step.key {
            guard key < keys.count else {
                verdict.complaint = "the call ended before the key for \(step.name)"
                return false
            }
            from = heard.place(at: keys[key])
        }
        guard let place = alignments[index].find(in: heard, from: from) else {
            // Behind what was kept nothing is known.
            if isWhole || heard.count - from >= Self.betweenRounds {
                verdict.complaint = "\(step.name) is not heard\(index > 0 && step.key == nil ? " in its turn" : "")"
            }
            return false
        }
        found.isFound = true
        found.atMs = Double(place) / 8
        if let key = step.key, let arrival = heard.arrival(of: place) {
            found.afterKeyMs = Double(arrival - keys[key]) / 1e6
        }
        let strange = strangeSound(heard, min(at, place)..<place)
        if strange > Self.strangeAllowed {
            verdict.complaint = "\(strange / 8) ms of other sound before \(step.name)"
            return false
        }
        let next = expectation.steps.indices.contains(index + 1) ? expectation.steps[index + 1].key : nil
        let cut = next.flatMap { $0 < keys.count ? heard.place(at: keys[$0]) : nil }
        at = follow(index, heard, from: place, cut: cut, &found)
        verdict.complaint = complaint(of: found, index, isTruncated: at >= heard.count, isWhole: isWhole)
        return verdict.complaint == nil
    }

    /// Compares a prompt from its place on, in rounds where it loops.
    /// - Returns: the place behind it.
    private func follow(
        _ index: Int, _ heard: Timeline, from place: Int, cut: Int?, _ found: inout StepVerdict
    ) -> Int {
        var place = place
        while true {
            let result = alignments[index].compare(with: heard, at: place, cut: cut, law: expectation.law)
            found.rounds += 1
            found.compared += result.compared
            found.absent += result.absent
            found.differing += result.differing
            if found.firstDifference == nil { found.firstDifference = result.firstDifference }
            found.greatestDistance = max(found.greatestDistance, result.greatest)
            if let cutAt = result.cutAt {
                found.cutAtMs = Double(cutAt) / 8
                return result.end
            }
            guard expectation.steps[index].loops, !result.isTruncated, result.end < heard.count else {
                return result.isTruncated ? heard.count : result.end
            }
            let again = alignments[index].find(
                in: heard, from: result.end, through: result.end + Self.betweenRounds)
            guard let again else {
                // What is left is too short to hold the key, or is what a key led to.
                if let cut, result.end >= cut - Self.betweenRounds { return result.end }
                let left = heard.count - result.end
                if left > Self.betweenRounds { found.differing += left }
                return heard.count
            }
            place = again
        }
    }

    private func complaint(of found: StepVerdict, _ index: Int, isTruncated: Bool, isWhole: Bool) -> String? {
        let step = expectation.steps[index]
        if let first = found.firstDifference {
            return "\(step.name) differs in \(found.differing) of \(found.compared) samples, first in sample \(first)"
        }
        if found.differing > 0 { return "\(step.name) does not go on" }
        if !step.loops, isTruncated, isWhole, found.compared + found.absent < step.prompt.count {
            return "\(step.name) ends after \((found.compared + found.absent) / 8) of \(step.prompt.count / 8) ms"
        }
        // Nothing but lost packets is no prompt.
        if found.compared == 0 { return "\(step.name) is not heard" }
        return nil
    }

    /// Samples that are no silence.
    private func strangeSound(_ heard: Timeline, _ range: Range<Int>) -> Int {
        range.reduce(0) { sum, place in
            guard heard.present[place] == 1 else { return sum }
            return abs(Int(G711.linear(heard.bytes[place], expectation.law))) > 128 ? sum + 1 : sum
        }
    }
}
