using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;
using ServiceCode = FhirEmr.BillingBridge.X12.Segments.Procedure;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Claim.item → loop 2400 with 2410, 2420 and 2430.</summary>
internal static class LineMapping
{
    private const string NdcExtension = "urn:fhiremr:ndc";

    // REF of loop 2410: links the drugs of a compound, or names its prescription.
    private static readonly string[] DrugReferences = ["VY", "XZ"];

    private static readonly string[] ReferenceOrder = ["9B", "9D", "G1", "6R", "EW", "X4", "F4", "BT", "9F"];

    public static LineLoop Map(ClaimSources sources, Claim.ItemComponent item, int number, string mainPlace)
    {
        var place = Place(item);
        var service = new ServiceCode("HC", Code(item.ProductOrService) ?? "", [.. item.Modifier.Select(Code).OfType<string>().Take(4)], item.WrittenDescription());
        var sv1 = new Sv1(
            service,
            item.Net?.Value ?? 0m,
            item.Quantity?.Unit is "MJ" or "min" ? "MJ" : "UN",
            item.Quantity?.Value ?? 1m,
            place == mainPlace ? null : place,
            [.. item.DiagnosisSequence.Take(4).Select(s => Pointer(sources.Claim, s))])
        {
            Emergency = Program(item, ServicePrograms.Emergency, "Y"),
            Epsdt = Program(item, ServicePrograms.Epsdt, "Y"),
            FamilyPlanning = Program(item, ServicePrograms.FamilyPlanning, "Y"),
            CopayStatus = Program(item, ServicePrograms.CopayExempt, "0"),
        };

        var infos = sources.Claim.SupportingInfo.Where(i => item.InformationSequence.Contains(i.Sequence)).ToList();
        return new LineLoop(
            new Lx(number.ToString(CultureInfo.InvariantCulture)),
            [
                .. (IX12Segment[])[sv1], .. SituationalSegments.Write(infos, SituationalSegments.BeforeServiceDate), .. ServiceDate(item),
                .. SituationalSegments.Write(infos, SituationalSegments.BeforeReferences), .. References(sources.Claim, infos, item, number),
                .. SituationalSegments.Write(infos, SituationalSegments.AfterReferences), .. Drug(item, infos),
            ],
            [.. Providers(sources, item)],
            [.. sources.PriorPayers.Select(p => PriorPayerMapping.Line(p, item, service, sv1.Units)).OfType<LineAdjudicationLoop>()])
        {
            Forms = [.. SituationalSegments.Write(infos, SituationalSegments.Forms)],
        };
    }

