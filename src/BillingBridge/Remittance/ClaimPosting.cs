using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>A claim while a chunk of remittances is posted to it: several CLPs may concern it, one PUT writes it.</summary>
internal sealed class ClaimPosting(Claim original)
{
    public Claim Original => original;

    public Claim Current { get; private set; } = (Claim)original.DeepCopy();

    public List<Provenance> Provenances { get; } = [];

    public bool IsChanged { get; private set; }

    public string? Stage => Current.GetExtensionValue<Code>(BillingUrls.StageExtension)?.Value;

    public string Reference => $"Claim/{original.Id}";

    public void MoveTo(string stage, string why, DateTimeOffset when)
    {
        var from = Stage ?? "none";
        Current.SetExtension(BillingUrls.StageExtension, new Code(stage));
        Current.Status = FinancialResourceStatusCodes.Active;
        IsChanged = true;

        var provenance = new Provenance
        {
            Target = [new ResourceReference(Reference)],
            Recorded = when,
            Activity = new CodeableConcept(RemittanceUrls.StageTransition, $"{from}-{stage}") { Text = $"{from} → {stage}" },
            Reason = [new CodeableConcept { Text = why }],
            Agent = [new Provenance.AgentComponent { Who = new ResourceReference { Display = "FhirEmr billing bridge" } }],
        };
        provenance.AddExtension(RemittanceUrls.StageTransition + "-from", new Code(from));
        provenance.AddExtension(RemittanceUrls.StageTransition + "-to", new Code(stage));
        Provenances.Add(provenance);
    }

    /// <summary>Keeps the payer's claim number, which a replacement or an appeal must quote.</summary>
    public void AddIcn(Remittance835Item.Claim remittance, string payerId)
    {
        if (remittance.Clp.PayerControlNumber is not { } icn || Current.Identifier.Exists(i => i.Value == icn))
            return;
        Current.Identifier.Add(new Identifier(BillingUrls.Icn(payerId), icn));
        IsChanged = true;
    }
}
