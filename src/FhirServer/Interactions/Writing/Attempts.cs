using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Repeats a whole unit of work, conditions and all, while others keep writing first (reliability R-13).</summary>
internal static class Attempts
{
    private const int Most = 12;
    private const int Patience = 3;

    /// <summary>Who has lost several times goes on alone among the losers: of many that want one resource, each gets its turn.</summary>
    private static readonly SemaphoreSlim Alone = new(1, 1);

    public static async Task<(IReadOnlyList<WriteOutcome>? Outcomes, FhirFault? Fault)> RunAsync(Func<Task<WriteResult>> attempt, CancellationToken ct)
    {
        var alone = false;
        try
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
                    case var _ when n == Patience:
                        await Alone.WaitAsync(ct);
                        alone = true;
                        break;
                    default:
                        await Task.Delay(Random.Shared.Next(1, 4 << Math.Min(n, alone ? 2 : 6)), ct);
                        break;
                }
            }
        }
        finally
        {
            if (alone)
                Alone.Release();
        }
    }
}
