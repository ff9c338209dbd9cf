using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access.Consents;

/// <summary>Patients who want no access by an app: its tokens for their record are taken back when the Consent is written, beside what is denied to it from then on (security.md S-46).</summary>
/// <param name="revoke">Takes back what those of the names that are apps hold of a patient.</param>
internal sealed class OptOuts(ConsentBook book, Func<string, IReadOnlyCollection<string>, CancellationToken, Task> revoke, TimeProvider clock, TimeZoneInfo zone)
{
    /// <summary>Told of each Consent that is stored, whatever the road; of one that was there already, too: then the last time may have failed here.</summary>
    public async Task StoredAsync(IReadOnlyList<StoredResource> consents, CancellationToken ct)
    {
        book.Forget();
        var today = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var consent in consents.Select(ActiveConsent.Read).OfType<ActiveConsent>())
            if (Denied(consent.Rule, today).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } names && await IsNewestAsync(consent, ct))
                await revoke(consent.Patient, names, ct);
    }

    /// <summary>An older decision that is written again takes nothing back.</summary>
    private async ValueTask<bool> IsNewestAsync(ActiveConsent consent, CancellationToken ct) =>
        (await book.InForceAsync(ct)).All(c => c.Patient != consent.Patient || string.CompareOrdinal(c.Since, consent.Since) <= 0);

    /// <summary>Whom the rule denies by name all data, for every purpose and without exception. Who is denied some of it keeps the tokens for the rest.</summary>
    private static IEnumerable<string> Denied(Provision rule, string today)
    {
        if (rule.IsAboutOther || !rule.IsOfAllData || rule.Purposes.Count > 0 || !rule.Covers(today))
            return [];
        if (rule.IsPermit)
            return rule.Actors.Count > 0 ? [] : rule.Exceptions.SelectMany(e => Denied(e, today));
        return rule.Exceptions.Count > 0 ? [] : rule.Actors;
    }
}
