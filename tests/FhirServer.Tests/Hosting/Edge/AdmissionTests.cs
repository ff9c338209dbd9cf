using System.Net;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>Bounded work and bounded waiting (reliability R-40).</summary>
public sealed class AdmissionTests
{
    private static readonly IPAddress Somebody = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Another = IPAddress.Parse("192.0.2.2");

    [Fact]
    public async Task Who_finds_no_turn_waits_and_goes_when_one_is_free()
    {
        using var admission = Make(reads: 1, queue: 1);
        var (first, _) = await admission.EnterAsync(Load.Read, Somebody, CancellationToken.None);

        var second = admission.EnterAsync(Load.Read, Another, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        first!.Dispose();

        Assert.NotNull((await second).Place);
    }

    [Fact]
    public async Task Beyond_the_queue_it_is_503_and_429_for_the_client_that_fills_it()
    {
        using var admission = Make(reads: 2, queue: 2);
        for (var i = 0; i < 2; i++)
            Assert.NotNull((await admission.EnterAsync(Load.Read, Somebody, CancellationToken.None)).Place);
        using var leave = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 2).Select(_ => admission.EnterAsync(Load.Read, Somebody, leave.Token).AsTask()).ToArray();

        Assert.Equal(503, (await admission.EnterAsync(Load.Read, Another, CancellationToken.None)).Fault!.Status);
        Assert.Equal(429, (await admission.EnterAsync(Load.Read, Somebody, CancellationToken.None)).Fault!.Status);
        Assert.Equal(503, (await admission.EnterAsync(Load.Read, IPAddress.Loopback, CancellationToken.None)).Fault!.Status);

        await leave.CancelAsync();
        foreach (var wait in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Waiting_has_an_end()
    {
        using var admission = Make(reads: 1, queue: 5, wait: TimeSpan.FromMilliseconds(1));
        Assert.NotNull((await admission.EnterAsync(Load.Read, null, CancellationToken.None)).Place);

        Assert.Equal(503, (await admission.EnterAsync(Load.Read, null, CancellationToken.None)).Fault!.Status);
    }

    [Fact]
    public async Task Lanes_do_not_block_each_other()
    {
        using var admission = Make(reads: 1, queue: 0);
        Assert.NotNull((await admission.EnterAsync(Load.Read, null, CancellationToken.None)).Place);

        Assert.NotNull((await admission.EnterAsync(Load.Write, null, CancellationToken.None)).Place);
        Assert.NotNull((await admission.EnterAsync(Load.Heavy, null, CancellationToken.None)).Place);
    }

    [Theory]
    [InlineData("GET", "Patient/1", 0, "Read")]
    [InlineData("GET", "metadata", 0, "Read")]
    [InlineData("GET", "Patient?name=x", 0, "Read")]
    [InlineData("GET", "Observation?patient=Patient/1&_has:Provenance:target:agent=x", 0, "Read")]
    [InlineData("GET", "Observation?subject.name=x", 0, "Heavy")]
    [InlineData("GET", "Patient?name:contains=x", 0, "Heavy")]
    [InlineData("GET", "_history", 0, "Heavy")]
    [InlineData("GET", "Patient/1/$everything", 0, "Heavy")]
    [InlineData("POST", "Patient", 1000, "Write")]
    [InlineData("POST", "", 1000, "Write")]
    [InlineData("POST", "", 2_000_000, "Heavy")]
    [InlineData("POST", "Patient", 2_000_000, "Write")]
    [InlineData("POST", "Patient/_search", 10, "Read")]
    [InlineData("DELETE", "Patient/1", 0, "Write")]
    public void Requests_are_told_apart_by_what_they_cost(string method, string url, int bytes, string lane)
    {
        var mark = url.IndexOf('?', StringComparison.Ordinal);
        var request = new FhirRequest(method, FhirTarget.Parse(mark < 0 ? url : url[..mark], out _)!, Caller.Anonymous)
        {
            Query = FhirEmr.FhirServer.Search.Query.QueryString.Parse(mark < 0 ? null : url[mark..]),
            BaseUrl = "",
        };

        Assert.Equal(lane, Admission.LoadOf(request, bytes).ToString());
    }

    private static Admission Make(int reads, int queue, TimeSpan? wait = null) =>
        new(Options.Create(new EdgeOptions { Reads = reads, Queue = queue, QueueTime = wait ?? TimeSpan.FromMinutes(1) }));
}
