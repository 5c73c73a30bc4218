import Testing
import WorkOrders

/// Random lives, the same on every run: whatever anybody does, an order is never lost, never half changed, and made again
/// from its events.
@Suite struct OrderWalkTests {
    private static let cases: [(category: String, policy: String)] = {
        let others = ["fault", "business", "consultation", "suggestion", "information", "callback"]
        return [
            ("complaint", "dazu"), ("complaint", "guangde"), ("complaint", "marketing"), ("report", "yongqiang"),
            ("report", "supply-station"),
        ] + others.map { ($0, "zhejiang") }
    }()

    @Test(arguments: cases)
    func neverLosesAnOrder(_ category: String, _ policy: String) throws {
        var ended = 0
        var refused = 0
        var done: Set<String> = []
        for seed in 0..<8 as Range<UInt64> {
            var wanderer = Wanderer(try Shipped.life(category, policy), seed: seed)
            // Merging ends many a life early; half of them go without.
            if seed.isMultiple(of: 2) { wanderer.avoids = ["merge", "convert"] }
            for _ in 0..<160 {
                let before = wanderer.life
                let event = wanderer.event()
                do {
                    try wanderer.life.apply(event, deadline: plainDeadline)
                    done.insert(event.step)
                } catch {
                    refused += 1
                    #expect(wanderer.life == before, "\(event.step) was refused and changed something")
                }
                check(wanderer.life, wanderer.now)
                if wanderer.life.isFinal { break }
            }
            let life = wanderer.life
            if life.isFinal {
                ended += 1
                for actor in Walk.people.values { #expect(life.possible(for: actor).isEmpty) }
            }
            let again = try OrderLife.replay(
                life.record, rules: life.rules, policy: life.policy, category: category, deadline: plainDeadline)
            #expect(again == life)
        }
        #expect(ended > 0, "no random life of \(category) under \(policy) ever ended")
        #expect(refused > 10)
        // The walks are worth something: they do most of what the life knows.
        let rules = try Shipped.life(category, policy).rules
        #expect(done.count * 3 >= rules.steps.count * 2, "\(Set(rules.steps.map(\.id)).subtracting(done).sorted())")
    }

    /// No order is caught: from wherever chance has brought it, chance brings it to its end without merging it away.
    @Test(arguments: cases)
    func everyOrderCanEnd(_ category: String, _ policy: String) throws {
        for seed in 100..<102 as Range<UInt64> {
            var wanderer = Wanderer(try Shipped.life(category, policy), seed: seed)
            wanderer.avoids = ["merge", "convert", "note", "link", "absorb", "remind", "supervise", "protect", "grade"]
            var steps = 0
            while !wanderer.life.isFinal, steps < 6000 {
                steps += 1
                let event = wanderer.event()
                // Refusals are looked at in the other test.
                do { try wanderer.life.apply(event, deadline: plainDeadline) } catch { continue }
            }
            #expect(wanderer.life.isFinal, "stuck in \(wanderer.life.state) after \(wanderer.life.record.map(\.step))")
        }
    }

    private func check(_ life: OrderLife, _ now: Int64) {
        guard life.state != OrderLifeRules.unborn else { return }
        let views = life.clocks(at: now, deadline: plainDeadline)
        if life.isFinal {
            #expect(life.owner == nil && views.isEmpty)
            return
        }
        let owner = life.owner
        #expect(owner != nil, "nobody has the order in \(life.state)")
        if let owner, life.rules.vocabulary.roles[owner.role]?.unitField != nil {
            #expect(owner.unit != nil, "no unit has the order in \(life.state)")
        }
        if life.fields["confidential"] == "yes", let reported = life.fields["reported_department"] {
            #expect(owner?.unit != reported)
            #expect(!OrderVocabulary.list(life.fields["copies"] ?? "").contains(reported))
        }
        for view in views {
            #expect(view.since <= now)
            #expect(view.owner != nil, "nobody answers for \(view.id)")
            if let due = view.due { #expect(view.left == due.at - now) }
        }
        #expect(views.map { $0.due?.at ?? .max } == views.map { $0.due?.at ?? .max }.sorted())
        let open = life.alarms(at: now, deadline: plainDeadline)
        #expect(open.allSatisfy { $0.at <= now && views.map(\.id).contains($0.key.clock) })
        if let next = life.nextAlarm(after: now, deadline: plainDeadline) {
            #expect(next > now)
            #expect(life.alarms(at: next, deadline: plainDeadline).count > open.count)
        }
    }
}

/// Does whatever comes to its mind: mostly what it may, sometimes not.
private struct Wanderer {
    var life: OrderLife
    var now: Int64 = 20_497 * 86_400_000_000
    var avoids: Set<String> = []
    private var dice: OrderDice

    init(_ life: OrderLife, seed: UInt64) {
        self.life = life
        dice = OrderDice(seed: seed &* 7919)
    }

    mutating func event() -> OrderEvent {
        now += Int64.random(in: 0...(6 * 3_600_000_000), using: &dice)
        var actor = OrderActor(
            name: "1001", role: life.rules.vocabulary.roles.keys.sorted().randomElement(using: &dice) ?? "")
        // Two in three times whoever has the order acts.
        if let owner = life.owner, Int.random(in: 0..<3, using: &dice) < 2 {
            actor = OrderActor(name: "1002", role: owner.role, unit: owner.unit)
        } else if let field = life.rules.vocabulary.roles[actor.role]?.unitField {
            actor.unit = Bool.random(using: &dice) ? life.fields[field] : department()
        }
        let possible = life.possible(for: actor).filter { !avoids.contains($0.id) }
        let any = Int.random(in: 0..<10, using: &dice) == 0
        let choices = any ? life.rules.steps.filter { !avoids.contains($0.id) } : possible
        guard let step = choices.randomElement(using: &dice) else {
            return OrderEvent(step: "nothing", by: actor, happenedAt: now, enteredAt: now)
        }
        var fields: [String: String] = [:]
        for name in step.needs.flatMap(\.fields) { fields[name] = value(name) }
        for name in step.takes where Int.random(in: 0..<4, using: &dice) == 0 { fields[name] = value(name) }
        if step.effect == .acknowledge,
            let alarm = life.alarms(at: now, deadline: plainDeadline).randomElement(using: &dice)
        {
            fields["clock"] = alarm.key.clock
            fields["alarm"] = alarm.key.alarm
        }
        let late = Int.random(in: 0..<8, using: &dice) == 0
        return OrderEvent(
            step: step.id, by: actor, happenedAt: late ? now - Int64.random(in: 0...40_000_000_000, using: &dice) : now,
            enteredAt: now, why: Int.random(in: 0..<12, using: &dice) == 0 ? nil : "原因", fields: fields)
    }

    private mutating func department() -> String {
        life.rules.vocabulary.departments.keys.sorted().randomElement(using: &dice) ?? ""
    }

    private mutating func value(_ name: String) -> String {
        switch life.rules.vocabulary.fields[name]?.kind {
        case .choice(let values): values.randomElement(using: &dice) ?? ""
        case .department: department()
        case .departments: "\(department()), \(department())"
        case .instant: String(now + Int64.random(in: -1...40, using: &dice) * 86_400_000_000)
        case .number: String(Int.random(in: 0...9, using: &dice))
        case .order: "20260213-\(String(Int.random(in: 1000...9999, using: &dice)))"
        case .item: life.rules.vocabulary.items.keys.sorted().randomElement(using: &dice) ?? ""
        case .text, nil: "内容"
        }
    }
}
