import Documents
import Norms
import Testing
import WorkOrders

/// What is shipped, and what becomes of it when somebody changes a line.
@Suite struct OrderLibraryTests {
    @Test func whatIsShippedIsSound() throws {
        let library = try OrderLibrary.decode(Shipped.files(), profiles: Shipped.profiles())
        // Every category has one life, and one only.
        for category in OrderCategory.allCases.map(\.rawValue) {
            #expect(library.lives.values.filter { $0.categories.contains(category) }.count == 1, "\(category)")
        }
        #expect(library.policies.count == 6 && library.taxonomies.count == 2 && library.routings.count == 1)
        // Every limit that a policy takes from a document leads back to its rule.
        for policy in library.policies.values {
            #expect(policy.limits.values.allSatisfy { $0.rule != nil && !$0.clause.isEmpty }, "\(policy.id)")
        }
    }

    /// The complaints about shipped files of which one was changed: every place where `old` stands becomes `new`.
    /// - Parameter others: which other files are read with it, besides vocabulary and common steps.
    private func complaints(
        _ file: String, _ old: String, _ new: String, with others: (String) -> Bool = { _ in false }
    ) throws -> [DocumentError] {
        var files = try Shipped.files().filter {
            $0.name == file || ["vocabulary.yaml", "common.yaml", "callback.yaml"].contains($0.name) || others($0.name)
        }
        let index = try #require(files.firstIndex { $0.name == file })
        let parts = files[index].text.split(separator: old, omittingEmptySubsequences: false)
        try #require(parts.count > 1, "\(old) does not stand in \(file)")
        files[index].text = parts.joined(separator: new)
        let profiles = try Shipped.profiles()
        do {
            _ = try OrderLibrary.decode(files, profiles: profiles)
            return []
        } catch { return error.errors }
    }

    private func line(_ file: String, _ text: String) throws -> Int {
        let all = try #require(try Shipped.files().first { $0.name == file }).text
        let lines = all.split(separator: "\n", omittingEmptySubsequences: false)
        return try #require(lines.firstIndex { $0.contains(text) }) + 1
    }

