using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>One claim on its way to one commit: the claim as it will be, and a Provenance for every stage it went through.</summary>
internal sealed class StageWalk(Claim original, ResourceReference who, DateTimeOffset when)
{
    /// <summary>The claim as read.</summary>
    public Claim Original { get; } = original;

    /// <summary>The claim as it will be; <see cref="Original"/> itself until something changes.</summary>
    public Claim Current { get; private set; } = original;

    public List<Provenance> Provenances { get; } = [];

    public bool IsChanged => !ReferenceEquals(Current, Original);

    /// <summary>Moves on; the refusal when the table does not have the change, and then nothing has changed.</summary>
    public OperationOutcome? MoveTo(string stage, string why)
    {
        switch (StageTransitions.Move(Current, stage, why, who, when, step: Provenances.Count))
        {
            case StageChange.Moved moved:
                Current = moved.Claim;
                Provenances.Add(moved.Provenance);
                return null;
            case StageChange.Refused refused:
                return refused.Outcome;
            default:
                throw new System.Diagnostics.UnreachableException("A stage change is made or refused.");
        }
    }

    /// <summary>
    /// Moves on by what a payer or clearinghouse says; false when the claim is past that or not with them. A claim still queued goes
    /// through <c>submitted</c>: the answer proves that the file arrived before we noted so.
    /// </summary>
    public bool TryAnswer(string stage, string why)
    {
        var isQueued = Current.Stage() == ClaimStage.Queued;
        var from = isQueued ? ClaimStage.Submitted : Current.Stage();
        if (from is null || from == stage || !StageTransitions.IsAllowed(from, stage))
            return false;
        if (isQueued)
            MoveTo(ClaimStage.Submitted, why);
        return MoveTo(stage, why) is null;
    }

    /// <summary>Changes something other than the stage.</summary>
    public void Change(Action<Claim> change)
    {
        if (!IsChanged)
            Current = (Claim)Original.DeepCopy();
        change(Current);
    }
}
