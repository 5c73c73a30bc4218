import Access
import Calls
import Foundation
import Storage
import Testing

@Suite struct RightsTests {
    private func person(
        _ roles: Set<Role>, unit: String? = nil, number: String? = nil, title: String = "张三"
    ) -> Person {
        Person(name: "zhang", title: title, roles: roles, unit: unit, workNumber: number)
    }

    private func order(
        units: Set<String> = [], owner: String? = nil, isConfidential: Bool = false, department: String? = nil,
        reported: String? = nil
    ) -> OrderSubject {
        OrderSubject(
            number: "20261128-0001", category: "report", ownerUnit: owner, units: units,
            isConfidential: isConfidential, reportedDepartment: department, reportedPerson: reported)
    }

    private static let id = RecordingID(high: 1, low: 1)

    /// docs/rights.md is read: each of its cells is what the program does.
    @Test func theTableInTheDocumentIsTheProgramsOwn() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/rights.md")
        let rows = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) } }
        let words: [String: Reach] = ["–": .none, "own": .own, "department": .department, "all": .all]
        var seen: Set<Right> = []
        for row in rows {
            let right = try #require(Right(rawValue: row[0]), "\(row)")
            seen.insert(right)
            #expect(row.count == Role.allCases.count + 1, "\(row)")
            for (role, word) in zip(Role.allCases, row.dropFirst()) {
                let reach = try #require(words[word], "\(right) \(role): \(word)")
                #expect(Rights.reach(of: role, right) == reach, "\(right) \(role)")
            }
        }
        #expect(seen == Set(Right.allCases))
    }

    @Test func whoIsReportedNeverHasAccessWhateverTheirRoles() {
        let all = Set(Role.allCases)
        for reported in ["张三", "抄表员张三", "1001", "工号1001的抄表员"] {
            let subject = order(units: ["power_station"], owner: "power_station", reported: reported)
            let person = person(all, unit: "power_station", number: "1001")
            for right in Right.allCases {
                #expect(Rights.verdict(person, right, on: subject) == .hidden, "\(reported) \(right)")
                let recording = RecordingSubject(recording: Self.id, agents: ["1001"], orders: [subject])
                #expect(Rights.verdict(person, right, on: recording, units: { _ in [] }) == .hidden)
            }
        }
        // A longer number that holds theirs is somebody else's.
        let other = order(units: ["power_station"], reported: "21001")
        #expect(Rights.verdict(person([.qa], number: "1001"), .seeOrders, on: other) == .allowed)
    }

    @Test func aConfidentialReportIsInvisibleToTheDepartmentReported() {
        let secret = order(
            units: ["power_station", "discipline"], owner: "discipline", isConfidential: true,
            department: "power_station")
        for role in Role.allCases {
            let verdict = Rights.verdict(person([role], unit: "power_station"), .seeOrders, on: secret)
            #expect(verdict == .hidden, "\(role)")
        }
        #expect(Rights.verdict(person([.handler], unit: "discipline"), .seeOrders, on: secret) == .allowed)
        // The same order, not confidential: the department sees it.
        let open = order(units: ["power_station"], department: "power_station")
        #expect(Rights.verdict(person([.handler], unit: "power_station"), .seeOrders, on: open) == .allowed)
    }

    @Test func contactDataAreForWhoeverHandlesTheOrder() {
        let complaint = order(units: ["power_station", "marketing"], owner: "power_station")
        #expect(Rights.verdict(person([.handler], unit: "power_station"), .seeContacts, on: complaint) == .allowed)
        // A copy is read without them.
        #expect(Rights.verdict(person([.handler], unit: "marketing"), .seeContacts, on: complaint) == .refused)
        #expect(Rights.verdict(person([.agent]), .seeContacts, on: complaint) == .allowed)
        #expect(Rights.verdict(person([.qa]), .seeContacts, on: complaint) == .refused)
        #expect(Rights.verdict(person([.auditor]), .seeContacts, on: complaint) == .refused)
        let secret = order(
            units: ["discipline"], owner: "discipline", isConfidential: true, department: "power_station")
        #expect(Rights.verdict(person([.agent]), .seeContacts, on: secret) == .refused)
        #expect(Rights.verdict(person([.shiftLeader]), .seeContacts, on: secret) == .allowed)
        #expect(Rights.verdict(person([.handler], unit: "discipline"), .seeContacts, on: secret) == .allowed)
    }

    @Test func recordingsAreHeardByOwnDepartmentOrAll() {
        let units: (String) -> Set<String> = { ["1001": ["east"], "1002": ["east"], "1003": ["west"]][$0] ?? [] }
        let recording = RecordingSubject(recording: Self.id, agents: ["1002"], orders: [])
        func verdict(_ person: Person) -> Verdict {
            Rights.verdict(person, .hearRecordings, on: recording, units: units)
        }
        #expect(verdict(person([.agent], number: "1002")) == .allowed)
        #expect(verdict(person([.agent], number: "1001")) == .refused)
        #expect(verdict(person([.shiftLeader], number: "1001")) == .allowed)
        #expect(verdict(person([.shiftLeader], number: "1003")) == .refused)
        #expect(verdict(person([.qa])) == .allowed)
        #expect(verdict(person([.operator])) == .refused)
        #expect(verdict(person([.administrator])) == .refused)
        // A department's contact hears what belongs to its orders, and not what its agents said otherwise.
        #expect(verdict(person([.handler], unit: "east")) == .refused)
        let linked = RecordingSubject(recording: Self.id, agents: ["1002"], orders: [order(units: ["crew_one"])])
        #expect(
            Rights.verdict(person([.handler], unit: "crew_one"), .hearRecordings, on: linked, units: units) == .allowed)
    }

    @Test func whoMayNotComeInMayNothing() {
        var gone = person(Set(Role.allCases), number: "1001")
        gone.isActive = false
        for right in Right.allCases { #expect(!Rights.allows(gone, right)) }
    }
}
