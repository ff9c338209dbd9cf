using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>What of a received claim is in the store already.</summary>
/// <param name="Parties">Providers, places and payers found, as references.</param>
/// <param name="People">The roles of practitioners found whose taxonomy is known: no other is made.</param>
/// <param name="Patient">The patient; null when nobody fits.</param>
/// <param name="Coverages">Coverages found, by their place in the claim: 0 the one billed, then loop 2320 in order.</param>
/// <param name="Prior">The claim whose payer number REF*F8 gives; null when it is none of ours.</param>
internal sealed record ImportSources(
    IReadOnlyDictionary<PartyKey, string> Parties,
    IReadOnlySet<PartyKey> People,
    string? Patient,
    IReadOnlyDictionary<int, string> Coverages,
    Claim? Prior);

/// <summary>One insurance of a received claim, whichever loop it stands in.</summary>
/// <param name="Index">0 for the payer billed, then loop 2320 in order.</param>
/// <param name="Details">SBR and what stands beside it.</param>
internal sealed record ReceivedInsurance(int Index, IReadOnlyList<X12.Syntax.IX12Segment> Details, IReadOnlyList<PartyLoop> Parties)
{
    public X12.Segments.Sbr? Sbr => Details.OfType<X12.Segments.Sbr>().FirstOrDefault();

    public PartyLoop? Insured => Parties.FirstOrDefault(p => p.Name.EntityCode == "IL");

    public PartyLoop? Payer => Parties.FirstOrDefault(p => p.Name.EntityCode == "PR");

    public static IEnumerable<ReceivedInsurance> Of(Claim837PItem.Claim claim) =>
    [
        new(0, claim.Subscriber.Details, claim.Subscriber.Parties),
        .. claim.Body.OtherPayers.Select((o, i) => new ReceivedInsurance(i + 1, o.Details, o.Parties)),
    ];
}