    /// One change, one complaint, at its line, with the key.
    @Test(
        arguments: [
            (
                "fault.yaml", "    stops: [arrive]\n    starts: [restore]", "    stop: [arrive]\n    starts: [restore]",
                "stop"
            ),
            ("fault.yaml", "crew, status: dispatched}\n  on_site", "nobody, status: dispatched}\n  on_site", "nobody"),
            ("fault.yaml", "status: created}\n  guiding", "status: open}\n  guiding", "status"),
            ("fault.yaml", "needs: [crew]", "needs: [crews]", "crews"),
            ("fault.yaml", "to: notified\n", "to: noticed\n", "noticed"),
            ("fault.yaml", "judged_by: [restore]", "judged_by: [restored]", "restored"),
            ("fault.yaml", "stops: [notify]", "stops: [notfy]", "notfy"),
            ("fault.yaml", "when: {solved: yes}", "when: {solved: maybe}", "solved"),
            ("fault.yaml", "when: {solved: yes}", "when: {solvd: yes}", "solvd"),
            ("fault.yaml", "set: {visit: done}", "set: {visit: did}", "visit"),
            ("fault.yaml", "varies: area\n    judged_by: [arrive]", "varies: place\n    judged_by: [arrive]", "varies"),
            ("fault.yaml", "categories: [fault]", "categories: [faults]", "faults"),
            ("fault.yaml", "kind: life", "kind: lives", "kind"),
            ("common.yaml", "effect: absorb", "effect: absorbed", "effect"),
            (
                "common.yaml", "needs: [into]\n    why: true\n    to: merged\n    effect: merge\n  absorb",
                "needs: [note]\n    why: true\n    to: merged\n    effect: merge\n  absorb", "into"
            ),
            ("complaint.yaml", "due: corrective_due", "due: corrective_owner", "due"),
            (
                "complaint.yaml", "by: [$visitor, hotline_director, supervisor]",
                "by: [$visiter, hotline_director, supervisor]", "visiter"
            ),
            (
                "complaint.yaml", "profile.written_result: yes", "profile.written_result: maybe",
                "profile.written_result"
            ),
            (
                "vocabulary.yaml",
                "archive: {title: 归档与回访的先后, values: [after_visit, before_visit], default: after_visit}",
                "archive: {title: 归档与回访的先后, values: [after_visit, before_visit], default: never}", "default"
            ),
            ("vocabulary.yaml", "crew: {title: 抢修人员, unit: crew}", "crew: {title: 抢修人员, unit: note}", "unit"),
            (
                "vocabulary.yaml", "{id: early, share: 75, to: owner, channel: console}",
                "{id: early, share: 75, to: owner, channel: pigeon}", "channel"
            ),
            (
                "vocabulary.yaml", "{id: early, share: 75, to: owner, channel: console}",
                "{id: early, to: owner, channel: console}", "share"
            ),
            ("taxonomy-dazu.yaml", "title: 服务态度, topic: conduct", "title: 服务态度, topic: conducts", "topic"),
            ("taxonomy-dazu.yaml", "meter_reading:", "price:", "price"),
            (
                "routing-yongqiang.yaml", "copy: [marketing]\n    duty: 做好相关承诺\n",
                "copy: [marketting]\n    duty: 做好相关承诺\n", "copy"
            ),
            ("routing-yongqiang.yaml", "  - id: r8\n", "  - id: r8\n    when: {topic: other}\n", "when"),
            ("routing-yongqiang.yaml", "    when: {topic: theft}\n", "", "when"),
            ("routing-yongqiang.yaml", "to: [discipline, party_office]", "to: [discipline]", "to"),
            ("repeats.yaml", "window_days: 30", "window_days: 0", "window_days"),
            (
                "policy-dazu.yaml", "complaint.contact: dz-contact", "complaint.contacts: dz-contact",
                "complaint.contacts"
            ),
            ("policy-dazu.yaml", "complaint.contact: dz-contact", "complaint.contact: dz-contakt", "dz-contakt"),
            ("policy-dazu.yaml", "complaint.contact: dz-contact", "complaint.contact: dz-polite", "complaint.contact"),
            (
                "policy-dazu.yaml", "complaint.contact: dz-contact",
                "complaint.contact: {limit: soon, clause: own decision}", "limit"
            ),
            ("policy-yongqiang.yaml", "routing: yongqiang", "routing: yongqang", "routing"),
            ("policy-dazu.yaml", "archive: before_visit", "archive: whenever", "archive"),
            ("policy-dazu.yaml", "visitor: marketing", "visiter: marketing", "visiter"),
            ("policy-dazu.yaml", "complaint: {rule: dz-reply}", "complaint: {rule: dz-contact}", "rule"),
            (
                "policy-yongqiang.yaml", "report: {rule: yq-complaint, grounds: [outside_evidence,",
                "report: {rule: yq-complaint, grounds: [holiday,", "grounds"
            ),
        ] as [(String, String, String, String)])
    func eachMistakeIsShownWhereItStands(_ file: String, _ old: String, _ new: String, _ key: String) throws {
        // Policies name limits of lives.
        let errors = try complaints(file, old, new) { file.hasPrefix("policy") && !$0.hasPrefix("policy") }
        let error = try #require(errors.first { $0.file == file }, "nobody complained about \(new)")
        #expect(error.description.contains(key), "\(error)")
        #expect(error.line > 0 && error.column > 0)
        // Nothing else is complained about twice.
        #expect(Set(errors).count == errors.count)
    }

    @Test func theLineIsThatOfTheMistake() throws {
        let wanted = try line("fault.yaml", "needs: [crew]")
        let errors = try complaints("fault.yaml", "needs: [crew]", "needs: [crews]")
        #expect(errors.first?.line == wanted)
        #expect(errors.first?.description.hasPrefix("fault.yaml:\(wanted):") == true)
        #expect(errors.first?.advice == "Did you mean \"crew\"?")
    }

