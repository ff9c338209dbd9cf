using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access.Consents;

/// <summary>What a patient has decided about who sees their record.</summary>
/// <param name="Since">When it was given, as written: the newest of a patient's counts (S-46).</param>
internal sealed record ActiveConsent(string Patient, string Since, Provision Rule)
{
    /// <summary>Null for consents that decide nothing here: to research, to treatment, or without a rule or a patient.</summary>
    public static ActiveConsent? Read(StoredResource stored)
    {
        using var document = JsonDocument.Parse(stored.Json);
        var root = document.RootElement;
        if (!root.TryGetProperty("status", out var status) || status.GetString() != "active" || !IsPrivacy(root) || PatientOf(root) is not { } patient || Provision.OfConsent(root) is not { } rule)
            return null;
        return new(patient, root.TryGetProperty("dateTime", out var given) ? given.GetString()! : stored.LastUpdated.ToString("O", System.Globalization.CultureInfo.InvariantCulture), rule);
    }

    private static bool IsPrivacy(JsonElement root) => root.TryGetProperty("scope", out var scope) && scope.TryGetProperty("coding", out var codings)
        && codings.EnumerateArray().Any(c => c.TryGetProperty("code", out var code) && code.GetString() == "patient-privacy");

    private static string? PatientOf(JsonElement root) =>
        root.TryGetProperty("patient", out var patient) && patient.TryGetProperty("reference", out var reference) && reference.GetString() is { } text && text.StartsWith("Patient/", StringComparison.Ordinal)
            ? text["Patient/".Length..] : null;
}
