using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLP → ClaimResponse and its patient-facing copy, the ExplanationOfBenefit (billing spec 2.4).</summary>
internal sealed class ResponseBuilder(PaymentContext payment)
{
    public ClaimResponse ClaimResponse(Claim claim, Remittance835Item.Claim remittance, RemittanceKeys keys, string? reverses)
    {
        var remarks = new RemarkList(remittance);
        var response = new ClaimResponse
        {
            Identifier = Identifiers(remittance, keys, "response"),
            Status = FinancialResourceStatusCodes.Active,
            Type = claim.Type,
            Use = remittance.Clp.Status == "25" ? ClaimUseCode.Predetermination : ClaimUseCode.Claim,
            Patient = claim.Patient,
            Created = payment.Created,
            Insurer = payment.Insurer(claim),
            Requestor = claim.Provider,
            Request = new ResourceReference($"Claim/{claim.Id}"),
            Outcome = ClaimProcessingCodes.Complete,
            Disposition = Disposition(remittance.Clp.Status),
            Adjudication = [.. Adjudications.OfClaim(remittance).Select(a => a.ToClaimResponse())],
            Total = [Total("submitted", remittance.Clp.ChargeUsd), Total("benefit", remittance.Clp.PaidUsd)],
            Payment = new ClaimResponse.PaymentComponent
            {
                Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/ex-paymenttype", "complete"),
                Amount = Adjudication.Money(remittance.Clp.PaidUsd),
                Date = payment.PaymentDate,
                Identifier = payment.Trace,
            },
            ProcessNote = [.. remarks.Notes.Select(n => new ClaimResponse.NoteComponent { Number = n.Number, Type = NoteType.Print, Text = n.Code })],
        };
        AddExtensions(response, remittance, reverses);

        foreach (var (line, item) in remittance.Lines.Zip(LineMatching.Match(claim, remittance)))
        {
            var adjudications = Adjudications.OfLine(line).Select(a => a.ToClaimResponse()).ToList();
            if (item is null)
            {
                response.AddItem.Add(new ClaimResponse.AddedItemComponent
                {
                    ProductOrService = Service(line.Svc.Procedure),
                    Modifier = Modifiers(line.Svc.Procedure),
                    Adjudication = adjudications,
                    NoteNumber = remarks.Of(line),
                });
                continue;
            }

            var target = new ClaimResponse.ItemComponent { ItemSequence = item.Sequence, Adjudication = adjudications, NoteNumber = remarks.Of(line) };
            if (line.Svc.Submitted is not null)
                target.AddExtension(RemittanceUrls.AdjudicatedCode, Service(line.Svc.Procedure));
            response.Item.Add(target);
        }

        return response;
    }

    public ExplanationOfBenefit Benefit(Claim claim, Remittance835Item.Claim remittance, RemittanceKeys keys, string responseReference, string? reverses)
    {
        var remarks = new RemarkList(remittance);
        var benefit = new ExplanationOfBenefit
        {
            Identifier = Identifiers(remittance, keys, "benefit"),
            Status = ExplanationOfBenefit.ExplanationOfBenefitStatus.Active,
            Type = claim.Type,
            Use = remittance.Clp.Status == "25" ? ClaimUseCode.Predetermination : ClaimUseCode.Claim,
            Patient = claim.Patient,
            BillablePeriod = claim.BillablePeriod,
            Created = payment.Created,
            Insurer = payment.Insurer(claim),
            Provider = claim.Provider,
            Claim = new ResourceReference($"Claim/{claim.Id}"),
            ClaimResponse = new ResourceReference(responseReference),
            Outcome = ClaimProcessingCodes.Complete,
            Disposition = Disposition(remittance.Clp.Status),
            Diagnosis = [.. claim.Diagnosis.Select(d => new ExplanationOfBenefit.DiagnosisComponent { Sequence = d.Sequence, Diagnosis = d.Diagnosis })],
            Insurance = [.. claim.Insurance.Select(i => new ExplanationOfBenefit.InsuranceComponent { Focal = i.Focal ?? false, Coverage = i.Coverage })],
            Adjudication = [.. Adjudications.OfClaim(remittance).Select(a => a.ToBenefit())],
            Total = [BenefitTotal("submitted", remittance.Clp.ChargeUsd), BenefitTotal("benefit", remittance.Clp.PaidUsd)],
            Payment = new ExplanationOfBenefit.PaymentComponent
            {
                Amount = Adjudication.Money(remittance.Clp.PaidUsd),
                Date = payment.PaymentDate,
                Identifier = payment.Trace,
            },
            ProcessNote = [.. remarks.Notes.Select(n => new ExplanationOfBenefit.NoteComponent { Number = n.Number, Type = NoteType.Print, Text = n.Code })],
        };
        AddExtensions(benefit, remittance, reverses);
        AddBenefitLines(benefit, claim, remittance, remarks);
        return benefit;
    }

