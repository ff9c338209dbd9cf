using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>The work an answer makes: a payer that knows the person otherwise than we do, and another payer it tells of.</summary>
internal static class EligibilityTasks
{
    public const string VerifyEligibility = "verify-eligibility";
    public const string ObtainAuthorization = "obtain-auth";

    private const string WaitingKind = "waiting";

    public static IEnumerable<WorklistTask> Of(EligibilityAnswer answer, EligibilitySources sources, string key)
    {
        var differences = Differences(answer, sources).ToList();
        if (differences.Count > 0)
            yield return Task(key, "identity", sources, "The payer knows this person by other data than ours; compare and mend one of them.", differences);

        var others = answer.Benefits.Where(b => b.Eb.Code == "R").Select(OtherPayer).ToList();
        if (others.Count > 0)
            yield return Task(key, "other-payer", sources, "The payer tells of another payer; check the order of coverages.", others);

        // Whoever asks at the desk sees the answer. What was asked at night is seen only when it is work.
        if (sources.Request.GetExtensionValue<FhirBoolean>(EligibilityUrls.Round)?.Value == true)
        {
            foreach (var problem in OfRound(answer, sources, key))
                yield return problem;
        }
    }

    private static IEnumerable<WorklistTask> OfRound(EligibilityAnswer answer, EligibilitySources sources, string key)
    {
        var response = EligibilityResponseMapping.Map(answer, sources.Request, key, DateTimeOffset.UnixEpoch);
        var facts = BenefitFacts.Of(response, EligibilityQuestion.ServiceType(sources.Request));
        var deadline = EligibilityRequestMapping.ServicedDays(sources.Request)?.First;
        if (answer.Rejections.Count > 0)
            yield return Task(key, "rejected", sources, "The payer did not answer about this coverage; correct it and ask again before the visit.", [.. response.Error.Select(e => e.Code.Text ?? "no reason given")]) with { Deadline = deadline };
        else if (facts.IsActive != true)
            yield return Task(key, "not-active", sources, "The coverage is not active for the coming visit.", [response.Disposition ?? "The payer does not say that it is active."]) with { Deadline = deadline };
        if (facts.AuthorizationNeeded == true)
            yield return Task(key, "authorization", sources, "The payer wants an authorization for the coming visit.", [$"Authorization needed for {ServiceTypes.Name(facts.ServiceType)}."]) with { Code = ObtainAuthorization, Deadline = deadline };
    }

    /// <summary>Nobody has answered yet: somebody waits for it.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="file">Of the question.</param>
    /// <param name="why">In a sentence.</param>
    public static WorklistTask Waiting(CoverageEligibilityRequest request, string file, string why) => new()
    {
        Code = VerifyEligibility,
        Key = BillingKey.Of("task", WaitingKind, request.Id, file),
        Focus = $"CoverageEligibilityRequest/{request.Id}",
        Patient = request.Patient?.Reference,
        Description = "The payer has not answered yet. It is asked again by itself; this is done when the answer comes.",
        ValueAtStakeUsd = 0m,
        Findings = [why],
    };

    /// <summary>Whether an answer makes the work needless.</summary>
    public static bool IsWaiting(FhirTask task) =>
        task.Status is FhirTask.TaskStatus.Requested && task.Identifier.Exists(i => i.System == BillingUrls.IdempotencyKey && i.Value?.StartsWith($"task/{WaitingKind}/", StringComparison.Ordinal) == true);

    private static WorklistTask Task(string key, string kind, EligibilitySources sources, string description, IReadOnlyList<string> findings) => new()
    {
        Code = VerifyEligibility,
        Key = BillingKey.Of("task", kind, key),
        Focus = $"CoverageEligibilityRequest/{sources.Request.Id}",
        Patient = sources.Request.Patient?.Reference,
        Description = description,
        ValueAtStakeUsd = 0m,
        Findings = findings,
    };

    // Both values as X12 writes them, so that spelling and case are no difference. What one side does not state is none either.
    private static IEnumerable<string> Differences(EligibilityAnswer answer, EligibilitySources sources)
    {
        if (answer.Person is not { } theirs || sources.Patient is not { } patient)
            yield break;

        var isSelf = SubscriberMapping.IsSelf(sources.Coverage);
        var ours = PartyMapping.Person("IL", PartyMapping.OfficialName(patient.Name), "MI", isSelf ? SubscriberMapping.MemberId(sources.Coverage) : null);
        var dmg = answer.About.OfType<Dmg>().FirstOrDefault();
        var ourDmg = PartyMapping.Demographics(patient.BirthDate, patient.Gender);
        var address = PartyMapping.Address(PartyMapping.HomeAddress(patient.Address)).ToList();
        (string Field, string? Ours, string? Theirs)[] fields =
        [
            ("family name", ours.Name, theirs.Name),
            ("given name", ours.First, theirs.First),
            ("member id", ours.Id, theirs.Id),
            ("birth date", ourDmg?.BirthDate, dmg?.BirthDate),
            ("sex", ourDmg?.Sex, dmg?.Sex),
            ("street", address.OfType<N3>().FirstOrDefault()?.Line1, answer.About.OfType<N3>().FirstOrDefault()?.Line1),
            ("city", address.OfType<N4>().FirstOrDefault()?.City, answer.About.OfType<N4>().FirstOrDefault()?.City),
            ("ZIP", Zip5(address), Zip5(answer.About)),
        ];
        foreach (var (field, our, their) in fields)
        {
            if (Folded(our) is { } a && Folded(their) is { } b && a != b)
                yield return $"{field}: ours {a}, the payer's {b}";
        }

        if (answer.About.OfType<Ins>().Any(i => i.SaysChanged))
            yield return "The payer says that it changed the identity it was asked about (INS*Y*18*001*25).";
    }

    private static string? Zip5(IEnumerable<IX12Segment> address) =>
        address.OfType<N4>().FirstOrDefault()?.Zip is { Length: >= 5 } zip ? zip[..5] : null;

    private static string? Folded(string? text) =>
        text is not null && CharacterSet.Fold(text, Separators.Usual, out _) is { Length: > 0 } folded ? folded : null;

    private static string OtherPayer(BenefitLoop loop)
    {
        var payer = loop.Details.OfType<Nm1>().FirstOrDefault(n => n.EntityCode is "PR" or "PRP" or "SEP" or "TTP");
        var order = payer?.EntityCode switch
        {
            "PRP" => "primary payer",
            "SEP" => "secondary payer",
            "TTP" => "tertiary payer",
            _ => "other payer",
        };
        var id = payer?.Id is null ? "" : $" ({payer.Id})";
        var member = loop.Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier is "1W" or "IG" or "6P")?.Value;
        return $"{order}: {payer?.Name ?? "not named"}{id}{(member is null ? "" : $", number {member}")}";
    }
}
