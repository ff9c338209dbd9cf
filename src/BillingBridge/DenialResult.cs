using FhirEmr.BillingBridge.Denials;
using Hl7.Fhir.Model;

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

/// <summary>An accepted pattern, or why it was not.</summary>
public abstract record PatternResult
{
    private PatternResult()
    {
    }

    /// <summary>The rule that looks for it from now on.</summary>
    public sealed record Accepted(Basic Rule) : PatternResult;

    /// <summary>Nothing was changed, and why.</summary>
    public sealed record Refused(string Why) : PatternResult;
}

/// <summary>The work to do next.</summary>
/// <param name="Task">The Task.</param>
/// <param name="Late">What is late, first of all; null when nothing is.</param>
/// <param name="DaysLeft">Until the deadline, negative when it passed; null without one.</param>
/// <param name="Next">What to do, by today's limits and history.</param>
/// <param name="Waiting">Open Tasks looked at, this one among them.</param>
public sealed record WorkItem(FhirTask Task, string? Late, int? DaysLeft, NextStep? Next, int Waiting);

/// <summary>What a person says with an appeal.</summary>
/// <param name="Basis">Why the payer should decide otherwise; null takes the words of the denial.</param>
/// <param name="GoodCause">Why it comes late; needed when the limit has passed.</param>
/// <param name="Letter">A letter of their own; null drafts one.</param>
/// <param name="Attachments">References of records to enclose; null takes the signed notes of the visit.</param>
public sealed record AppealRequest(string? Basis, string? GoodCause, string? Letter, IReadOnlyList<string>? Attachments);

/// <summary>What a person says with an accepted pattern.</summary>
/// <param name="Pattern"><see cref="DenialPattern.Id"/>.</param>
/// <param name="Message">What the rule tells the biller; null drafts one.</param>
/// <param name="Rejects">Whether the rule holds the claim rather than warns.</param>
/// <param name="ReviewOn">When the rule is looked at again; null is a year from today.</param>
public sealed record PatternAcceptance(string Pattern, string? Message, bool Rejects, DateOnly? ReviewOn);
