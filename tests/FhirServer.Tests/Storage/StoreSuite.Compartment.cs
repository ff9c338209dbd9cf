using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using SearchParamType = Hl7.Fhir.Model.SearchParamType;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_compartment_comes_in_pages_that_hold_each_resource_once()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var performer = H.Param("Observation", "performer", SearchParamType.Reference);
        var other = await H.CreateAsync("Practitioner", "d", owner: null);
        var patient = Store.ReserveSids(1);
        await H.CreateAsync("Patient", "p", StoreHarness.Rows(patient), patient);
        for (var i = 0; i < 5; i++)
            await H.CreateAsync("Observation", $"o{i}", StoreHarness.Rows(patient, new ReferenceRow(subject.Number, patient), new ReferenceRow(performer.Number, patient)),
                more: """,  "performer":[{"reference" : "Practitioner/d"},{"reference":"Patient/p"}]""");

        var seen = new List<string>();
        var query = new CompartmentQuery(new ResourceKey("Patient", "p")) { Members = [subject.Number, performer.Number], AllMembers = [subject.Number, performer.Number], Count = 2 };
        for (CompartmentPosition? after = CompartmentPosition.Start; after is { } position;)
        {
            var page = await Store.CompartmentAsync(query with { After = position }, SystemPlans.Work, Ct);
            Assert.InRange(page.Members.Count + page.Referred.Count, 1, 2);
            seen.AddRange(page.Members.Concat(page.Referred).Select(r => r.Key.ToString()));
            after = page.Next;
        }

        Assert.Equal(["Patient/p", "Observation/o0", "Observation/o1", "Observation/o2", "Observation/o3", "Observation/o4", "Practitioner/d"], seen);
        Assert.True(other > 0);
    }

    [Fact]
    public async Task Care_outside_the_range_is_left_out_and_undated_care_is_not()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var date = H.Param("Observation", "date", SearchParamType.Date);
        var onset = H.Param("Condition", "onset-date", SearchParamType.Date);
        var ended = H.Param("Condition", "abatement-date", SearchParamType.Date);
        var patient = Store.ReserveSids(1);
        await H.CreateAsync("Patient", "q", StoreHarness.Rows(patient), patient);
        async Task Add(string id, params (int Param, int Day)[] days) => await H.CreateAsync("Observation", id, StoreHarness.Rows(patient,
            [new ReferenceRow(subject.Number, patient), .. days.Select(d => (object)new DateRow(d.Param, d.Day * 86_400_000L, (d.Day + 1) * 86_400_000L, d.Day, d.Day + 1))]));
        await Add("before", (date.Number, 9));
        await Add("first", (date.Number, 10));
        await Add("both", (date.Number, 5), (date.Number, 15));
        await Add("last", (date.Number, 19));
        await Add("behind", (date.Number, 20));
        await Add("none");
        await Add("lasting", (onset.Number, 1));
        await Add("over", (onset.Number, 1), (ended.Number, 9));
        await Add("later", (onset.Number, 20));

        var query = new CompartmentQuery(new ResourceKey("Patient", "q"))
        {
            Members = [subject.Number],
            AllMembers = [subject.Number],
            Count = 50,
            Dates = new(10, 20, [date.Number], [onset.Number], [ended.Number]),
            Since = 1,
        };
        var one = await Store.CompartmentAsync(query, SystemPlans.Work, Ct);
        var all = await Store.CompartmentAsync(query with { Anchor = null, Types = ["Observation"], References = [subject.Number] }, SystemPlans.Work, Ct);

        string[] expected = ["first", "both", "last", "none", "lasting"];
        Assert.Equal(expected, one.Members.Skip(1).Select(m => m.Key.Id));
        Assert.Equal(expected, all.Members.Select(m => m.Key.Id));
    }

    [Fact]
    public async Task Commits_have_an_order_in_which_each_is_settled()
    {
        var first = await H.CreateAsync("Patient", "c1", owner: null);
        var second = await H.CreateAsync("Patient", "c2", owner: null);
        await H.CommitAsync(H.Write("Patient", "c1", first, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows()));

        // PostgreSQL counts transactions of all its databases: one of another test may still be running.
        IReadOnlyList<CommitPosition> positions = [];
        for (var patience = 0; patience < 600 && !(positions is [_, ..] && positions.All(p => p.IsSettled)); patience++)
        {
            await Task.Delay(patience == 0 ? 0 : 50, Ct);
            positions = await Store.CommitPositionsAsync([first, second], SystemPlans.Work, Ct);
        }

        Assert.Equal([(first, 1), (second, 1), (first, 2)], positions.OrderBy(p => p.Sequence).Select(p => (p.Sid, p.Version)));
        Assert.All(positions, p => Assert.True(p.IsSettled));
    }
}
