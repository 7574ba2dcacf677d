import Reprise
import Testing

@testable import Ticketing

@Suite struct SeatMapTests {
    private func sell(_ seats: some Sequence<String>, _ shop: Shop) async throws {
        var ids: [String] = []
        for seat in seats { ids.append(try await shop.submit(seat, "user of \(seat)")) }
        for id in ids { #expect(try await shop.outcome(id) == "Booking Confirmed") }
    }

    @Test func theLastSeatBeginsANewRound() async throws {
        let shop = try Shop()
        try await sell(Venue.seatIDs.dropLast(), shop)
        #expect(try await shop.map().filter { $0.status == .sold }.count == 49)
        #expect(!shop.runtime.lines.contains("All seats sold! Triggering auto-reset..."))
        for round in 1...2 {
            #expect(try await shop.checkout("seat-50", "last") == #""Booking Confirmed""#)
            try await shop.audit(Venue.seatIDs, confirmed: 50 * round)
            let map = try await shop.map()
            #expect(map.count == 50)
            #expect(map.allSatisfy { $0.status == .available })
            for seat in Venue.seatIDs { #expect(try await shop.ticket(seat) == Shop.untouched) }
            if round == 1 { try await sell(Venue.seatIDs.dropLast(), shop) }
        }
        #expect(
            shop.runtime.lines.filter { !$0.hasPrefix("[DEBUG]") } == [
                "All seats sold! Triggering auto-reset...", "GameManager: Executing async reset-all-seats...",
                "All seats sold! Triggering auto-reset...", "GameManager: Executing async reset-all-seats...",
            ])
    }

    @Test func seatsOutsideTheVenueAreNotCounted() async throws {
        let shop = try Shop()
        try await sell(["seat-1"], shop)
        try await sell((1...60).map { "x-\($0)" }, shop)
        #expect(try await shop.map().count == 61)
        #expect(try await shop.ticket("seat-1").contains("SOLD"))
        try await sell(Venue.seatIDs.dropFirst(), shop)
        try await shop.audit(Venue.seatIDs + ["x-1", "x-60"], confirmed: 110)
        #expect(try await shop.map().filter { $0.status == .sold }.count == 60, "they stay sold")
        try await sell(["seat-7"], shop)
        #expect(try await shop.view("seat-7") == .sold)
    }

    @Test(arguments: ["GameManager/reset", "SeatMap/global/reset", "SeatMap/global/resetAll"], ["", "{}"])
    func anyoneCanResetTheVenue(_ path: String, _ body: String) async throws {
        let shop = try Shop()
        for seat in ["seat-3", "seat-1", "seat-2", "x"] { try await sell([seat], shop) }
        #expect(try await shop.runtime.request(path, body) == "")
        try await shop.runtime.settle()
        let map = try await shop.map()
        #expect(map.filter { Venue.contains($0.id) && $0.status == .available }.count == 50)
        #expect(map.prefix(4).map(\.id) == ["seat-3", "seat-1", "seat-2", "x"])
        for seat in ["seat-1", "seat-2", "seat-3"] { #expect(try await shop.ticket(seat) == Shop.untouched) }
        #expect(try await shop.ticket("x").contains("SOLD"))
        #expect(shop.runtime.lines.filter { $0.hasPrefix("GameManager") }.count == 1)
    }

    @Test func aSetIsCheckedAndListedInOrder() async throws {
        let shop = try Shop()
        for body in [
            "", "{}", #"{"seatId":"a"}"#, #"{"seatId":"a","status":"FREE"}"#, #"{"seatId":"","status":"SOLD"}"#,
        ] {
            #expect(try await shop.runtime.refusal("SeatMap/global/set", body)?.code == 400)
        }
        for seat in ["b", "a", "c"] {
            #expect(
                try await shop.runtime.request("SeatMap/global/set", #"{"seatId":"\#(seat)","status":"SOLD"}"#)
                    == "true")
        }
        _ = try await shop.runtime.request("SeatMap/global/set", #"{"seatId":"b","status":"AVAILABLE"}"#)
        #expect(
            try await shop.runtime.request("SeatMap/global/get")
                == #"[{"id":"b","status":"AVAILABLE"},{"id":"a","status":"SOLD"},{"id":"c","status":"SOLD"}]"#)
    }

    @Test func olderReportsAreDropped() async throws {
        let shop = try Shop()
        let map = shop.runtime.client.object(SeatMap.self, key: "global")
        for (status, version, expected) in [
            (SeatStatus.sold, 4, SeatStatus.sold), (.reserved, 3, .sold), (.available, 4, .sold),
            (.available, 5, .available),
        ] {
            _ = try await map.call(SeatMap.set, SeatUpdate(seatId: "seat-1", status: status, version: version))
            #expect(try await shop.view("seat-1") == expected)
        }
    }

    @Test func theCountSurvivesEveryChange() async throws {
        let shop = try Shop()
        try await sell(Venue.seatIDs.dropLast(), shop)
        _ = try await shop.runtime.request("Ticket/seat-9/release")
        try await shop.runtime.settle()
        try await sell(["seat-50"], shop)
        #expect(!shop.runtime.lines.contains("All seats sold! Triggering auto-reset..."), "49 are sold again")
        try await sell(["seat-9"], shop)
        #expect(shop.runtime.lines.contains("All seats sold! Triggering auto-reset..."))
        try await shop.audit(Venue.seatIDs, confirmed: 51)
    }

    @Test func aSetIsSmall() async throws {
        let shop = try Shop()
        try await sell((1...30).map { "seat-\($0)" }, shop)
        let journals = await shop.runtime.invocations(of: SeatMap.set).map(\.journal.count)
        #expect(journals.count == 60)
        #expect(journals.allSatisfy { $0 <= 4 })
    }
}
