import CLoad

/// Finds a prompt in what was heard: by an exact match of its first stretch that is not silent, or of a later one where
/// packets of the first are missing.
package struct Alignment: Sendable {
    /// Samples that must be equal: 10 ms.
    package static let keyLength = 80
    /// Samples by which a place is judged where the key stands at several.
    static let judged = 4000

    let prompt: [UInt8]
    /// Where keys begin in the prompt.
    let keys: [Int]

    package init(prompt: [UInt8]) {
        self.prompt = prompt
        var keys: [Int] = []
        var at = 0
        var table = [Int](repeating: -1, count: 256)
        while at + Self.keyLength <= prompt.count, keys.count < 12 {
            var distinct = 0
            for code in prompt[at..<at + Self.keyLength] where table[Int(code)] != at {
                table[Int(code)] = at
                distinct += 1
            }
            if distinct >= 12 {
                keys.append(at)
                at += 800
            } else {
                at += keys.isEmpty ? 20 : 160
            }
        }
        // A prompt of a few codes, such as a plain tone: its beginning has to do.
        self.keys = keys.isEmpty && !prompt.isEmpty ? [0] : keys
    }

    /// The place at which the prompt begins; nil where it is not heard.
    /// - Parameters:
    ///   - from: the first place it may have; negative ones are not looked at.
    ///   - through: the last place it may have.
    package func find(in heard: Timeline, from: Int, through: Int = .max) -> Int? {
        var best: (place: Int, share: Double)?
        for key in keys {
            let length = min(Self.keyLength, prompt.count - key)
            var at = max(0, from) + key
            var candidates = 0
            while at + length <= heard.count, at - key <= through, candidates < 200 {
                guard let found = heard.bytes[at...].position(of: prompt[key..<key + length]) else { break }
                let place = found - key
                guard place <= through else { break }
                let share = likeness(heard, place)
                if share >= 0.98 { return place }
                if share > best?.share ?? 0.3 { best = (place, share) }
                at = found + 1
                candidates += 1
            }
            if let best { return best.place }
        }
        return nil
    }

    /// The share of received samples that are the prompt's, at its beginning.
    private func likeness(_ heard: Timeline, _ place: Int) -> Double {
        let count = min(prompt.count, Self.judged, heard.count - place)
        var (present, equal) = (0, 0)
        for index in 0..<max(0, count) where heard.present[place + index] == 1 {
            present += 1
            if heard.bytes[place + index] == prompt[index] { equal += 1 }
        }
        return present == 0 ? 0 : Double(equal) / Double(present)
    }

    /// What came of laying the prompt beside what was heard.
    package struct Comparison: Sendable, Hashable {
        /// Samples laid beside each other; absent ones are not among them.
        package var compared = 0
        package var absent = 0
        package var differing = 0
        /// Of the prompt's samples, the first that was heard otherwise.
        package var firstDifference: Int?
        /// The greatest distance of two samples, linear 16 bits.
        package var greatest = 0
        /// The place behind the last sample that was looked at.
        package var end: Int
        /// What was heard ended before the prompt.
        package var isTruncated = false
        /// The prompt was cut short after a key, at this sample of it.
        package var cutAt: Int?
    }

    /// Lays the prompt beside what was heard from `place` on, sample by sample.
    /// - Parameter cut: from this place on, a difference is the prompt's being cut short: nothing behind it is compared.
    package func compare(
        with heard: Timeline, at place: Int, cut: Int? = nil, law: G711.Law
    ) -> Comparison {
        var result = Comparison(end: place)
        for index in prompt.indices {
            let at = place + index
            guard at < heard.count else {
                result.isTruncated = true
                break
            }
            guard heard.present[at] == 1 else {
                result.absent += 1
                result.end = at + 1
                continue
            }
            let code = heard.bytes[at]
            if code != prompt[index] {
                if let cut, at >= cut {
                    result.cutAt = index
                    break
                }
                result.differing += 1
                if result.firstDifference == nil { result.firstDifference = index }
                let distance = Int(G711.linear(code, law)) - Int(G711.linear(prompt[index], law))
                result.greatest = max(result.greatest, abs(distance))
            }
            result.compared += 1
            result.end = at + 1
        }
        return result
    }
}

extension ArraySlice<UInt8> {
    /// Where a sequence of bytes begins.
    func position(of needle: some Sequence<UInt8>) -> Int? {
        let needle = Array(needle)
        let found = withUnsafeBytes { all in
            needle.withUnsafeBytes { load_find(all.baseAddress, all.count, $0.baseAddress, $0.count) }
        }
        return found >= 0 ? startIndex + found : nil
    }
}
