import Documents
import Foundation
import Norms
import Testing

/// Every item of the catalogue is accounted for, and the page says so.
@Suite struct NormCoverageTests {
    private func shipped() throws -> NormCoverage {
        NormCoverage(items: try Shipped.items(), profiles: try Shipped.profiles())
    }

    @Test func everyItemOfTheCatalogueIsThere() throws {
        let ids = try Shipped.items().items.map(\.id)
        for number in 1...176 { #expect(ids.contains("A\(number)"), "A\(number)") }
        for number in 1...18 { #expect(ids.contains("B\(number)"), "B\(number)") }
        #expect(ids.count { $0.hasPrefix("A14-") } == 16)
        #expect(ids.count == 176 + 18 + 16)
        let sections = try Shipped.items().sections.map(\.id)
        #expect(sections == (1...14).map { "A\($0)" } + ["B"])
    }

    @Test func noneIsUnaccountedFor() throws {
        let coverage = try shipped()
        #expect(coverage.gaps == [])
        for row in coverage.rows { #expect(!row.tests.isEmpty || row.item.notApplicable != nil, "\(row.item.id)") }
    }

    @Test func whatIsMissingIsFound() throws {
        let items = try Shipped.items()
        let profiles = try Shipped.profiles()
        let without = NormCoverage(items: items, profiles: profiles.filter { $0.id != "yongqiang" })
        #expect(without.gaps.contains { $0.id == "A95" && $0.message.hasPrefix("no rule answers it") })
        let twice = NormCoverage(items: items, profiles: profiles + [profiles[0]])
        #expect(twice.gaps.contains { $0.message == "two profiles have this id" })
        let text = try Checkout.text("norms/yongqiang.yaml").replacing("items: [A1]", with: "items: [A999]")
        let strange = try NormProfile.decode(text, file: "yongqiang.yaml").profile
        #expect(NormCoverage(items: items, profiles: [strange]).gaps.contains { $0.message.contains("A999") })
    }

    @Test func thePageIsWhatTheCommandGives() throws {
        let page = try Checkout.text("docs/norms-coverage.md")
        let given = try shipped().markdown
        #expect(page == given, "run `hotline norms coverage > docs/norms-coverage.md`")
    }

    @Test func everyTestThatIsNamedIsThere() throws {
        let tests = Checkout.root.appendingPathComponent("Tests")
        var known = ""
        for name in FileManager.default.enumerator(atPath: tests.path)?.compactMap({ $0 as? String }) ?? []
        where name.hasSuffix(".swift") {
            known += try String(contentsOf: tests.appendingPathComponent(name), encoding: .utf8)
        }
        let named = try shipped().tests
        #expect(named.count > 15)
        for suite in named {
            #expect(known.contains("struct \(suite) ") || known.contains("struct \(suite):"), "\(suite)")
        }
    }

    @Test func mistakesInTheCatalogueAreNamed() {
        let text = """
            tests: {order_repyl: [X]}
            sections:
              - id: A1
                title: t
                items:
                  - {id: A1, text: x}
                  - {id: A1, text: y}
                  - {id: Q1, text: z}
                  - {id: A2, text: z, held_by: here}
                  - {id: A3, text: z, held_by: here, not_applicable: there, tests: [T]}
            """
        do {
            _ = try NormItems.decode(text, file: "items.yaml")
            Issue.record("taken")
        } catch {
            for part in [
                "there is no measure \"order_repyl\"", "the item A1 stands twice, first in line 6", "\"Q1\" is no item",
                "\"tests\" is missing", "leave one of the two out",
            ] { #expect(error.description.contains(part), "\(part)\n\(error)") }
        }
    }
}

/// Two profiles beside each other.
@Suite struct NormDiffTests {
    @Test func conflictsAreShownAndNotMerged() throws {
        let diff = NormDiff(try Shipped.profile("yongqiang"), try Shipped.profile("dazu"))
        let rings = try #require(diff.rows.first { $0.matter == "agent_answer_rings" })
        #expect(rings.left == "within 4 rings, from ringing (002 三 服务规范 1)")
        #expect(rings.right == "within 5 rings, from ringing (001 2.8)" && !rings.isSame)
        let consultation = try #require(diff.rows.first { $0.matter == "order_reply" && $0.scope == "consultation" })
        #expect(consultation.right == nil && consultation.left?.hasPrefix("within 3 working days") == true)
        // 002 names complaints and reports in one sentence, 000-G complaints alone.
        let complaint = try #require(diff.rows.first { $0.matter == "order_reply" && $0.scope == "complaint" })
        #expect(complaint.left?.hasPrefix("within 10 working days") == true)
        #expect(complaint.right?.hasPrefix("within 4 working days") == true && !complaint.isSame)
        #expect(diff.rows.contains { $0.matter == "penalty late" && $0.right == nil })
        #expect(diff.left == "yongqiang@1" && diff.right == "dazu@1")
    }

    @Test func aProfileSaysTheSameAsItself() throws {
        for profile in try Shipped.profiles() {
            #expect(NormDiff(profile, profile).rows.filter { !$0.isSame } == [], "\(profile.id)")
        }
    }
}
