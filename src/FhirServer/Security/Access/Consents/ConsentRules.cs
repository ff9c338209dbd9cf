using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Access.Roles;

namespace FhirEmr.FhirServer.Security.Access.Consents;

/// <summary>Patients' decisions as conditions: what a Consent denies a caller is as absent (security.md S-46). Deny beats permit; the patient themself is never denied.</summary>
internal sealed class ConsentRules(ConsentBook book, PatientReach patients, Constraints constraints, TimeProvider clock, TimeZoneInfo zone)
{
    /// <summary>The consents that take something from this caller.</summary>
    public async ValueTask<IReadOnlyList<ActiveConsent>> AgainstAsync(Principal principal, IReadOnlyList<HeldRole> held, IReadOnlyList<string> self, CancellationToken ct)
    {
        var who = new Who(principal, held, TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        return [.. (await book.InForceAsync(ct)).Where(c => !self.Contains(c.Patient)).Select(c => c with { Rule = For(c.Rule, who) }).Where(c => Denies(c.Rule))];
    }

    /// <summary>What a resource of the type must satisfy so that no consent denies it; null when none can.</summary>
    public async ValueTask<SearchExpression?> WithoutAsync(string type, IReadOnlyList<ActiveConsent> against, CancellationToken ct)
    {
        if (against.Count == 0)
            return null;

        // Whoever wants nothing of theirs seen is one list, however many they are.
        var whole = against.Where(c => c.Rule is { IsPermit: false, IsOfAllData: true, Exceptions.Count: 0 }).Select(c => c.Patient).ToHashSet();
        var denied = new List<SearchExpression>();
        if (whole.Count > 0 && await patients.OfAsync(type, whole, ct) is { } theirs)
            denied.Add(theirs);
        foreach (var consent in against.Where(c => !whole.Contains(c.Patient)))
            if (await patients.OfAsync(type, [consent.Patient], ct) is { } record && await DeniedAsync(type, consent.Rule, ct) is { } part)
                denied.Add(new SearchExpression.And([record, part]));
        return denied.Count == 0 ? null : new SearchExpression.Not(new SearchExpression.Or(denied));
    }

    /// <summary>The part of a patient's data of the type that the rule denies; null for none.</summary>
    private async ValueTask<SearchExpression?> DeniedAsync(string type, Provision rule, CancellationToken ct)
    {
        if (await DataAsync(type, rule, ct) is not { } data)
            return null;

        var parts = new List<SearchExpression>();
        foreach (var exception in rule.Exceptions)
            if (exception.IsPermit != rule.IsPermit && (rule.IsPermit ? await DeniedAsync(type, exception, ct) : await PermittedAsync(type, exception, ct)) is { } part)
                parts.Add(part);
        if (rule.IsPermit)
            return parts.Count == 0 ? null : new SearchExpression.And([data, new SearchExpression.Or(parts)]);
        return parts.Count == 0 ? data : new SearchExpression.And([data, new SearchExpression.Not(new SearchExpression.Or(parts))]);
    }

    /// <summary>What an exception of a denial gives back: less what it denies again, and nothing where the data cannot be told.</summary>
    private async ValueTask<SearchExpression?> PermittedAsync(string type, Provision rule, CancellationToken ct)
    {
        if (rule.HasDataPeriod || await DataAsync(type, rule, ct) is not { } data)
            return null;
        var again = new List<SearchExpression>();
        foreach (var exception in rule.Exceptions.Where(e => !e.IsPermit))
            if (await DeniedAsync(type, exception, ct) is { } part)
                again.Add(part);
        return again.Count == 0 ? data : new SearchExpression.And([data, new SearchExpression.Not(new SearchExpression.Or(again))]);
    }

    /// <summary>Which resources of the type the rule is about; null for none.</summary>
    private async ValueTask<SearchExpression?> DataAsync(string type, Provision rule, CancellationToken ct)
    {
        if (rule.Types.Count > 0 && !rule.Types.Contains(type))
            return null;
        var terms = new List<SearchExpression>();
        if (rule.Labels.Count > 0)
            terms.Add(await constraints.ReadAsync(type, [new("_security", string.Join(',', rule.Labels))], ct) ?? new SearchExpression.Or([]));
        if (rule.Codes.Count > 0)
            terms.Add(await constraints.ReadAsync(type, [new("code", string.Join(',', rule.Codes))], ct) ?? new SearchExpression.Or([]));
        if (rule.Data.Count > 0)
            terms.Add(new SearchExpression.Ids([.. rule.Data.Where(d => d.StartsWith(type + "/", StringComparison.Ordinal)).Select(d => d[(type.Length + 1)..])]));
        return new SearchExpression.And(terms);
    }

    /// <summary>The rule as it stands for one caller today: parts that are about others, other purposes, other times or other acts are gone.</summary>
    private static Provision For(Provision rule, Who who) =>
        rule with { Exceptions = [.. rule.Exceptions.Where(who.IsMeantBy).Select(e => For(e, who))], IsPermit = rule.IsPermit || !who.IsMeantBy(rule) };

    private static bool Denies(Provision rule) => !rule.IsPermit || rule.Exceptions.Any(Denies);

    /// <summary>A caller, as consents speak of one.</summary>
    private sealed class Who(Principal principal, IReadOnlyList<HeldRole> held, string today)
    {
        private readonly HashSet<string> names = [.. new[] { principal.FhirUser, principal.ClientId, principal.UserName }.OfType<string>(), .. held.Select(h => h.Organization).OfType<string>()];

        // v3 ActReason; a client that acts for itself tells none, so that a denial for any purpose counts.
        private readonly string[] purposes = principal.UserId is null ? []
            : [.. held.Select(h => h.Role.Name.Contains("bill", StringComparison.Ordinal) ? "HPAYMT" : "TREAT").Distinct()];

        public bool IsMeantBy(Provision rule) =>
            !rule.IsAboutOther && (rule.Actors.Count == 0 || rule.Actors.Any(names.Contains)) && IsForPurpose(rule) && rule.Covers(today);

        /// <summary>Unknown purposes are denied and never permitted.</summary>
        private bool IsForPurpose(Provision rule) => rule.Purposes.Count == 0 || (purposes.Length == 0 ? !rule.IsPermit : rule.Purposes.Any(purposes.Contains));
    }
}
