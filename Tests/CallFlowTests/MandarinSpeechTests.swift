import CallFlow
import Testing

@Suite struct MandarinSpeechTests {
    /// Fragments as the characters that they say; a pause is a space.
    static func characters(_ items: [SpeechItem]?) -> String? {
        let words = [
            "num.1": "一", "num.liang": "两", "num.shi": "十", "num.bai": "百", "num.qian": "千", "num.wan": "万",
            "num.yi": "亿", "num.fu": "负", "unit.dian": "点", "unit.yuan": "元", "unit.jiao": "角", "unit.fen": "分",
            "unit.zheng": "整", "unit.nian": "年", "unit.yue": "月", "unit.ri": "日",
        ]
        let digits = Array("零幺二三四五六七八九")
        return items?.map { item in
            switch item {
            case .prompt(let id):
                words[id] ?? (id.hasPrefix("letter.") ? String(id.dropFirst(7)) : nil) ?? id.last?.wholeNumberValue.map
                { String(digits[$0]) } ?? "?"
            case .silence: " "
            case .beep: "!"
            }
        }.joined()
    }

    @Test(arguments: [
        ("0", "零"), ("1", "一"), ("2", "二"), ("9", "九"), ("10", "十"), ("12", "十二"), ("20", "二十"), ("22", "二十二"),
        ("100", "一百"), ("101", "一百零一"), ("102", "一百零二"), ("110", "一百一十"), ("112", "一百一十二"), ("200", "二百"),
        ("222", "二百二十二"), ("1000", "一千"), ("1002", "一千零二"), ("1010", "一千零一十"), ("1100", "一千一百"),
        ("2000", "两千"), ("2222", "两千二百二十二"), ("10000", "一万"), ("10001", "一万零一"), ("10010", "一万零一十"),
        ("12000", "一万二千"), ("20000", "两万"), ("22000", "两万二千"), ("100000", "十万"), ("101000", "十万一千"),
        ("120000", "十二万"), ("200000", "二十万"), ("1000000", "一百万"), ("10000000", "一千万"), ("20002000", "两千万二千"),
        ("100000000", "一亿"), ("100000001", "一亿零一"), ("100010000", "一亿零一万"), ("110000000", "一亿一千万"),
        ("200000000", "两亿"), ("1000000010", "十亿零一十"), ("100020003", "一亿零二万零三"),
        ("999999999999", "九千九百九十九亿九千九百九十九万九千九百九十九"), ("-3", "负三"), ("-0", "零"), ("007", "七"), ("2.5", "二点五"),
        ("2.05", "二点零五"), ("0.10", "零点一"), ("1.11", "一点一一"),
    ])
    func `numbers`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .number)) == spoken)
    }

    @Test(arguments: [
        ("0", "零元"), ("2", "两元"), ("12", "十二元"), ("22", "二十二元"), ("102", "一百零二元"), ("200", "二百元"), ("0.05", "五分"),
        ("0.02", "两分"), ("0.20", "两角"), ("0.22", "两角二分"), ("2.20", "两元二角"), ("2.02", "两元零二分"), ("12.30", "十二元三角"),
        ("12.05", "十二元零五分"), ("12.35", "十二元三角五分"), ("1000.10", "一千元一角"), ("20000", "两万元"), ("-12.5", "负十二元五角"),
        ("12.300", "十二元三角"), ("10010.01", "一万零一十元零一分"),
    ])
    func `money`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .money)) == spoken)
    }

    @Test(arguments: [
        ("2:00", "两点整"), ("02:00", "两点整"), ("12:00", "十二点整"), ("0:00", "零点整"), ("22:05", "二十二点零五分"),
        ("22:02", "二十二点零二分"),
        ("14:10", "十四点十分"), ("2:22", "两点二十二分"), ("1325", "二十二点零五分"), ("0", "零点整"), ("23:59", "二十三点五十九分"),
    ])
    func `times`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .time)) == spoken)
    }

    @Test(arguments: [
        ("20261122", "二零二六年十一月二十二日"), ("2026-02-02", "二零二六年二月二日"), ("20111010", "二零一一年十月十日"),
        ("2000-12-01", "二零零零年十二月一日"),
    ])
    func `dates`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .date)) == spoken)
    }

    @Test(arguments: [
        ("1", "幺"), ("4821", "四八二幺"), ("20261122-0007", "二零二六 幺幺二二 零零零七"), ("12345", "幺二三四五"), ("-1-", "幺"),
        ("123456", "幺二三四 五六"), ("A12", "a幺二"), ("z9", "z九"), ("GD2026", "gd二零 二六"), ("kf-07", "kf 零七"),
    ])
    func `digits`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .digits)) == spoken)
    }

    @Test(arguments: [
        ("13800000001", "幺三八 零零零零 零零零幺"), ("+8613800000001", "幺三八 零零零零 零零零幺"), ("95598", "九五五九八"),
        ("86865598", "八六八六 五五九八"), ("057786865598", "零五七七 八六八六 五五九八"), ("0577-86865598", "零五七七 八六八六 五五九八"),
        ("01012345678", "零幺零 幺二三四 五六七八"), ("8686559", "八六八 六五五九"),
    ])
    func `telephone numbers`(text: String, spoken: String) {
        #expect(Self.characters(MandarinSpeech.items(text, as: .phone)) == spoken)
    }

    @Test(arguments: [
        ("", SpokenKind.digits), ("é1", .digits), ("１", .digits), ("a.b", .digits), ("a1", .phone), ("a1", .number),
        ("--", .digits), ("1e5", .number), ("1000000000000", .number),
        ("99999999999999999999999", .number), ("1.", .number), (".5", .number), ("--1", .number), ("１２", .number),
        ("12.345", .money), ("12,30", .money), ("20261301", .date), ("20260232", .date), ("2026-1-1", .date),
        ("20260200", .date), ("24:00", .time), ("12:60", .time), ("12:", .time), ("1440", .time), ("1:2:3", .time),
        ("+86", .phone), ("138x", .phone), (String(repeating: "1", count: 41), .digits),
    ])
    func `what is no value of its kind is not spoken`(text: String, kind: SpokenKind) {
        #expect(MandarinSpeech.items(text, as: kind) == nil)
    }

    @Test func `every fragment spoken is declared`() {
        var seen: Set<String> = []
        for (text, kind) in [
            ("-1234567890.12", SpokenKind.number), ("2.22", .money), ("20191122", .date), ("2:00", .time),
            ("200000000", .number), ("20000", .number), ("2000", .number), ("0987654321", .digits),
            ("abcdefghijklm", .digits), ("NOPQRSTUVWXYZ", .digits),
        ] {
            for case .prompt(let id) in MandarinSpeech.items(text, as: kind) ?? [] { seen.insert(id) }
        }
        #expect(seen == MandarinSpeech.fragments)
    }
}
