using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Launch;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>Patients and visits to launch on, read through the same door as by HTTP, with the user's own rights.</summary>
internal sealed class LaunchRecords(Lazy<FhirInteractions> interactions, IAccessPlanner planner, OwnPatients own, IServerIdentity server) : ILaunchRecords
{
    private const string Most = "20";

    public async Task<IReadOnlyList<PatientChoice>> FindPatientsAsync(Principal user, string words, CancellationToken ct)
    {
        var terms = words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(6);
        List<KeyValuePair<string, string>> query = [new("_count", Most), new("_sort", "-_lastUpdated")];
        foreach (var term in terms)
            query.Add(new(Parameter(term), SearchText.Escape(term)));
        return [.. (await SearchAsync(user, "Patient", query, ct)).Select(Patient)];
    }

    public async Task<PatientChoice?> PatientAsync(Principal user, string id, CancellationToken ct) =>
        FhirTarget.Parse($"Patient/{id}", out _) is { Id: not null } ? (await SearchAsync(user, "Patient", [new("_id", id)], ct)).Select(Patient).FirstOrDefault() : null;

    public async Task<IReadOnlyList<PatientChoice>> OwnPatientsAsync(Principal user, CancellationToken ct)
    {
        var choices = new List<PatientChoice>();
        foreach (var id in await own.OfAsync(user, ct))
            if (await PatientAsync(user, id, ct) is { } patient)
                choices.Add(patient);
        return choices;
    }

    public async Task<IReadOnlyList<EncounterChoice>> EncountersAsync(Principal user, string patientId, CancellationToken ct) =>
        [.. (await SearchAsync(user, "Encounter", [new("patient", patientId), new("_count", Most), new("_sort", "-date")], ct)).Select(Encounter)];

    public async Task<bool> IsVisitOfAsync(Principal user, string patientId, string encounterId, CancellationToken ct) =>
        FhirTarget.Parse($"Encounter/{encounterId}", out _) is { Id: not null } && (await SearchAsync(user, "Encounter", [new("patient", patientId), new("_id", encounterId)], ct)).Count > 0;

    private async Task<IReadOnlyList<JsonElement>> SearchAsync(Principal user, string type, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken ct)
    {
        var caller = new Caller(user.UserName ?? user.ClientId, await planner.PlanAsync(user, ct)) { Principal = user };
        if (!caller.Access.Of(type).Allows(Interaction.Search))
            return [];
        var reply = await interactions.Value.HandleAsync(new FhirRequest("GET", FhirTarget.Parse(type, out _)!, caller) { Query = query, BaseUrl = server.FhirBase }, ct);
        if (reply.Status != StatusCodes.Status200OK)
            return [];
        var bundle = JsonDocument.Parse((await reply.WholeAsync()).Json).RootElement;
        return bundle.TryGetProperty("entry", out var entries) ? [.. entries.EnumerateArray().Select(e => e.GetProperty("resource"))] : [];
    }

    private static string Parameter(string term) =>
        DateOnly.TryParseExact(term, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? "birthdate" : term.Any(char.IsDigit) ? "identifier" : "name";

    private static PatientChoice Patient(JsonElement patient) =>
        new(Text(patient, "id")!, Name(patient) ?? $"Patient {Text(patient, "id")}", Text(patient, "birthDate"), Text(patient, "gender"),
            First(patient, "identifier") is { } identifier ? Text(identifier, "value") : null);

    private static string? Name(JsonElement patient)
    {
        if (First(patient, "name") is not { } name)
            return null;
        var given = name.TryGetProperty("given", out var parts) ? string.Join(' ', parts.EnumerateArray().Select(p => p.GetString())) : null;
        return Text(name, "text") ?? $"{given} {Text(name, "family")}".Trim();
    }

    private static EncounterChoice Encounter(JsonElement encounter)
    {
        var start = encounter.TryGetProperty("period", out var period) ? Text(period, "start") : null;
        var type = First(encounter, "type") is { } concept ? Text(concept, "text") ?? (First(concept, "coding") is { } coding ? Text(coding, "display") : null) : null;
        return new(Text(encounter, "id")!, start is { Length: > 10 } ? start[..10] : start, type ?? Text(encounter, "status") ?? "");
    }

    private static JsonElement? First(JsonElement element, string name) => element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 ? list[0] : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
