namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>A clock that stands at an instant: what "now" was then.</summary>
internal sealed class PastClock(DateTimeOffset instant) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => instant;
}
