using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary><c>order-sign</c>: orders are about to be signed. Whether the payer covers them and wants to be asked first, whether their diagnosis says enough, whether they were ordered already.</summary>
internal sealed class OrderSign(ITerminology terminology, BillingSetup setup, TimeProvider clock)
{
    private const string Authorisation = "prior-authorisation", Duplicate = "duplicate-order";

    /// <summary>An active order of the same service this young is the same order.</summary>
    private const int DuplicateDays = 30;

    /// <summary>CMS's coverage codes for what Medicare does not pay: not payable, not covered, not covered by statute.</summary>
    private static readonly string[] NotByMedicare = ["I", "M", "S"];

    private readonly SpecificCodes specific = new(terminology);

    public CdsService Service => new("order-sign", "order-sign", "What the payer wants of an order",
        "Prior authorisation and coverage of what is ordered, by the payer's rules and answers; diagnoses that could be more specific; orders that are active already.",
        [
            new("coverages", "Coverage?patient={{context.patientId}}"),
            new("eligibility", "CoverageEligibilityResponse?patient={{context.patientId}}"),
            new("authorisations", "ClaimResponse?patient={{context.patientId}}&use=preauthorization"),
            new("orders", "ServiceRequest?patient={{context.patientId}}&status=active,on-hold"),
            new("devices", "DeviceRequest?patient={{context.patientId}}"),
            new("medications", "MedicationRequest?patient={{context.patientId}}&status=active,on-hold"),
        ], AnswerAsync)
    { TakesOrders = true };

    private async Task<IReadOnlyList<CdsCard>> AnswerAsync(CdsRequest request, CdsRecords records, CancellationToken ct)
    {
        var (of, today) = ($"patient={request.PatientId}", setup.Today(clock));
        var orders = request.DraftOrders.Select(DraftOrder.Of).OfType<DraftOrder>().ToList();
        var cards = new List<CdsCard>();
        if (orders.Exists(o => Billed(o) is not null))
            cards.AddRange(await PayerAsync(request, orders, records, today, ct));
        foreach (var order in orders)
        {
            cards.AddRange(await DiagnosesAsync(order, records, today, ct));
            if (await DuplicateAsync(order, of, records, today, ct) is { } duplicate)
                cards.Add(duplicate);
        }

        return cards;
    }

    private async Task<IReadOnlyList<CdsCard>> PayerAsync(CdsRequest request, List<DraftOrder> orders, CdsRecords records, DateOnly today, CancellationToken ct)
    {
        var of = $"patient={request.PatientId}";
        var coverages = await records.ListAsync<Coverage>(of, ct);
        if (records.Withheld.Contains("Coverage") || CoverageCards.SaysSelfPay(coverages, today))
            return [];
        if (CoverageCards.InForce(coverages, today) is not [var coverage, ..])
            return [.. CoverageCards.Of(request.PatientId, coverages, null, today)];
        var answers = await records.ListAsync<CoverageEligibilityResponse>(of, ct);
        var authorisations = await records.ListAsync<ClaimResponse>($"{of}&use=preauthorization", ct);
        var payor = records.CanRead && coverage.Payor.FirstOrDefault()?.Reference is { } payer && payer.StartsWith("Organization/", StringComparison.Ordinal)
            ? await records.ReadAsync<Organization>(payer["Organization/".Length..], ct)
            : null;
        var (profile, family, last) = (setup.Payers.For(coverage, payor, today), PayerDirectory.FamilyOf(coverage, payor), CoverageCards.Latest(coverage, answers));
        var name = payor?.Name ?? CoverageCards.Payer(coverage);
        var cards = new List<CdsCard>();
        foreach (var order in orders)
        {
            if (Billed(order) is not { } code)
                continue;
            if (Refusal(code, family, last, coverage, today) is { } why)
                cards.Add(new CdsCard(CoverageCards.Topic, CdsIndicator.Warning, $"{name} does not cover {order.Words} ({code.Code})")
                {
                    Detail = $"{why} Tell the patient what it costs before it is done; a Medicare patient signs an advance notice.",
                    Facts = Facts(order, coverage, last),
                    OverrideReasons = [OverrideReasons.Intended, OverrideReasons.AlreadyAsked],
                });
            if (Need(code, profile, last, coverage) is { } source)
                cards.Add(Ask(request, order, code, coverage, last, authorisations, name, source, today));
        }

        return cards;
    }