    private static void AddBenefitLines(ExplanationOfBenefit benefit, Claim claim, Remittance835Item.Claim remittance, RemarkList remarks)
    {
        var matches = LineMatching.Match(claim, remittance);
        foreach (var item in claim.Item)
        {
            var at = matches.ToList().IndexOf(item);
            var line = at < 0 ? null : remittance.Lines[at];
            benefit.Item.Add(new ExplanationOfBenefit.ItemComponent
            {
                Sequence = item.Sequence,
                DiagnosisSequence = [.. item.DiagnosisSequence],
                ProductOrService = item.ProductOrService,
                Modifier = [.. item.Modifier],
                Serviced = item.Serviced,
                Location = item.Location,
                Quantity = item.Quantity,
                Net = item.Net,
                NoteNumber = line is null ? [] : remarks.Of(line),
                Adjudication = line is null ? [] : [.. Adjudications.OfLine(line).Select(a => a.ToBenefit())],
            });
        }

        foreach (var (line, item) in remittance.Lines.Zip(matches))
        {
            if (item is not null)
                continue;
            benefit.AddItem.Add(new ExplanationOfBenefit.AddedItemComponent
            {
                ProductOrService = Service(line.Svc.Procedure),
                Modifier = Modifiers(line.Svc.Procedure),
                NoteNumber = remarks.Of(line),
                Adjudication = [.. Adjudications.OfLine(line).Select(a => a.ToBenefit())],
            });
        }
    }

    private List<Identifier> Identifiers(Remittance835Item.Claim remittance, RemittanceKeys keys, string kind)
    {
        List<Identifier> identifiers = [new(BillingUrls.IdempotencyKey, BillingKey.Of(kind, keys.Claim))];
        if (kind == "response")
            identifiers.Add(new Identifier(BillingUrls.IdempotencyKey, keys.Content));
        if (remittance.Clp.PayerControlNumber is { } icn)
            identifiers.Add(new Identifier(BillingUrls.Icn(payment.PayerId), icn));
        return identifiers;
    }

    private static void AddExtensions(DomainResource target, Remittance835Item.Claim remittance, string? reverses)
    {
        target.AddExtension(RemittanceUrls.ClaimStatus, new Code(remittance.Clp.Status));
        if (remittance.Clp.PatientResponsibilityUsd is { } patient)
            target.AddExtension(RemittanceUrls.PatientResponsibility, new FhirDecimal(patient));
        if (remittance.Reference("CE") is { } contract)
            target.AddExtension(RemittanceUrls.Contract, new FhirString(contract));
        if (remittance.Party("TT") is not null)
            target.AddExtension(BillingUrls.CrossoverExtension, new FhirBoolean(true));
        if (reverses is not null)
            target.AddExtension(RemittanceUrls.Reverses, new ResourceReference(reverses));
    }

    private static ClaimResponse.TotalComponent Total(string category, decimal usd) =>
        new() { Category = new CodeableConcept(RemittanceUrls.Adjudication, category), Amount = Adjudication.Money(usd) };

    private static ExplanationOfBenefit.TotalComponent BenefitTotal(string category, decimal usd) =>
        new() { Category = new CodeableConcept(RemittanceUrls.Adjudication, category), Amount = Adjudication.Money(usd) };

    private static CodeableConcept Service(X12.Segments.Procedure procedure) => procedure.Code.Length == 0
        ? new CodeableConcept { Text = "not named by the payer" }
        : new(procedure.Code is [>= 'A' and <= 'V', ..] ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt, procedure.Code);

    private static List<CodeableConcept> Modifiers(X12.Segments.Procedure procedure) =>
        [.. procedure.Modifiers.Select(m => new CodeableConcept(m.All(char.IsAsciiDigit) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, m))];

    private static string Disposition(string status) => status switch
    {
        "1" => "Processed as primary",
        "2" => "Processed as secondary",
        "3" => "Processed as tertiary",
        "4" => "Denied",
        "19" => "Processed as primary and forwarded",
        "20" => "Processed as secondary and forwarded",
        "21" => "Processed as tertiary and forwarded",
        "22" => "Reversal of a previous payment",
        "23" => "Not our claim, forwarded",
        "25" => "Predetermination, no payment",
        _ => $"Claim status {status}",
    };
}

/// <summary>The remark codes of a claim (MOA, MIA, LQ), numbered once.</summary>
internal sealed class RemarkList
{
    private readonly List<string> _codes = [];

    public RemarkList(Remittance835Item.Claim remittance)
    {
        foreach (var code in OfClaim(remittance).Concat(remittance.Lines.SelectMany(l => l.Remarks)))
            Number(code);
    }

    /// <summary>The codes that concern the claim as a whole: MOA03-07; MIA05 and MIA20-23.</summary>
    public static IReadOnlyList<string> OfClaim(Remittance835Item.Claim remittance) =>
    [
        .. remittance.Details.OfType<RawSegment>().Select(r => r.Segment).SelectMany(segment =>
            (segment.Id switch { "MOA" => [3, 4, 5, 6, 7], "MIA" => [5, 20, 21, 22, 23], _ => (int[])[] }).Select(segment.Text).OfType<string>()),
    ];

    public IEnumerable<(int Number, string Code)> Notes => _codes.Select((code, i) => (i + 1, code));

    public List<int?> Of(RemittanceLine line) => [.. line.Remarks.Distinct().Select(c => (int?)Number(c))];

    private int Number(string code)
    {
        if (!_codes.Contains(code))
            _codes.Add(code);
        return _codes.IndexOf(code) + 1;
    }
}
