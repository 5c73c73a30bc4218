/// Whom a leg hears: at most four other legs, in place, so that a command can carry it and a tick can change it.
struct HearingList {
    static let capacity = 4
    private var legs: (LegPointer?, LegPointer?, LegPointer?, LegPointer?) = (nil, nil, nil, nil)
    private(set) var count = 0

    /// What does not fit is left out.
    mutating func append(_ leg: LegPointer) {
        switch count {
        case 0: legs.0 = leg
        case 1: legs.1 = leg
        case 2: legs.2 = leg
        case 3: legs.3 = leg
        default: return
        }
        count += 1
    }

    /// nil from `count` on.
    subscript(index: Int) -> LegPointer? {
        switch index {
        case 0: legs.0
        case 1: legs.1
        case 2: legs.2
        case 3: legs.3
        default: nil
        }
    }

    /// Drops those that are closing; the others keep their order.
    mutating func dropClosing() {
        var kept = HearingList()
        for index in 0..<count {
            if let leg = self[index], !leg.pointee.isClosing { kept.append(leg) }
        }
        self = kept
    }
}
