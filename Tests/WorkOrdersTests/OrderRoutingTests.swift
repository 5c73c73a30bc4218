import Testing
import WorkOrders

@Suite struct OrderRoutingTests {
    private func route(_ category: String, _ fields: [String: String]) throws -> OrderRouting.Route? {
        let library = try Shipped.library.get()
        let routing = try #require(library.routings["yongqiang"])
        return routing.route(category: category, fields: fields, vocabulary: library.vocabulary)
    }

    /// The eight rules of 002 四, row by row, with their copies.
    @Test(
        arguments: [
            ("complaint", "conduct", ["party_office"], []), ("report", "conduct", ["party_office"], []),
            ("report", "theft", ["inspection"], ["marketing"]), ("complaint", "power_quality", ["production"], []),
            ("information", "facility_protection", ["safety"], []),
            ("fault", "fault", ["repair_centre", "power_station"], []),
            ("business", "connection", ["customer_centre", "power_station"], ["marketing"]),
            ("consultation", "outage", ["dispatching", "load_office"], []),
            ("complaint", "other", ["marketing"], []), ("consultation", "conduct", ["marketing"], []),
        ] as [(String, String, [String], [String])])
    func eightRules(_ category: String, _ topic: String, _ to: [String], _ copies: [String]) throws {
        let route = try #require(try route(category, ["topic": topic]))
        #expect(route.departments == to && route.copies == copies)
        #expect(route.clause.hasPrefix("002 四") && !route.duty.isEmpty && route.withheld.isEmpty)
    }

    @Test func theItemTellsTheTopic() throws {
        #expect(try route("complaint", ["item": "dazu/attitude"])?.departments == ["party_office"])
        #expect(try route("complaint", ["item": "zhejiang/i15"])?.rule == "r5")
        #expect(try route("complaint", ["item": "dazu/price"])?.rule == "r8")
        #expect(try route("complaint", [:])?.rule == "r8")
        // Where nobody has said it, a fault is about a fault and an application about a connection.
        #expect(try route("fault", [:])?.departments == ["repair_centre", "power_station"])
        #expect(try route("business", [:])?.departments == ["customer_centre", "power_station"])
        #expect(try route("fault", ["item": "zhejiang/unknown"])?.rule == "r8")
    }

    @Test func confidentialReportsGoPastThoseTheyAreAbout() throws {
        func about(_ department: String, _ topic: String) throws -> OrderRouting.Route? {
            try route(
                "report", ["topic": topic, "confidential": "yes", "reported_department": department])
        }
        let conduct = try #require(try about("party_office", "conduct"))
        #expect(conduct.departments == ["discipline"] && conduct.withheld == ["party_office"])
        #expect(conduct.rule == "confidential")
        // A copy is kept from them, too.
        let theft = try #require(try about("marketing", "theft"))
        #expect(theft.departments == ["inspection"] && theft.copies.isEmpty && theft.withheld == ["marketing"])
        // Where two could have it, the other has it.
        #expect(try about("repair_centre", "fault")?.departments == ["power_station"])
        // Not confidential, the department answers for itself.
        #expect(try route("complaint", ["topic": "conduct", "reported_department": "party_office"])?.rule == "r1")
        // For every department and topic: never to those it is about.
        let library = try Shipped.library.get()
        for department in library.vocabulary.departments.keys {
            for topic in Set(library.vocabulary.items.values).union(["theft", "outage"]) {
                let route = try #require(try about(department, topic))
                #expect(!(route.departments + route.copies).contains(department))
                #expect(!route.departments.isEmpty)
            }
        }
    }

    @Test func whatTheTableSaysTheLifeKeeps() throws {
        var walk = try Walk("report", "yongqiang")
        var fields = Walk.named
        fields["reported_department"] = "power_station"
        try walk.step("accept", "agent", fields)
        // A report is confidential without anybody saying so.
        #expect(walk.life.fields["confidential"] == "yes")
        try walk.step("audit", "leader", ["verdict": "passed"])
        #expect(try walk.refused("dispatch", "leader", ["department": "power_station"])?.code == .confidential)
        #expect(
            try walk.refused(
                "dispatch", "leader", ["department": "party_office", "copies": "marketing, power_station"])?
                .code == .confidential)
        try walk.step("dispatch", "leader", ["department": "party_office", "copies": "marketing"])
        // Nor may they look into it by doing something.
        #expect(try walk.refused("note", "station", ["note": "谁举报的"])?.code == .confidential)
        #expect(walk.life.possible(for: try #require(Walk.people["station"])).isEmpty)
    }

    @Test func protectedLaterItMustBeTakenBackFirst() throws {
        var walk = try Walk("complaint", "dazu")
        try walk.step("accept", "agent", Walk.named)
        try walk.step("audit", "leader", ["verdict": "passed"])
        try walk.step("dispatch", "leader", ["department": "power_station"])
        let protect = ["reported_department": "power_station"]
        #expect(try walk.refused("protect", "leader", protect)?.code == .confidential)
        try walk.step("recall", "leader", why: "涉及该所")
        try walk.step("protect", "leader", protect)
        #expect(try walk.refused("dispatch", "leader", ["department": "power_station"])?.code == .confidential)
        try walk.step("dispatch", "leader", ["department": "party_office"])
    }
}

@Suite struct TaxonomyTests {
    @Test func fourClassesAndSeventeenItems() throws {
        let taxonomy = try #require(try Shipped.library.get().taxonomies["dazu"])
        #expect(taxonomy.classes.map(\.items.count) == [2, 6, 8, 1])
        #expect(taxonomy.classes.map(\.title) == ["服务规范类", "营销管理类", "运行维护类", "供电方宣传责任类"])
        #expect(taxonomy.items.first { $0.id == "connection" }?.parts == ["一户一表", "其它"])
    }

    @Test func nineteenAcceptanceItems() throws {
        let taxonomy = try #require(try Shipped.library.get().taxonomies["zhejiang"])
        #expect(taxonomy.items.map(\.id) == (1...19).map { "i\($0)" })
        #expect(taxonomy.items.allSatisfy { !$0.title.isEmpty })
    }

    @Test func itemsAreAskedFor() throws {
        var walk = try Walk("complaint", "dazu")
        var fields = Walk.named
        fields["item"] = "dazu/rudeness"
        #expect(try walk.refused("accept", "agent", fields)?.code == .fieldBad)
        fields["item"] = "zhejiang/i1"
        try walk.step("accept", "agent", fields)
    }
}
