using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Moves a claim forward on the payer's side and records the step.</summary>
internal static class StageMove
{
    public static string? Stage(Claim claim) => claim.GetExtensionValue<Code>(BillingUrls.StageExtension)?.Value;

    /// <summary>Progress at the payer; acknowledgements may come late or out of order and never move a claim back.</summary>
    public static int Rank(string? stage) => stage switch
    {
        ClaimStage.Queued => 0,
        ClaimStage.Submitted => 1,
        ClaimStage.Forwarded => 2,
        ClaimStage.Accepted => 3,
        ClaimStage.Pended => 4,
        _ => 5, // adjudicated, or no longer with the payer
    };

    /// <summary>Whether an acknowledgement may still set this stage.</summary>
    public static bool MayAdvance(string? from, string to) => to switch
    {
        ClaimStage.AckRejected => Rank(from) <= Rank(ClaimStage.Submitted),
        ClaimStage.PayerRejected => Rank(from) <= Rank(ClaimStage.Forwarded),
        _ => Rank(from) < Rank(to),
    };

    /// <summary>A copy of the claim in the new stage (<c>Claim.status</c> active), and the Provenance of the step.</summary>
    public static (Claim Claim, Provenance Provenance) To(Claim claim, string stage, string why, DateTimeOffset when)
    {
        var from = Stage(claim) ?? "none";
        var moved = (Claim)claim.DeepCopy();
        moved.SetExtension(BillingUrls.StageExtension, new Code(stage));
        moved.Status = FinancialResourceStatusCodes.Active;

        var provenance = new Provenance
        {
            Target = [new ResourceReference($"Claim/{claim.Id}")],
            Recorded = when,
            Activity = new CodeableConcept(InterchangeUrls.StageTransition, $"{from}-{stage}") { Text = $"{from} → {stage}" },
            Reason = [new CodeableConcept { Text = why }],
            Agent = [new Provenance.AgentComponent { Who = new ResourceReference { Display = "FhirEmr billing bridge" } }],
        };
        provenance.AddExtension(InterchangeUrls.StageTransition + "-from", new Code(from));
        provenance.AddExtension(InterchangeUrls.StageTransition + "-to", new Code(stage));
        return (moved, provenance);
    }
}
