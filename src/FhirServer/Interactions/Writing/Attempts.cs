using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Repeats a whole unit of work, conditions and all, while others keep writing first (reliability R-13).</summary>
internal static class Attempts
{
    private const int Most = 12;

    public static async Task<(IReadOnlyList<WriteOutcome>? Outcomes, FhirFault? Fault)> RunAsync(Func<Task<WriteResult>> attempt, CancellationToken ct)
    {
        for (var n = 1; ; n++)
        {
            switch (await attempt())
            {
                case WriteResult.Done done:
                    return (done.Outcomes, null);
                case WriteResult.Refused refused:
                    return (null, refused.Fault);
                case WriteResult.Stale stale when n == Most:
                    return (null, FhirFault.Busy(stale.What));
                default:
                    await Task.Delay(Random.Shared.Next(1, 4 << Math.Min(n, 6)), ct);
                    break;
            }
        }
    }
}
