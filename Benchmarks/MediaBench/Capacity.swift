/// The largest number of recorded calls that one core holds: doubled until it fails, then halved in between.
enum Capacity {
    static func search(seconds: Int) throws {
        var held = 0
        var failed = 0
        var next = 400
        while failed == 0 || failed - held > max(50, held / 20) {
            let outcome = try Load(legs: next, seconds: seconds).run()
            outcome.print()
            let isHeld = outcome.isHeld && outcome.isFair
            say(isHeld ? "  held" : outcome.isFair ? "  not held" : "  not judged: the callers were late")
            if isHeld { held = next } else { failed = next }
            next = failed == 0 ? next * 2 : (held + failed) / 2
            if next > 8192 { break }
        }
        say("largest number of recorded calls held on one core: \(held)\(failed > 0 ? " (\(failed) not)" : "")")
    }
}
