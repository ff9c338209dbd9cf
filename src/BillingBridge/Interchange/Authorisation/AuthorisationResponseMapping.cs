using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Authorisation;

/// <summary>One answer of a 278 → ClaimResponse as Da Vinci PAS has it, with what is certified in <c>addItem</c>, where a later claim looks for it.</summary>
internal static class AuthorisationResponseMapping
{
    private static readonly string[] Certified = ["A1", "A2", "A6"];

    /// <summary>The request is on its way: no decision yet.</summary>
    public static ClaimResponse Queued(Claim request, string key, DateTimeOffset now)
    {
        var focal = request.FocalInsurance();
        return new ClaimResponse
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
            Status = FinancialResourceStatusCodes.Active,
            Type = request.Type,
            Use = ClaimUseCode.Preauthorization,
            Patient = request.Patient,
            Created = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Insurer = request.Insurer ?? new ResourceReference { Display = "unknown" },
            Requestor = request.Provider,
            Request = new ResourceReference($"Claim/{request.Id}"),
            Outcome = ClaimProcessingCodes.Queued,
            Disposition = "Sent to the payer, not answered yet",
            Insurance = focal?.Coverage is { } coverage ? [new ClaimResponse.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference(coverage.Reference) }] : [],
        };
    }

    /// <summary>The response with the payer's answer in the place of what it said before.</summary>
    public static ClaimResponse Apply(ClaimResponse current, ReviewAnswer answer, Claim request)
    {
        var response = (ClaimResponse)current.DeepCopy();
        var decided = Match(request, answer);
        var actions = decided.Select(d => d.Decision?.Action).ToList();
        var certified = decided.Where(d => Certified.Contains(d.Decision?.Action)).ToList();
        response.Outcome = Outcome(answer, actions);
        response.Disposition = Disposition(answer, decided);
        response.Error = [.. answer.Rejections.Select(Error)];
        response.Item = [.. decided.Select(d => Item(d, answer))];
        response.AddItem = [.. certified.Select(d => Certify(d, request))];
        response.PreAuthRef = certified.Count > 0 ? ReviewAnswer.NumberOf(answer.Event) ?? certified.Select(d => d.Number).FirstOrDefault(n => n is not null) : null;
        var from = certified.Select(d => d.From).OfType<DateOnly>().Order().ToList();
        var to = certified.Select(d => d.To).OfType<DateOnly>().Order().ToList();
        response.PreAuthPeriod = from.Count == 0 && to.Count == 0 ? null : Period(from.Count > 0 ? from[0] : null, to.Count > 0 ? to[^1] : null);
        return response;
    }

    /// <summary>HCR01 of the items, in their order; null where nothing is decided.</summary>
    public static IEnumerable<string?> Actions(ClaimResponse response) => response.Item.Select(i => i.Adjudication
        .Select(a => a.GetExtension(AuthorisationUrls.ReviewAction)?.GetExtensionValue<CodeableConcept>(AuthorisationUrls.ReviewActionCode)?.Coding.FirstOrDefault()?.Code)
        .FirstOrDefault(c => c is not null));

    /// <summary>The payer has decided on all that was asked, or refused to.</summary>
    public static bool IsFinal(ClaimResponse response) => response.Outcome is ClaimProcessingCodes.Complete;

    /// <summary>HCR01 in words.</summary>
    public static string Words(string? action) => action switch
    {
        "A1" => "Certified in total",
        "A2" => "Certified in part",
        "A3" => "Not certified",
        "A4" => "Pended",
        "A6" => "Certified with changes",
        "C" => "Cancelled",
        "CT" => "Contact the payer",
        null => "Not decided",
        _ => $"Decision {action}",
    };

    private sealed record Decided(Claim.ItemComponent Item, HierarchyItem.Level? Service, Hcr? Decision, string? Number, DateOnly? From, DateOnly? To);

    /// <summary>Services by the trace we gave them, else by code, each once; what is said of the event holds for those not named.</summary>
    private static List<Decided> Match(Claim request, ReviewAnswer answer)
    {
        var left = answer.Services.ToList();
        var trace = request.Identifier.Where(i => i.System == BillingUrls.Trace).Select(i => i.Value ?? "").ToList();
        var decided = new List<Decided>();
        foreach (var item in request.Item.OrderBy(i => i.Sequence))
        {
            var service = left.Find(s => trace.Exists(t => s.Trace == AuthorisationRequestMapping.ServiceTrace(t, item)))
                ?? left.Find(s => s.Trace is null && Service(s)?.Procedure.Code == Code(item));
            if (service is not null)
                left.Remove(service);
            var (from, to) = ReviewAnswer.PeriodOf(service);
            if (from is null && to is null)
                (from, to) = ReviewAnswer.PeriodOf(answer.Event);
            decided.Add(new Decided(
                item, service, service?.Details.OfType<Hcr>().FirstOrDefault() ?? answer.Decision, ReviewAnswer.NumberOf(service) ?? ReviewAnswer.NumberOf(answer.Event), from, to));
        }

        return decided;
    }

    private static ClaimResponse.ItemComponent Item(Decided decided, ReviewAnswer answer)
    {
        var item = new ClaimResponse.ItemComponent { ItemSequence = decided.Item.Sequence, Adjudication = [Adjudication(decided)] };
        if (decided.From is not null || decided.To is not null)
            item.AddExtension(AuthorisationUrls.ItemPeriod, Period(decided.From, decided.To));
        if ((decided.Service?.Reference("NT") ?? answer.Event?.Reference("NT")) is { } administrative)
            item.AddExtension(AuthorisationUrls.AdministrativeNumber, new FhirString(administrative));
        return item;
    }

    private static ClaimResponse.AddedItemComponent Certify(Decided decided, Claim request)
    {
        var service = Service(decided.Service);
        var added = new ClaimResponse.AddedItemComponent
        {
            ItemSequence = [decided.Item.Sequence],
            ProductOrService = service is { Procedure.Code: { Length: > 0 } code } && code != Code(decided.Item)
                ? new CodeableConcept(code[0] is >= 'A' and <= 'V' ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt, code)
                : (CodeableConcept)decided.Item.ProductOrService.DeepCopy(),
            Modifier = [.. decided.Item.Modifier.Select(m => (CodeableConcept)m.DeepCopy())],
            Adjudication = [Adjudication(decided)],
        };
        // Certified in part or with changes, but without an amount: how much is not known, and nobody may count on what was asked.
        var asked = decided.Decision?.Action == "A1" ? decided.Item.Quantity?.Value ?? 1m : default(decimal?);
        if ((Units(decided.Service) ?? asked) is { } units)
            added.Quantity = new Quantity { Value = units };
        if (decided.Service?.Details.OfType<Nm1>().Any(n => n.EntityCode == "SJ") == true && request.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider is { } provider)
            added.Provider = [new ResourceReference(provider.Reference)];
        return added;
    }

    private static ClaimResponse.AdjudicationComponent Adjudication(Decided decided)
    {
        var adjudication = new ClaimResponse.AdjudicationComponent { Category = new CodeableConcept(AuthorisationUrls.Adjudication, "submitted") };
        if (decided.Decision is not { } decision)
            return adjudication;
        var action = new Extension { Url = AuthorisationUrls.ReviewAction };
        action.AddExtension(AuthorisationUrls.ReviewActionCode, new CodeableConcept(AuthorisationUrls.Action, decision.Action, null, Words(decision.Action)));
        if (decided.Number is { } number && Certified.Contains(decision.Action))
            action.AddExtension("number", new FhirString(number));
        if (decision.Reason is { } reason)
            action.AddExtension("reasonCode", new CodeableConcept(AuthorisationUrls.ActionReason, reason));
        adjudication.Extension.Add(action);
        return adjudication;
    }

    private static ClaimProcessingCodes Outcome(ReviewAnswer answer, List<string?> actions)
    {
        if (answer.Rejections.Count > 0 && actions.TrueForAll(a => a is null))
            return ClaimProcessingCodes.Error;
        if (actions.TrueForAll(a => a is null or "A4"))
            return ClaimProcessingCodes.Queued;
        return actions.Exists(a => a is null or "A4" or "CT") ? ClaimProcessingCodes.Partial : ClaimProcessingCodes.Complete;
    }

    private static string Disposition(ReviewAnswer answer, List<Decided> decided)
    {
        if (answer.Rejections.Count > 0)
            return string.Join("; ", answer.Rejections.Select(r => Words(r)).Distinct());
        var words = decided.Select(d => Words(d.Decision?.Action)).Distinct().ToList();
        return answer.Decision is { } decision && words.Count > 1 ? $"{Words(decision.Action)} ({string.Join(", ", decided.Select(d => $"{Code(d.Item)}: {Words(d.Decision?.Action).ToLowerInvariant()}"))})"
            : string.Join("; ", words);
    }

    private static ClaimResponse.ErrorComponent Error(Aaa rejection)
    {
        var error = new ClaimResponse.ErrorComponent { Code = new CodeableConcept { Text = Words(rejection) } };
        if (rejection.Reason is { } reason)
            error.Code.Coding.Add(new Coding(EligibilityUrls.RejectReason, reason, RejectionReasons.Reason(reason)));
        return error;
    }

    private static string Words(Aaa rejection)
    {
        var reason = RejectionReasons.Reason(rejection.Reason);
        reason = char.ToUpperInvariant(reason[0]) + reason[1..];
        return RejectionReasons.FollowUp(rejection.FollowUp) is { } followUp ? $"{reason}: {followUp}" : reason;
    }

    private static ReviewService? Service(HierarchyItem.Level? level) => level?.Details.OfType<ReviewService>().FirstOrDefault();

    // SV104, else HSD02: visits or units of a delivery pattern.
    private static decimal? Units(HierarchyItem.Level? level) => Service(level)?.Units
        ?? (level?.Details.OfType<RawSegment>().Select(r => r.Segment).FirstOrDefault(s => s.Id == "HSD")?.Text(2) is { } text
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units) ? units : null);

    private static string? Code(Claim.ItemComponent item) => item.ProductOrService?.Coding.Find(c => c.Code is { Length: > 0 })?.Code?.Trim().ToUpperInvariant();

    private static Period Period(DateOnly? from, DateOnly? to) => new() { Start = Text(from), End = Text(to) };

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
