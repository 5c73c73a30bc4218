import Calls
import Norms
import Storage

// Work that recurs, and outages that are announced to the public.

extension LifeWorld {
    /// How often a piece of recurring work is really done.
    private enum Rhythm {
        /// Every so many days, sometimes a day or more too late.
        case days(Int)
        case monday
        /// By so many days after the month's first.
        case monthly(day: Int)
        case halfYearly
    }

    private struct Duty {
        var profile: String
        var rule: String
        var subjects: [String]
        var rhythm: Rhythm
        /// So many times of a thousand it is left out, or comes late.
        var gaps: Int
    }

    /// Of several documents, whatever the policy is: an audit by any of them finds something.
    private static let duties = [
        Duty(profile: "guangde", rule: "gd-box", subjects: ["一号意见箱", "二号意见箱"], rhythm: .days(1), gaps: 35),
        Duty(profile: "supply-station", rule: "gds-box", subjects: ["营业厅意见箱"], rhythm: .days(5), gaps: 120),
        Duty(profile: "supply-station", rule: "gds-reception", subjects: [""], rhythm: .monday, gaps: 60),
        Duty(profile: "yongqiang", rule: "yq-monthly-table", subjects: [""], rhythm: .monthly(day: 8), gaps: 80),
        Duty(profile: "yongqiang", rule: "yq-publication", subjects: [""], rhythm: .monthly(day: 13), gaps: 200),
        Duty(profile: "marketing", rule: "mk-reception", subjects: [""], rhythm: .monthly(day: 20), gaps: 100),
        Duty(profile: "dazu", rule: "dz-bulletin", subjects: [""], rhythm: .monthly(day: 10), gaps: 90),
        Duty(
            profile: "dazu", rule: "dz-key-visit", subjects: ["第一机械厂", "人民医院", "自来水公司"], rhythm: .halfYearly,
            gaps: 150),
        Duty(profile: "papers", rule: "pa-statistics-daily", subjects: [""], rhythm: .days(1), gaps: 20),
        Duty(profile: "papers", rule: "pa-statistics-weekly", subjects: [""], rhythm: .days(7), gaps: 90),
        Duty(profile: "papers", rule: "pa-satisfaction", subjects: [""], rhythm: .monthly(day: 25), gaps: 300),
    ]

    mutating func planDuties() {
        for (number, duty) in Self.duties.enumerated() {
            for (part, subject) in duty.subjects.enumerated() {
                var draw = Draw(seed: year.seed, .duty, number * 100 + part)
                for at in moments(duty, &draw) { put(duty, subject, happened: at, &draw) }
            }
        }
    }

    private func moments(_ duty: Duty, _ draw: inout Draw) -> [Int64] {
        var moments: [Int64] = []
        switch duty.rhythm {
        case .days(let length):
            var day = draw.below(length)
            while day < days.count {
                moments.append(days.officeMoment(day, &draw))
                day += draw.chance(duty.gaps) ? length + 1 + draw.below(max(3, length)) : length
            }
        case .monday:
            for day in 0..<days.count where days.date(day).weekday == 1 && !draw.chance(duty.gaps) {
                moments.append(days.officeMoment(day, &draw))
            }
        case .monthly(let last):
            for month in 1...12 {
                let first = CivilDate(year: year.year, month: month, day: 1)
                let isLate = draw.chance(duty.gaps)
                if isLate, draw.chance(400) { continue }
                let day = isLate ? last + 2 + draw.below(6) : draw.below(last)
                moments.append(days.officeMoment(first.adding(days: day).dayNumber - days.first.dayNumber, &draw))
            }
        case .halfYearly:
            for half in 0..<2 where !draw.chance(duty.gaps) {
                moments.append(days.officeMoment(half * 182 + draw.below(180), &draw))
            }
        }
        return moments
    }

    /// Written down the same day, or some days later.
    private mutating func put(_ duty: Duty, _ subject: String, happened: Int64, _ draw: inout Draw) {
        let entered =
            happened + (draw.chance(900) ? draw.skewed(0...6 * Micro.hour) : draw.within(Micro.day...9 * Micro.day))
        let done = DutyDone(
            at: clock.instant(entered), profile: duty.profile, rule: duty.rule, subject: subject, happened: happened,
            by: draw.pick(Staff.supervisors), note: "已完成",
            evidence: draw.chance(750) ? "登记簿第\(1 + draw.below(200))页" : nil)
        agenda.put(.unit(LifeUnit(at: clock.instant(entered), facts: [.dutyDone(done)]), nil), at: entered)
    }

    // MARK: - Outages

    /// About two a week: most planned and told of in time, some too late, some to the day; a few do not take place.
    mutating func planOutages() {
        var draw = Draw(seed: year.seed, .outage)
        for _ in 0..<110 {
            let begins = days.begin(draw.below(days.count)) + draw.within(6 * Micro.hour...15 * Micro.hour)
            let kind = draw.weighted([("planned", 700), ("temporary", 200), ("fault", 100)])
            let ahead: Int64
            switch kind {
            case "planned":
                ahead =
                    draw.chance(120)
                    ? 7 * Micro.day
                    : draw.chance(800)
                        ? draw.within(7 * Micro.day...15 * Micro.day) : draw.within(Micro.day...7 * Micro.day)
            case "temporary":
                ahead = draw.chance(150) ? Micro.day : draw.within(2 * Micro.hour...3 * Micro.day)
            default: ahead = -draw.within(Micro.minute...30 * Micro.minute)
            }
            let announced = begins - ahead
            let entered = announced + draw.skewed(Micro.minute...3 * Micro.hour)
            guard entered >= days.begin(0) + Micro.minute else { continue }
            let id: OutageID = LifeID.make(at: entered, &draw)
            let area = draw.pick(Words.districts)
            let outage = OutageAnnounced(
                outage: id, at: clock.instant(entered), kind: kind, area: area, begins: begins,
                ends: begins + draw.within(2 * Micro.hour...10 * Micro.hour), announced: announced,
                reason: kind == "planned" ? "线路检修" : "设备抢修", text: "\(area)部分区域停电", prompt: nil,
                by: draw.pick(Staff.supervisors))
            agenda.put(.unit(LifeUnit(at: clock.instant(entered), facts: [.outageAnnounced(outage)]), nil), at: entered)
            guard draw.chance(80) else { continue }
            let at = entered + draw.within(Micro.hour...max(2 * Micro.hour, begins - entered))
            let withdrawn = OutageWithdrawn(outage: id, at: clock.instant(at), by: Staff.supervisors[0], why: "检修改期")
            agenda.put(.unit(LifeUnit(at: clock.instant(at), facts: [.outageWithdrawn(withdrawn)]), nil), at: at)
        }
    }
}
