namespace FhirEmr.Bench.Report;

/// <summary>Durations of one kind of request; safe to add to from several workers.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<double> _ms = [];

    public int Count => _ms.Count;

    public void Add(TimeSpan elapsed)
    {
        lock (_lock)
            _ms.Add(elapsed.TotalMilliseconds);
    }

    /// <summary>Median and 95th percentile in milliseconds, nearest rank; zeros when nothing was measured.</summary>
    public LatencySummary Summary()
    {
        lock (_lock)
        {
            if (_ms.Count == 0)
                return new LatencySummary(0, 0, 0, 0);
            var sorted = _ms.Order().ToArray();
            return new LatencySummary(sorted.Length, At(sorted, 0.50), At(sorted, 0.95), sorted[^1]);
        }
    }

    private static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

/// <summary>Milliseconds.</summary>
internal sealed record LatencySummary(int Count, double P50, double P95, double Max);