    /// What the checker of lives finds: each is a way to lose an order.
    @Test(
        arguments: [
            (
                "fault.yaml", "  restored: {title: 已恢复供电、待回访, owner: agent,", "  restored: {title: 已恢复供电、待回访,",
                "has no owner"
            ),
            (
                "fault.yaml", "    from: [restored, left_to_customer]", "    from: [restored]",
                "no final state is reached"
            ),
            ("fault.yaml", "    to: left_to_customer", "    to: restored", "never reached"),
            ("fault.yaml", "    to: notified\n    stops: [notify]", "    to: notified", "from which no step stops it"),
            ("suggestion.yaml", "    starts: [dispatch, answer]\n", "    starts: [dispatch]\n", "never started"),
            (
                "fault.yaml", "    needs: [crew]\n    takes: [note, recording, copies]",
                "    takes: [note, recording, copies, crew]", "without the field crew"
            ),
            ("fault.yaml", "  accept:\n", "  take:\n", "no step `accept`"),
            (
                "fault.yaml", "    from: on_site\n    by: [crew]", "    from: [on_site, new]\n    by: [crew]",
                "only `accept`"
            ),
            (
                "complaint.yaml",
                "      - {when: {correction: not_done}, stops: [correction], starts: [order_correction]}\n", "",
                "no case for correction: not_done"
            ),
            (
                "fault.yaml", "  reported: {title: 已受理、待判断, owner: agent,",
                "  merged: {title: 甲, final: true, status: closed}\n  reported: {title: 已受理、待判断, owner: agent,",
                "stands in the common file"
            ),
        ] as [(String, String, String, String)])
    func ordersCannotBeLost(_ file: String, _ old: String, _ new: String, _ words: String) throws {
        let errors = try complaints(file, old, new)
        let found = errors.contains { $0.message.contains(words) }
        #expect(found, "\(errors.map(\.description))")
    }

    /// A way out that a policy closes: the director's contact demanded of one life that knows no such step is nothing, but
    /// no visit and no archive is a trap.
    @Test func policiesAreLookedAtToo() throws {
        let guardText = "        because: this profile visits first, then archives\n"
        let trap = guardText + "      - {when: {profile.archive: before_visit}, because: never}\n"
        let errors = try complaints("complaint.yaml", guardText, trap) {
            $0.hasPrefix("policy-dazu") || $0.hasPrefix("policy-yongqiang") || $0 == "consultation.yaml"
                || $0 == "application.yaml" || $0 == "routing-yongqiang.yaml"
        }
        #expect(errors.contains { $0.file == "policy-dazu.yaml" && $0.message.contains("no final state is reached") })
        #expect(errors.allSatisfy { $0.file != "policy-yongqiang.yaml" })
    }

    @Test func filesThatAreNone() throws {
        func errors(_ text: String) throws -> [String] {
            do {
                _ = try OrderLibrary.decode([OrderFile(name: "x.yaml", text: text)], profiles: [])
                return []
            } catch { return error.errors.map(\.description) }
        }
        #expect(try errors("kind: [").first?.hasPrefix("x.yaml:2:") == true)
        #expect(try errors("title: x").first?.contains("\"kind\" is missing") == true)
        #expect(try errors("kind: life\nid: x").first?.contains("kind: vocabulary") == true)
        #expect(try errors("kind: vocabulary").contains { $0.contains("\"alarms\" is missing") })
        #expect(throws: DocumentErrors.self) { try OrderLibrary.decode([], profiles: []) }
        // Two of a kind.
        var files = try Shipped.files()
        files.append(OrderFile(name: "zz.yaml", text: try #require(files.first { $0.name == "fault.yaml" }).text))
        #expect(throws: DocumentErrors.self) { try OrderLibrary.decode(files, profiles: Shipped.profiles()) }
    }
}
