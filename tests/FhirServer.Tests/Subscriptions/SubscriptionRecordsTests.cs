using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Subscriptions;

namespace FhirEmr.FhirServer.Tests.Subscriptions;

public sealed class SubscriptionRecordsTests
{
    /// <summary>A Task that is worked off must not hide that the subscription failed once more.</summary>
    [Fact]
    public async Task Only_a_task_that_is_still_open_stands_for_a_failure()
    {
        var asked = new List<FhirRequest>();
        var records = new SubscriptionRecords((request, _) =>
        {
            asked.Add(request);
            return Task.FromResult(new FhirReply(201));
        });

        await records.ReportAsync(new("Subscription", "s1"), "1.0", "It answered 410.", "http://test/fhir", TestContext.Current.CancellationToken);

        var query = FhirEmr.FhirServer.Search.Query.QueryString.Parse(Assert.Single(asked).Headers.IfNoneExist);
        Assert.Equal(("identifier", "urn:fhiremr:subscription-failure|s1.1.0"), (query[0].Key, query[0].Value));
        Assert.Equal("status", query[1].Key);
        Assert.Contains("requested", query[1].Value.Split(','));
        Assert.Empty(query[1].Value.Split(',').Intersect(["completed", "cancelled", "failed", "rejected", "entered-in-error"]));
    }
}
