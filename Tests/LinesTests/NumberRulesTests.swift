import Lines
import Testing

struct NumberRulesTests {
    @Test(arguments: [
        ("13800138000", "13800138000"), ("+8613800138000", "13800138000"), ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"), ("013800138000", "13800138000"), ("+86013800138000", "13800138000"),
        ("%2B8613800138000", "13800138000"), ("+86-138-0013-8000", "13800138000"),
        ("+8613800138000;phone-context=x", "13800138000"), ("(0571) 8686.5598", "057186865598"),
        ("+8657186865598", "057186865598"), ("057186865598", "057186865598"), ("+861086865598", "01086865598"),
        ("01086865598", "01086865598"), ("8686559", "8686559"), ("86865598", "86865598"), ("8612345", "8612345"),
        ("95598", "95598"), ("+8695598", "95598"), ("12345", "12345"), ("+8612345", "12345"), ("110", "110"),
        ("4008895598", "4008895598"), ("+864008895598", "4008895598"), ("+14155550100", "+14155550100"),
        ("*57#", "*57#"), ("alice", "alice"), ("agent-7.b", "agent-7.b"), ("ali ce<>\"", "alice"),
        ("+", "+"), ("%", nil), ("%zz13800138000", "zz13800138000"), ("anonymous", nil), ("Anonymous", nil),
        ("Restricted", nil), ("", nil), (";x", nil), ("电话", nil), ("\u{0}\u{7}", nil),
        (String(repeating: "9", count: 500), String(repeating: "9", count: 32)),
    ])
    func normalisesAsChinaDials(raw: String, expected: String?) {
        #expect(NumberRules.china.normalise(raw) == expected)
    }

    @Test(arguments: [
        ("1NXXXXXXXXX", "13800138000", true), ("1NXXXXXXXXX", "11800138000", false),
        ("1NXXXXXXXXX", "1380013800", false),
        ("1NXXXXXXXXX", "138001380001", false), ("Z.", "1", true), ("Z.", "0", false), ("Z.", "12a", false),
        ("", "", true), ("", "1", false), ("+X", "+1", true), ("X", "", false),
    ])
    func matchesPatterns(pattern: String, number: String, expected: Bool) {
        #expect(NumberRules.Rule(pattern: pattern).matches(number) == expected)
    }

    @Test func rulesAreData() {
        let rules = NumberRules(
            countryPrefixes: [.init(text: "+49", digitsAfter: 2)], national: [.init(pattern: "Z.", prepend: "0")],
            local: [.init(pattern: "9X.", strip: 1)], short: ["112"], anonymous: ["nobody"], maximumLength: 8)
        #expect(rules.normalise("+4930123456789") == "03012345")
        #expect(rules.normalise("91234") == "1234")
        #expect(rules.normalise("112") == "112")
        #expect(rules.normalise("nobody") == nil)
    }
}
