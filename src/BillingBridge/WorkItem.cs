using FhirEmr.BillingBridge.Denials;

namespace FhirEmr.BillingBridge;

/// <summary>The work to do next.</summary>
/// <param name="Task">The Task.</param>
/// <param name="Late">What is late, first of all; null when nothing is.</param>
/// <param name="DaysLeft">Until the deadline, negative when it passed; null without one.</param>
/// <param name="Next">What to do, by today's limits and history.</param>
/// <param name="Waiting">Open Tasks that the caller may see, this one among them.</param>
public sealed record WorkItem(FhirTask Task, string? Late, int? DaysLeft, NextStep? Next, int Waiting);
