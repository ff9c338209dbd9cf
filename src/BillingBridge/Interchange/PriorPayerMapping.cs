using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;
using ServiceCode = FhirEmr.BillingBridge.X12.Segments.Procedure;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The ClaimResponse of an earlier payer → what loops 2320, 2330B and 2430 say of it (coordination of benefits).</summary>
/// <remarks>
/// What the 835 said of lines goes to the lines, what it said of the claim to the claim, so that it adds up as it did there:
/// <c>SV102 = SVD02 + CAS</c> and <c>CLM02 = AMT*D + CAS of the claim + CAS of the lines</c>. AMT*EAF and DTP*573 stand with the lines when
/// there are answered lines, else with the claim; the guide wants them in one of the two.
/// </remarks>
internal static class PriorPayerMapping
{
    /// <summary>CAS, AMT*D, AMT*A8, AMT*EAF of 2320, in this order.</summary>
    public static IEnumerable<IX12Segment> Amounts(InsuranceSource payer)
    {
        if (payer.Response is { } response)
        {
            foreach (var cas in Adjustments(response.Adjudication))
                yield return cas;
            yield return new Amt("D", PaidUsd(response));
            if (response.Item.Count == 0)
                yield return new Amt("EAF", PatientUsd(response.Adjudication));
        }
        else if (payer.NotCoveredUsd is { } usd)
        {
            yield return new Amt("A8", usd);
        }
    }

    /// <summary>MOA: the remark codes of the claim, which are those that no line names.</summary>
    public static IEnumerable<IX12Segment> Remarks(InsuranceSource payer)
    {
        if (payer.Response is not { } response)
            yield break;
        var ofLines = response.Item.SelectMany(i => i.NoteNumber).Concat(response.AddItem.SelectMany(i => i.NoteNumber)).ToHashSet();
        var codes = response.ProcessNote.Where(n => !ofLines.Contains(n.Number)).Select(n => n.Text).Where(t => t is { Length: > 0 and <= 50 } && !t.Contains(' ')).OfType<string>().ToList();
        if (codes.Count > 0)
            yield return new Moa(codes);
    }

    /// <summary>DTP*573, REF*G1 and REF*F8 of 2330B.</summary>
    public static IEnumerable<IX12Segment> References(InsuranceSource payer)
    {
        if (payer.Response is { Item.Count: 0 } response && PaidOn(response) is { } day)
            yield return Dtp.Day("573", day);
        if (payer.Insurance.PreAuthRef.FirstOrDefault(r => r is { Length: > 0 }) is { } authorisation)
            yield return new Ref("G1", authorisation);
        if (payer.Response?.PayerControlNumber() is { } icn)
            yield return new Ref("F8", icn);
    }

    /// <summary>2430: what the payer did with a line; null when its answer does not name it.</summary>
    public static LineAdjudicationLoop? Line(InsuranceSource payer, Claim.ItemComponent item, ServiceCode service, decimal units)
    {
        if (payer.Response is not { } response || response.Item.Find(i => i.ItemSequence == item.Sequence) is not { } answer)
            return null;
        var benefits = answer.Adjudication.Where(a => Is(a.Category, "benefit")).ToList();
        var adjudicated = answer.GetExtensionValue<CodeableConcept>(BillingUrls.AdjudicatedCodeExtension)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code;
        var details = new List<IX12Segment>(Adjustments(answer.Adjudication));
        if (PaidOn(response) is { } day)
            details.Add(Dtp.Day("573", day));
        details.Add(new Amt("EAF", PatientUsd(answer.Adjudication)));
        return new LineAdjudicationLoop(
            new Svd(
                SubscriberMapping.PayerId(payer.Payor) ?? "",
                benefits.Sum(a => a.Amount?.Value ?? 0m),
                adjudicated is null ? service : service with { Code = adjudicated },
                benefits.Select(a => a.Value).FirstOrDefault(v => v is not null) ?? units,
                null),
            details);
    }

    /// <summary>CAS of the triples that were kept as they came: a segment for each group, six triples at most in one.</summary>
    private static IEnumerable<Cas> Adjustments(IEnumerable<ClaimResponse.AdjudicationComponent> adjudications) => adjudications
        .Select(a => (Group: a.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value, Reason: a.Reason?.Coding.Find(c => c.Code is { Length: > 0 })?.Code, Usd: a.Amount?.Value ?? 0m, a.Value))
        .Where(t => t is { Group.Length: > 0, Reason.Length: > 0 } && t.Usd != 0)
        .GroupBy(t => t.Group!)
        .SelectMany(g => g.Chunk(6), (g, chunk) => new Cas(g.Key, [.. chunk.Select(t => new CasTriple(t.Reason!, t.Usd, t.Value))]));

    private static decimal PaidUsd(ClaimResponse response) =>
        response.Total.Find(t => Is(t.Category, "benefit"))?.Amount?.Value
        ?? response.Payment?.Amount?.Value
        ?? response.Item.SelectMany(i => i.Adjudication).Where(a => Is(a.Category, "benefit")).Sum(a => a.Amount?.Value ?? 0m);

    private static decimal PatientUsd(IEnumerable<ClaimResponse.AdjudicationComponent> adjudications) =>
        adjudications.Where(a => a.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value == "PR").Sum(a => a.Amount?.Value ?? 0m);

    private static bool Is(CodeableConcept? category, string code) => category?.Coding.Exists(c => c.Code == code) == true;

    private static DateOnly? PaidOn(ClaimResponse response) => LineMapping.Day(response.Payment?.Date) ?? LineMapping.Day(response.Created);
}
