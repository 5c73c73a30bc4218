import Documents
import Foundation
import Norms
import Testing

/// The profiles that are shipped, against the documents they are made of.
@Suite struct ShippedProfileTests {
    @Test func everyProfileIsReadWithoutAWarning() throws {
        let names = try Shipped.names()
        #expect(names.count >= 26)
        for name in names {
            let (profile, warnings) = try Shipped.read(name)
            #expect(warnings.isEmpty, "\(warnings)")
            #expect("\(profile.id).yaml" == name)
        }
    }

    /// A limit's figure stands in its quotation: `decode` warns where it does not, so no warning means that it does.
    @Test func aFigureThatIsNotInItsQuotationIsWarnedOf() throws {
        let text = try Checkout.text("norms/yongqiang.yaml").replacing("{within: 4 rings}", with: "{within: 3 rings}")
        let warnings = try NormProfile.decode(text, file: "yongqiang.yaml").warnings
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.message == "the quotation of rule \"yq-rings\" does not contain its figure, within 3 rings")
        let sums = try Checkout.text("norms/dazu.yaml").replacing("yuan_at_least: 1000", with: "yuan_at_least: 900")
        #expect(try NormProfile.decode(sums, file: "dazu.yaml").warnings.count == 1)
    }

    @Test func theDocumentsOfTheIssueEachHaveTheirProfile() throws {
        let sources = Set(try Shipped.profiles().flatMap { $0.sources.map(\.key) })
        for key in [
            "000-A", "000-B", "000-C", "000-D", "000-E", "000-F", "000-G", "000-H", "000-I", "000-J", "000-K", "000-L",
            "000-M", "000-N", "000-P", "001", "002", "003", "004-1", "004-2", "004-3", "004-4", "004-5",
        ] { #expect(sources.contains(key), "\(key)") }
        let shorts = try Shipped.profiles().map(\.short)
        #expect(Set(shorts).count == shorts.count)
    }

    @Test func conflictsStayApart() throws {
        func limit(_ profile: String, _ id: String) throws -> String? {
            try Shipped.rule(profile, id).limit?.description
        }
        // norms.md A14.
        #expect(try limit("yongqiang", "yq-rings") == "within 4 rings")
        #expect(try limit("dazu", "dz-rings") == "within 5 rings")
        #expect(try limit("gbt-33358", "gb-15-seconds") == "within 15 seconds")
        #expect(try limit("yongqiang", "yq-complaint") == "within 10 working days")
        #expect(try limit("dazu", "dz-reply") == "within 4 working days")
        #expect(try limit("supply-station", "gds-complaint") == "within 3 working days")
        #expect(try limit("guangde", "gd-feedback") == "within 5 working days")
        #expect(try limit("marketing", "mk-solve") == "within 5 days")
        #expect(try limit("supply-station", "gds-report") == "within 5 working days")
        #expect(try limit("yongqiang", "yq-dispatch") == "at once")
        #expect(try limit("dazu", "dz-dispatch") == "within 1 hour")
        #expect(try limit("dazu", "dz-plan-low-voltage") == "within 3 working days")
        #expect(try limit("zhejiang", "zj-plan-low-voltage") == "within 7 working days")
        #expect(try limit("dazu", "dz-meter-low") == "within 3 days")
        #expect(try limit("zhejiang", "zj-energise-residential") == "within 3 working days")
        #expect(try limit("supply-station", "gds-box") == "every 5 days")
        #expect(try limit("guangde", "gd-box") == "every 1 day")
        #expect(try limit("supply-station", "gds-reception") == "every monday")
        #expect(try limit("marketing", "mk-reception") == "every 1 month")
    }

    @Test func extensionsSayWhoHowMuchAndWhetherTheCustomerIsTold() throws {
        let yongqiang = try #require(try Shipped.rule("yongqiang", "yq-complaint").prolongation)
        #expect(yongqiang.approvedBy == ["領導"] && yongqiang.total == NormAmount(30, .workingDays))
        #expect(!yongqiang.isCustomerToldFirst)
        let dazu = try #require(try Shipped.rule("dazu", "dz-reply").prolongation)
        #expect(dazu.approvedBy == ["公司"] && dazu.total == nil && dazu.isCustomerToldFirst)
        let station = try #require(try Shipped.rule("supply-station", "gds-complaint").prolongation)
        #expect(station.approvedBy.isEmpty && station.total == nil)
    }

    @Test func theFloorsOf严重StandAboveThoseOf重大AndAreFlagged() throws {
        let dazu = try Shipped.profile("dazu")
        func amounts(_ trigger: NormPenalty.Trigger) -> [NormPenalty] {
            dazu.penalties.filter { $0.trigger == trigger }
        }
        #expect(amounts(.majorEvent).map(\.amount) == [800, 600, 500, 300, 300].map { .atLeast($0) })
        #expect(amounts(.seriousEvent).map(\.amount) == [1000, 800, 600, 400, 400].map { .atLeast($0) })
        for penalty in amounts(.majorEvent) + amounts(.seriousEvent) {
            #expect(penalty.anomaly != nil, "\(penalty.id)")
        }
        #expect(dazu.anomalies.count >= 10)
    }

    @Test func sumsAreThoseOfTheDocuments() throws {
        func amount(_ profile: String, _ id: String) throws -> NormPenalty.Amount? {
            try Shipped.profile(profile).penalty(id)?.amount
        }
        #expect(try amount("yongqiang", "yq-late") == .exactly(50))
        #expect(try Shipped.profile("yongqiang").penalty("yq-late")?.per == .personDay)
        #expect(try amount("yongqiang", "yq-unqualified") == .exactly(50))
        #expect(try amount("yongqiang", "yq-repeated") == .exactly(100))
        #expect(try amount("dazu", "dz-work-fault") == .range(100, 200))
        #expect(try amount("dazu", "dz-cold") == .range(200, 500))
        #expect(try amount("dazu", "dz-rude") == .range(300, 600))
        #expect(try amount("dazu", "dz-double") == .times(2))
        #expect(try amount("dazu", "dz-false-reply") == .exactly(500))
        let marketing = try Shipped.profile("marketing").penalties.map(\.amount)
        #expect(marketing == [.unstated, .exactly(20), .exactly(50), .exactly(20), .exactly(100)])
    }

    @Test func whatIsNotJudgedSaysWhy() throws {
        for rule in try Shipped.profiles().flatMap(\.rules) {
            if case .notJudged(let reason) = rule.judgement { #expect(reason.count > 20, "\(rule.id)") }
        }
    }

    @Test func quotationsAreLookedForInTheDocuments() throws {
        let marketing = try Shipped.profile("marketing")
        let document = """
            9、实行首位责任制,如有客户投诉一次
            罚款20元。
            """
        let found = marketing.quotations(in: ["000-P": document])
        #expect(found.compared == marketing.rules.count + marketing.penalties.count)
        #expect(!found.missing.contains("mk-any") && found.missing.contains("mk-promised"))
        #expect(marketing.quotations(in: ["002": document]).compared == 0)
    }

    @Test func partBHasItsEvidence() throws {
        let regulation = try Shipped.profile("regulation-2010")
        #expect(regulation.rule("rg-complaint")?.evidence == .thirdParty)
        #expect(regulation.rule("rg-arrival-urban")?.evidence == .general)
        #expect(try Shipped.rule("sgcc-promises", "sg-complaint").evidence == .thirdParty)
        #expect(try Shipped.rule("sgcc-huaian-2021", "ha-complaint").evidence == .read)
        // Only where the document was not at hand is anything retold.
        for rule in try Shipped.profiles().flatMap(\.rules) where rule.evidence == .document {
            guard case .quote = rule.words else {
                Issue.record("\(rule.id) is retold")
                continue
            }
        }
    }
}