    /// <summary>SV107 counts the codes of HI, which has no gaps; Claim.diagnosis.sequence may have some. 0 when nothing is pointed at.</summary>
    private static string Pointer(Claim claim, int? sequence) =>
        (claim.WrittenDiagnoses().ToList().FindIndex(d => d.Sequence == sequence) + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>REF of loop 2400 in the order of the guide: our number of the line, and what its information says with a qualifier of its own.</summary>
    private static IEnumerable<Ref> References(Claim claim, IEnumerable<Claim.SupportingInformationComponent> infos, Claim.ItemComponent item, int number) =>
        ClaimBodyMapping.Qualified(infos, ReferenceOrder).Where(r => r.Qualifier != "6R")
            .Concat(SentOut(claim, item))
            .DistinctBy(r => r.Qualifier == "G1" ? r.Value : r.Qualifier) // a line has five authorisations, of the others one each
            .Append(new Ref("6R", ControlNumber(claim, item, number))).OrderBy(r => Array.IndexOf(ReferenceOrder, r.Qualifier));

    /// <summary>REF*F4, the CLIA number of the laboratory that a test was sent to (modifier 90, rule LAB-003).</summary>
    private static IEnumerable<Ref> SentOut(Claim claim, Claim.ItemComponent item) =>
        item.Modifier.Exists(m => Code(m) == "90") && claim.Info(SupportingInfo.ReferenceClia).Select(i => (i.Value as FhirString)?.Value).FirstOrDefault(v => v is { Length: > 0 }) is { } number
            ? [new Ref("F4", number)]
            : [];

    /// <summary>REF*6R: the line's own number, else the claim's and its position.</summary>
    public static string ControlNumber(Claim claim, Claim.ItemComponent item, int number) =>
        item.GetExtensionValue<Identifier>(BillingUrls.LineControlNumber)?.Value
        ?? string.Create(CultureInfo.InvariantCulture, $"{claim.PatientControlNumber()}-{number}");

    public static string? Place(Claim.ItemComponent item) => Code(item.Location as CodeableConcept);

    /// <summary>The day in a FHIR date or dateTime, as written.</summary>
    public static DateOnly? Day(string? fhir) =>
        fhir is { Length: >= 10 } && DateOnly.TryParseExact(fhir.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    private static string? Program(Claim.ItemComponent item, string program, string value) =>
        item.ProgramCode.Exists(p => p.Coding.Exists(c => c.System == BillingUrls.ServiceProgram && c.Code == program)) ? value : null;

    private static string? Code(CodeableConcept? concept) => concept?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant();

    private static IEnumerable<IX12Segment> ServiceDate(Claim.ItemComponent item)
    {
        var (from, to) = item.Serviced switch
        {
            Date date => (Day(date.Value), Day(date.Value)),
            Period period => (Day(period.Start), Day(period.End ?? period.Start)),
            _ => (null, null),
        };
        if (from is not { } start)
            yield break;
        yield return Dtp.Days("472", start, to);
    }

    // The NDC stands in an extension {code, quantity} or in Claim.item.detail with the NDC system.
    private static IEnumerable<IX12Segment> Drug(Claim.ItemComponent item, IEnumerable<Claim.SupportingInformationComponent> infos)
    {
        var detail = item.Detail.Find(d => d.ProductOrService?.Coding.Exists(c => c.System == CodeSystemUrls.Ndc) == true);
        var parts = item.GetExtension(NdcExtension)?.Extension.Select(e => e.Value).ToList() ?? [];
        var code = detail?.ProductOrService.Coding.Find(c => c.System == CodeSystemUrls.Ndc)?.Code
            ?? parts.Select(v => v switch
            {
                Identifier identifier => identifier.Value,
                Coding coding => coding.Code,
                FhirString text => text.Value,
                _ => null,
            }).FirstOrDefault(v => v is { Length: > 0 });
        if (code is null)
            yield break;

        yield return new Lin("N4", NationalDrugCode.Eleven(code) ?? code.Replace("-", "", StringComparison.Ordinal));
        if ((detail?.Quantity ?? parts.OfType<Quantity>().FirstOrDefault()) is { Value: { } quantity } amount)
            yield return new Ctp(quantity, DrugUnit(amount.Code ?? amount.Unit));
        if (ClaimBodyMapping.Qualified(infos, DrugReferences).FirstOrDefault() is { } prescription)
            yield return prescription;
    }

    private static string DrugUnit(string? unit) => unit switch
    {
        "mL" or "ml" or "ML" => "ML",
        "g" or "GR" => "GR",
        "mg" or "ME" => "ME",
        "[iU]" or "[IU]" or "F2" => "F2",
        _ => "UN",
    };

    private static IEnumerable<PartyLoop> Providers(ClaimSources sources, Claim.ItemComponent item)
    {
        var rendering = sources.Member("primary");
        var ofLine = sources.Team.Where(t => item.CareTeamSequence.Contains(t.Sequence)).ToList();
        var lineRendering = ofLine.Find(t => t.Role == "primary")?.Provider ?? rendering;
        if (lineRendering is { IsKnown: true } && PartyMapping.Npi(lineRendering) != PartyMapping.Npi(rendering))
            yield return PartyMapping.Loop(PartyMapping.Provider("82", lineRendering), PartyMapping.Taxonomy("PE", lineRendering));

        // 2420E: only when somebody other than the one who rendered it ordered the service.
        if (ofLine.Find(t => t.Role == "ordering")?.Provider is { IsKnown: true } ordering && PartyMapping.Npi(ordering) != PartyMapping.Npi(lineRendering))
            yield return PartyMapping.Loop(PartyMapping.Provider("DK", ordering), [.. PartyMapping.Address(PartyMapping.StreetAddress(ordering.Person?.Address))]);
    }
}
