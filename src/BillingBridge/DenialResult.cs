namespace FhirEmr.BillingBridge;

/// <summary>What became of a step in the work on a denial.</summary>
public abstract record DenialResult
{
    private DenialResult()
    {
    }

    /// <summary>Stored, now or by an earlier call of the same meaning: the Task as it is.</summary>
    public sealed record Done(FhirTask Task) : DenialResult;

    /// <summary>There is no such Task.</summary>
    public sealed record NoSuchTask(string TaskId) : DenialResult;

    /// <summary>Nothing was changed, and why.</summary>
    public sealed record Refused(string Why) : DenialResult;
}
