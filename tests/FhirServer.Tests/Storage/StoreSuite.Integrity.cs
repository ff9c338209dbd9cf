using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;
using SearchParamType = Hl7.Fhir.Model.SearchParamType;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    [Fact]
    public async Task Referrers_are_found_through_every_reference_parameter_and_once_each()
    {
        var (subject, other) = (H.Param("Observation", "subject", SearchParamType.Reference), H.Param("Basic", "_reference", SearchParamType.Reference));
        var target = await H.CreateAsync("Patient", "p1");
        var a = await H.CreateAsync("Observation", "a", StoreHarness.Rows(target, new ReferenceRow(subject.Number, target)));
        var b = await H.CreateAsync("Basic", "b", StoreHarness.Rows(null, new ReferenceRow(other.Number, target)));

        var found = await Store.ReferrersAsync([target], [], 10, SystemPlans.Work, Ct);
        var but = await Store.ReferrersAsync([target], [a], 10, SystemPlans.Work, Ct);

        Assert.Equal([a, b], found.Some.Select(r => r.Sid));
        Assert.Equal([("Basic", 1L), ("Observation", 1L)], found.Counts.OrderBy(c => c.Type, StringComparer.Ordinal));
        Assert.Equal([b], but.Some.Select(r => r.Sid));
    }

    [Fact]
    public async Task A_plan_that_refers_to_what_was_deleted_meanwhile_is_stale()
    {
        var target = await H.CreateAsync("Patient", "p1");
        var mark = Store.DeletionMark;
        await H.CommitAsync(H.Write("Patient", "p1", target, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(), delete: true));
        var plan = new CommitPlan { DeletionMark = mark };
        plan.Targets.Add(target);
        plan.Writes.Add(H.Write("Observation", "a", Store.ReserveSids(1), StoreHarness.Rows()));

        Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(plan, Ct));
        Assert.Null(await H.ReadAsync("Observation", "a"));
    }

    [Fact]
    public async Task A_plan_that_deletes_what_something_refers_to_by_now_is_stale()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        var target = await H.CreateAsync("Patient", "p1");
        var delete = new CommitPlan { DeletesOnlyUnreferenced = true };
        delete.Writes.Add(H.Write("Patient", "p1", target, StoreHarness.Rows(), expected: 1, before: StoreHarness.Rows(), delete: true));
        await H.CreateAsync("Observation", "a", StoreHarness.Rows(null, new ReferenceRow(subject.Number, target)));

        Assert.IsType<CommitResult.Stale>(await Store.CommitAsync(delete, Ct));
        Assert.False((await H.ReadAsync("Patient", "p1"))!.IsDeleted);
    }
}
