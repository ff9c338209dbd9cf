using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>One answer of a 271 → CoverageEligibilityResponse.</summary>
internal static class EligibilityResponseMapping
{
    private const string GeneralServiceType = "30";

    public static CoverageEligibilityResponse Map(EligibilityAnswer answer, CoverageEligibilityRequest request, string key, DateTimeOffset now)
    {
        var response = new CoverageEligibilityResponse
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key), new Identifier(EligibilityUrls.Question, EligibilityQuestion.KeyOf(request))],
            Status = FinancialResourceStatusCodes.Active,
            PurposeElement = [.. request.Purpose.OfType<CoverageEligibilityRequest.EligibilityRequestPurpose>().Select(Purpose)],
            Patient = request.Patient,
            Serviced = request.Serviced,
            Created = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), // an answer ages by the hour
            Requestor = request.Provider,
            Request = new ResourceReference($"CoverageEligibilityRequest/{request.Id}"),
            Outcome = Outcome(answer),
            Disposition = Disposition(answer),
            Insurer = request.Insurer ?? new ResourceReference { Display = "unknown" },
            Error = [.. answer.Rejections.Select(Error)],
        };
        if (answer.Benefits.Count > 0 && EligibilitySources.Insurance(request)?.Coverage is { } coverage)
            response.Insurance = [Insurance(answer, coverage)];
        response.Disposition = string.Join(' ', new[] { EligibilityWords.Of(response, EligibilityQuestion.ServiceType(request)), response.Disposition }.Where(t => !string.IsNullOrEmpty(t))) is { Length: > 0 } text ? text : null;
        return response;
    }

    private static CoverageEligibilityResponse.InsuranceComponent Insurance(EligibilityAnswer answer, ResourceReference coverage)
    {
        var insurance = new CoverageEligibilityResponse.InsuranceComponent
        {
            Coverage = coverage,
            Inforce = InForce(answer),
            BenefitPeriod = BenefitPeriod(answer),
            Item = BenefitItems.Of(answer.Benefits),
        };
        var plan = answer.Benefits.Select(b => b.Eb).FirstOrDefault(IsCoverageStatus);
        if (plan?.InsuranceType is { } type)
            insurance.AddExtension(EligibilityUrls.InsuranceType, new Code(type));
        if (plan?.PlanName is { } name)
            insurance.AddExtension(EligibilityUrls.PlanName, new FhirString(name));
        return insurance;
    }

    /// <summary>What the plan as a whole says (EB03 30 or none) goes before what a single service type says; null when nobody says.</summary>
    private static bool? InForce(EligibilityAnswer answer)
    {
        var stated = answer.Benefits.Select(b => b.Eb).Where(IsCoverageStatus).ToList();
        var ofPlan = stated.Where(eb => eb.ServiceTypes.Count == 0 || eb.ServiceTypes.Contains(GeneralServiceType)).ToList();
        var codes = (ofPlan.Count > 0 ? ofPlan : stated).Select(eb => eb.Code).ToList();
        return codes.Exists(IsActive) ? true : codes.Contains("6") ? false : null;
    }

    private static bool IsCoverageStatus(Eb eb) => IsActive(eb.Code) || eb.Code == "6";

    private static bool IsActive(string eb01) => eb01 is "1" or "2" or "3" or "4" or "5";

    private static Period? BenefitPeriod(EligibilityAnswer answer)
    {
        // The status of the plan may carry its own dates, as the end of a coverage that lapsed does.
        var dates = answer.About.Concat(answer.Benefits.Where(b => IsCoverageStatus(b.Eb)).SelectMany(b => b.Details)).OfType<Dtp>().ToList();
        var first = dates.Find(d => d.Qualifier is "346" or "356" or "348")?.Start ?? dates.Find(IsPlanPeriod)?.Start;
        var last = dates.Find(d => d.Qualifier is "347" or "357" or "349")?.Start
            ?? dates.Find(d => d.Qualifier is "346" or "356" or "348")?.End
            ?? dates.Find(IsPlanPeriod)?.End;
        return first is null && last is null ? null : new Period { Start = Text(first), End = Text(last) };
    }

    private static bool IsPlanPeriod(Dtp date) => date is { Qualifier: "291", Format: "RD8" };

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static ClaimProcessingCodes Outcome(EligibilityAnswer answer) => answer switch
    {
        { Rejections.Count: > 0, Benefits.Count: 0 } => ClaimProcessingCodes.Error,
        { Rejections.Count: > 0 } => ClaimProcessingCodes.Partial,
        _ when answer.Benefits.Any(b => b.Eb.Code is "7" or "8" or "V") => ClaimProcessingCodes.Partial,
        _ => ClaimProcessingCodes.Complete,
    };

    private static string? Disposition(EligibilityAnswer answer)
    {
        var said = answer.Rejections.Select(Words)
            .Concat(answer.Benefits.Select(b => Pending(b.Eb.Code)).OfType<string>())
            .Concat(answer.Benefits.Where(b => b.Eb.Code == "P").SelectMany(b => b.Messages))
            .Distinct();
        var text = string.Join("; ", said);
        return text.Length > 0 ? text : null;
    }

    private static string? Pending(string eb01) => eb01 switch
    {
        "7" => "Inactive: an update is pending",
        "8" => "Inactive: an investigation is pending",
        "V" => "The payer cannot process the request",
        _ => null,
    };

    private static CoverageEligibilityResponse.ErrorsComponent Error(Aaa rejection)
    {
        var error = new CoverageEligibilityResponse.ErrorsComponent
        {
            Code = new CodeableConcept { Text = Words(rejection) },
        };
        if (rejection.Reason is { } reason)
            error.Code.Coding.Add(new Coding(EligibilityUrls.RejectReason, reason, RejectionReasons.Reason(reason)));
        if (rejection.FollowUp is { } followUp)
            error.AddExtension(EligibilityUrls.FollowUp, new Code(followUp));
        return error;
    }

    private static string Words(Aaa rejection)
    {
        var reason = RejectionReasons.Reason(rejection.Reason);
        reason = char.ToUpperInvariant(reason[0]) + reason[1..];
        return RejectionReasons.FollowUp(rejection.FollowUp) is { } followUp ? $"{reason}: {followUp}" : reason;
    }

    private static Code<CoverageEligibilityResponse.EligibilityResponsePurpose> Purpose(CoverageEligibilityRequest.EligibilityRequestPurpose purpose) => new(purpose switch
    {
        CoverageEligibilityRequest.EligibilityRequestPurpose.AuthRequirements => CoverageEligibilityResponse.EligibilityResponsePurpose.AuthRequirements,
        CoverageEligibilityRequest.EligibilityRequestPurpose.Benefits => CoverageEligibilityResponse.EligibilityResponsePurpose.Benefits,
        CoverageEligibilityRequest.EligibilityRequestPurpose.Discovery => CoverageEligibilityResponse.EligibilityResponsePurpose.Discovery,
        _ => CoverageEligibilityResponse.EligibilityResponsePurpose.Validation,
    });
}