    /// <summary>Who says that the payer wants to be asked; null when nobody does.</summary>
    private static string? Need(Coding code, PayerProfile profile, CoverageEligibilityResponse? last, Coverage coverage) => profile.PriorAuthCodes.Contains(code.Code) ? "the practice's rules for this payer"
        : Items(last, coverage, code).Any(i => i.AuthorizationRequired == true) ? $"the payer's answer of {last!.Created}"
        : null;

    private static CdsCard Ask(
        CdsRequest request, DraftOrder order, Coding code, Coverage coverage, CoverageEligibilityResponse? last, IReadOnlyList<ClaimResponse> authorisations, string payer, string source, DateOnly today)
    {
        if (authorisations.FirstOrDefault(a => a is { Status: FinancialResourceStatusCodes.Active, PreAuthRef.Length: > 0 } && CoverageOrder.Covers(a.PreAuthPeriod, today)
            && a.AddItem.Exists(i => Has(i.ProductOrService, code)) && (a.Insurance.Count == 0 || a.Insurance.Exists(i => i.Coverage?.Reference == $"Coverage/{coverage.Id}"))) is { } given)
            return new CdsCard(Authorisation, CdsIndicator.Info, $"{payer} has authorised {order.Words} ({code.Code}): number {given.PreAuthRef}")
            {
                Detail = RecordDay.Of(given.PreAuthPeriod?.End) is { } end ? $"It is good until {DateOfService.Text(end)}." : null,
                Facts = [.. Facts(order, coverage, null), $"ClaimResponse/{given.Id}"],
            };
        return new CdsCard(Authorisation, CdsIndicator.Warning, $"{payer} wants to be asked before {order.Words} ({code.Code})")
        {
            Detail = $"By {source}. No authorisation for it that is good today is on record.",
            Facts = Facts(order, coverage, last),
            Suggestions = [new CdsSuggestion("Have the authorisation obtained", [new CdsAction(CdsActionType.Create, $"Task for the billing office: authorisation of {code.Code}", Work(request, order, code, coverage))])],
            OverrideReasons = [OverrideReasons.AlreadyAsked, OverrideReasons.Intended],
        };
    }

    private static FhirTask Work(CdsRequest request, DraftOrder order, Coding code, Coverage coverage) => new()
    {
        Status = FhirTask.TaskStatus.Requested,
        Intent = FhirTask.TaskIntent.Order,
        Code = new CodeableConcept(BillingUrls.TaskCode, "obtain-auth"),
        Description = $"Prior authorisation of {code.Code} {order.Words}, Coverage/{coverage.Id}",
        For = new ResourceReference($"Patient/{request.PatientId}"),
        Focus = order.Reference is { } reference ? new ResourceReference(reference) : null,
        Encounter = request.EncounterId is { } encounter ? new ResourceReference($"Encounter/{encounter}") : null,
    };

    private string? Refusal(Coding code, PayerFamily family, CoverageEligibilityResponse? last, Coverage coverage, DateOnly today)
    {
        if (Items(last, coverage, code).Any(i => i.Excluded == true))
            return $"The payer's answer of {last!.Created} excludes it.";
        return family == PayerFamily.Medicare && terminology.Find(CodeSystemUrls.Hcpcs, code.Code!, today) is { } concept && concept.Properties.TryGetValue("coverage", out var coverageCode) && NotByMedicare.Contains(coverageCode)
            ? $"Medicare does not cover it (coverage code {coverageCode} of {concept.Edition}); Coverage/{coverage.Id} is Medicare's."
            : null;
    }

    private async Task<IReadOnlyList<CdsCard>> DiagnosesAsync(DraftOrder order, CdsRecords records, DateOnly today, CancellationToken ct)
    {
        var cards = new List<CdsCard>();
        for (var i = 0; i < order.ReasonCodes.Count; i++)
        {
            var at = i;
            if (specific.Find(order.ReasonCodes[i], today) is { } found)
                cards.Add(SpecificCodes.Card(found, order.Reference, order.Reference is null ? null : better => Changed(order, at, found.Coding, better)));
        }

        foreach (var reference in order.ReasonReferences.Select(r => r.Reference).OfType<string>().Where(r => r.StartsWith("Condition/", StringComparison.Ordinal)))
            if (records.CanRead && await records.ReadAsync<Condition>(reference["Condition/".Length..].Split('/')[0], ct) is { } condition && specific.Find(condition.Code, today) is { } found)
                cards.Add(SpecificCodes.Card(found, $"Condition/{condition.Id}", better => SpecificCodes.Changed(condition, found.Coding, better)));

        if (Billed(order) is not null && order.ReasonCodes.Count == 0 && order.ReasonReferences.Count == 0)
            cards.Add(new CdsCard(SpecificCodes.Topic, CdsIndicator.Info, $"No diagnosis says why {order.Words} is ordered")
            {
                Detail = "Payers judge what was necessary by the diagnosis; without one the order cannot be billed.",
                Facts = order.Reference is { } name ? [name] : [],
                OverrideReasons = [OverrideReasons.NotBilled, OverrideReasons.NotToday],
            });
        return cards;
    }

