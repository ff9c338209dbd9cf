namespace FhirEmr.BillingBridge.Channels;

/// <summary>When to try again, when to leave a destination alone, when to give up: the one policy of everything that goes to the outside (reliability R-24).</summary>
/// <remarks>
/// A file: exponential back-off with full jitter, at most an hour apart, given up a day after its first failure. A destination: after some failures
/// in a row nothing is sent there for a while, then one try decides. The files' state is kept with the files; that of destinations is not worth keeping.
/// </remarks>
/// <param name="time">Now.</param>
/// <param name="jitter">A number from 0 to 1, each time another; random when null.</param>
public sealed class DeliveryPolicy(TimeProvider time, Func<double>? jitter = null)
{
    /// <summary>Before the second try, at most.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(30);

    /// <summary>Between two tries, at most.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromHours(1);

    /// <summary>After the first failure.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromHours(24);

    /// <summary>In a row, before a destination is left alone.</summary>
    public const int FailuresToOpen = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Breaker> _breakers = [];

    /// <summary>How long to wait after so many failures: anything up to a bound that doubles, so that many waiting files do not come at once.</summary>
    public TimeSpan DelayAfter(int failures) => Bound(failures) * Math.Clamp((jitter ?? Random.Shared.NextDouble)(), 0, 1);

    public bool IsGivenUp(DateTimeOffset firstFailure) => time.GetUtcNow() - firstFailure >= GiveUp;

    /// <summary>Whether a destination may be tried now; null, or when it may be tried again.</summary>
    /// <remarks>When its rest is over, one caller may try; the others wait for what comes of that.</remarks>
    public DateTimeOffset? ClosedUntil(string destination)
    {
        lock (_lock)
        {
            if (!_breakers.TryGetValue(destination, out var breaker) || breaker.Failures < FailuresToOpen)
                return null;
            if (time.GetUtcNow() < breaker.OpenUntil)
                return breaker.OpenUntil;

            breaker.OpenUntil = time.GetUtcNow() + FirstDelay; // should the one who tries never come back
            return null;
        }
    }

    public void Succeeded(string destination)
    {
        lock (_lock)
            _breakers.Remove(destination);
    }

    public void Failed(string destination)
    {
        lock (_lock)
        {
            if (!_breakers.TryGetValue(destination, out var breaker))
                _breakers[destination] = breaker = new Breaker();
            breaker.Failures++;
            if (breaker.Failures >= FailuresToOpen)
                breaker.OpenUntil = time.GetUtcNow() + (Bound(breaker.Failures - FailuresToOpen + 1) / 2) + (DelayAfter(breaker.Failures - FailuresToOpen + 1) / 2);
        }
    }

    private static TimeSpan Bound(int failures)
    {
        // 30 s doubled seven times is past the cap: larger powers are not worked out.
        var bound = FirstDelay * Math.Pow(2, Math.Clamp(failures - 1, 0, 16));
        return bound < Cap ? bound : Cap;
    }

    private sealed class Breaker
    {
        public int Failures { get; set; }

        public DateTimeOffset OpenUntil { get; set; }
    }
}
