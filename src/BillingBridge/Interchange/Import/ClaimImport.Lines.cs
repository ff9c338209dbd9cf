using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>Loop 2400, the services: <see cref="LineMapping"/> right to left.</summary>
internal sealed partial class ClaimImport
{
    private void AddLine(LineLoop line, int sequence)
    {
        var sv1 = line.Sv1!;
        var item = new Claim.ItemComponent
        {
            Sequence = sequence,
            ProductOrService = Service(sv1.Procedure.Code, sv1.Procedure.Description),
            Modifier = [.. sv1.Procedure.Modifiers.Select(m => new CodeableConcept(m.All(char.IsAsciiDigit) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, m))],
            Serviced = Days(line.ServiceDate!),
            Location = (sv1.Place ?? _read.Body.Clm.PlaceOfService) is { Length: > 0 } place ? new CodeableConcept(CodeSystemUrls.PlaceOfService, place) : null,
            Quantity = sv1.Unit == "MJ" ? new Quantity(sv1.Units, "min") : new Quantity { Value = sv1.Units },
            UnitPrice = UnitPrice(sv1),
            Net = ClaimBuilder.Usd(sv1.ChargeUsd),
            DiagnosisSequence = [.. sv1.Pointers.Select(p => (int?)int.Parse(p, CultureInfo.InvariantCulture))],
            ProgramCode = [.. Programs(sv1).Select(p => new CodeableConcept(BillingUrls.ServiceProgram, p))],
        };
        if (sv1.Procedure.Qualifier != "HC")
            Keep("2400", [sv1]);
        foreach (var detail in line.Details.Where(d => d is not Sv1 and not Dtp { Qualifier: "472" }))
            AddLineDetail(item, detail, line);
        foreach (var party in line.Providers)
        {
            if (Role(party) is not { } role)
            {
                KeepParty("2420", party);
                continue;
            }

            item.CareTeamSequence = item.CareTeamSequence.Append(AddMember(party, role, isResponsible: false));
        }

        foreach (var form in line.Forms)
            KeepLine(item, form);
        foreach (var adjudication in line.Adjudications)
            Keep("2430", [adjudication.Svd, .. adjudication.Details]);
        _claim.Item.Add(item);
    }

    private void AddLineDetail(Claim.ItemComponent item, IX12Segment detail, LineLoop line)
    {
        switch (detail)
        {
            case Ref { Value.Length: 0 }:
                break;
            case Ref { Qualifier: "6R" } number:
                item.AddExtension(BillingUrls.LineControlNumber, new Identifier(BillingUrls.LineControlNumber, number.Value));
                break;
            case Ref { Qualifier.Length: > 0 } reference:
                item.InformationSequence = item.InformationSequence.Append(AddQualified(reference));
                break;
            case Lin { Qualifier: "N4", Code.Length: > 0 } drug:
                var extension = new Extension { Url = BillingUrls.NdcExtension };
                extension.AddExtension("code", new Coding(CodeSystemUrls.Ndc, drug.Code));
                if (line.Details.OfType<Ctp>().FirstOrDefault() is { } amount)
                    extension.AddExtension("quantity", Amount(amount));
                item.Extension.Add(extension);
                break;
            case Ctp when line.Details.Any(d => d is Lin { Qualifier: "N4", Code.Length: > 0 }):
                break;
            default:
                KeepLine(item, detail);
                break;
        }
    }

    private void KeepLine(Claim.ItemComponent item, IX12Segment detail)
    {
        if (SituationalSegments.Read(detail, SegmentText.Of(detail), _claim.SupportingInfo.Count + 1, ofLine: true) is not { } situational)
        {
            Keep("2400", [detail], item);
            return;
        }

        _claim.SupportingInfo.Add(situational);
        item.InformationSequence = item.InformationSequence.Append(situational.Sequence);
    }

    private static Quantity Amount(Ctp ctp) => ctp.Unit switch
    {
        "ML" => new Quantity(ctp.Quantity, "mL"),
        "GR" => new Quantity(ctp.Quantity, "g"),
        "ME" => new Quantity(ctp.Quantity, "mg"),
        "F2" => new Quantity(ctp.Quantity, "[iU]"),
        var unit => new Quantity { Value = ctp.Quantity, Unit = unit.Length > 0 ? unit : null },
    };

    private static IEnumerable<string> Programs(Sv1 sv1)
    {
        if (sv1.Emergency == "Y")
            yield return ServicePrograms.Emergency;
        if (sv1.Epsdt == "Y")
            yield return ServicePrograms.Epsdt;
        if (sv1.FamilyPlanning == "Y")
            yield return ServicePrograms.FamilyPlanning;
        if (sv1.CopayStatus == "0")
            yield return ServicePrograms.CopayExempt;
    }

    // The line tells its charge, not the price: the price only when it comes out even.
    private static Money? UnitPrice(Sv1 sv1) =>
        sv1.Units > 0 && Math.Round(sv1.ChargeUsd / sv1.Units, 2) is var price && price * sv1.Units == sv1.ChargeUsd ? ClaimBuilder.Usd(price) : null;

    private static CodeableConcept Service(string code, string? description) => new(char.IsAsciiDigit(code[0]) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, code) { Text = description };

    private static DataType Days(Dtp dtp) => dtp.End is { } end && end != dtp.Start
        ? new Period { Start = PartyResources.Day(dtp.Start!.Value), End = PartyResources.Day(end) }
        : new Date(PartyResources.Day(dtp.Start!.Value));
}