    private static async Task<CdsCard?> DuplicateAsync(DraftOrder order, string of, CdsRecords records, DateOnly today, CancellationToken ct)
    {
        if (order.Code is null || order.Code.Coding.Count == 0)
            return null;
        (Resource Resource, DateOnly? Day)? same = order.Resource switch
        {
            ServiceRequest => (await records.ListAsync<ServiceRequest>($"{of}&status=active,on-hold", ct)).Where(r => Same(r.Code, r.Id)).Select(r => ((Resource, DateOnly?)?)(r, RecordDay.Of(r.AuthoredOn))).FirstOrDefault(r => r!.Value.Item2 is not { } day || day >= today.AddDays(-DuplicateDays)),
            DeviceRequest => (await records.ListAsync<DeviceRequest>(of, ct)).Where(r => r.Status is RequestStatus.Active or RequestStatus.OnHold && Same(r.Code as CodeableConcept, r.Id)).Select(r => ((Resource, DateOnly?)?)(r, RecordDay.Of(r.AuthoredOn))).FirstOrDefault(),
            _ => (await records.ListAsync<MedicationRequest>($"{of}&status=active,on-hold", ct)).Where(r => Same(r.Medication as CodeableConcept, r.Id)).Select(r => ((Resource, DateOnly?)?)(r, RecordDay.Of(r.AuthoredOn))).FirstOrDefault(),
        };
        if (same is not { } found)
            return null;
        var known = $"{found.Resource.TypeName}/{found.Resource.Id}";
        return new CdsCard(Duplicate, CdsIndicator.Warning, $"{order.Words} is ordered already{(found.Day is { } on ? $", on {DateOfService.Text(on)}" : "")}")
        {
            Detail = $"`{known}` is active and asks for the same.",
            Facts = [known, .. order.Reference is { } name ? (string[])[name] : []],
            Suggestions = order.Reference is { } own ? [new CdsSuggestion("Leave this order out", [new CdsAction(CdsActionType.Delete, "Take the draft back", ResourceId: own)])] : [],
            OverrideReasons = [OverrideReasons.Intended],
        };

        bool Same(CodeableConcept? code, string? id) => id != order.Resource.Id && order.Code.Coding.Exists(c => Has(code, c));
    }

    private static Resource Changed(DraftOrder order, int reason, Coding old, Coding better)
    {
        var copy = (Resource)order.Resource.DeepCopy();
        SpecificCodes.Replace(DraftOrder.Of(copy)!.ReasonCodes[reason], old, better);
        return copy;
    }

    /// <summary>The code a claim would carry.</summary>
    private static Coding? Billed(DraftOrder order) => order.Code?.Coding.Find(c => c is { Code.Length: > 0, System: { } system } && CodeSystemUrls.Canonical(system) is CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs);

    /// <summary>What an answer says of a service under one coverage; it may be about several.</summary>
    internal static IEnumerable<CoverageEligibilityResponse.ItemsComponent> Items(CoverageEligibilityResponse? answer, Coverage coverage, Coding code) =>
        answer?.Insurance.Where(i => i.Coverage?.Reference == $"Coverage/{coverage.Id}").SelectMany(i => i.Item).Where(i => Has(i.ProductOrService, code)) ?? [];

    private static bool Has(CodeableConcept? concept, Coding code) =>
        concept?.Coding.Exists(c => c.Code == code.Code && (c.System is null || code.System is null || CodeSystemUrls.Canonical(c.System) == CodeSystemUrls.Canonical(code.System))) == true;

    private static string[] Facts(DraftOrder order, Coverage coverage, CoverageEligibilityResponse? answer) =>
        [.. new[] { order.Reference, $"Coverage/{coverage.Id}", answer is null ? null : $"CoverageEligibilityResponse/{answer.Id}" }.OfType<string>()];
}
