using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>What a FHIR path addresses: <c>[base]/Type/id/_history/vid/$operation</c> in its legal forms.</summary>
internal sealed record FhirTarget(string? Type, string? Id, int? Version, bool IsHistory, bool IsSearch, string? Operation, bool IsMetadata)
{
    /// <summary>Resource types that R4 defines a compartment for (valueset-compartment-type).</summary>
    public static IReadOnlyList<string> CompartmentTypes { get; } = ["Patient", "Encounter", "Practitioner", "RelatedPerson", "Device"];

    public ResourceKey Key => new(Type!, Id!);

    /// <summary>The resource in whose compartment to search (<c>Patient/1/Observation</c>); <see cref="Type"/> is null for all types (<c>Patient/1/*</c>).</summary>
    public CompartmentPath? Compartment { get; init; }

    /// <summary>The file of a bulk export, or of what an import refused, that is asked for; null for the job itself.</summary>
    public string? File { get; init; }

    /// <summary>The path without what only says how to ask: where the links of a search lead.</summary>
    public string SearchPath => Compartment is { } within ? $"{within.Focus}/{Type ?? "*"}" : Type ?? "";

    /// <summary>Reads a path below the base, without leading slash or query; the fault says what is wrong with it.</summary>
    public static FhirTarget? Parse(string path, out FhirFault? fault)
    {
        fault = null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            return new(null, null, null, false, false, null, false);

        switch (parts)
        {
            case ["metadata"]:
                return new(null, null, null, false, false, null, true);
            case ["_history"]:
                return new(null, null, null, true, false, null, false);
            case ["_search"]:
                return new(null, null, null, false, true, null, false);
            case [['$', ..] operation]:
                return new(null, null, null, false, false, operation[1..], false);
            case ["$job", var job] when ResourceKey.IsId(job):
                return new(null, job, null, false, false, "job", false);
            case ["$export", var export] when ResourceKey.IsId(export):
                return new(null, export, null, false, false, "export", false);
            case ["$export", var export, var file] when ResourceKey.IsId(export) && ResourceKey.IsId(file):
                return new(null, export, null, false, false, "export", false) { File = file };
            case ["$import", var import] when ResourceKey.IsId(import):
                return new(null, import, null, false, false, "import", false);
            case ["$import", var import, var errors] when ResourceKey.IsId(import) && ResourceKey.IsId(errors):
                return new(null, import, null, false, false, "import", false) { File = errors };
        }

        var type = parts[0];
        if (!ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            fault = FhirFault.Of(FaultKind.NotFound,
                $"'{type}' is not a resource type of FHIR R4{(near is null ? "." : $"; did you mean '{near}'?")}", code: "not-supported");
            return null;
        }

        switch (parts)
        {
            case [_]:
                return new(type, null, null, false, false, null, false);
            case [_, "_search"]:
                return new(type, null, null, false, true, null, false);
            case [_, "_history"]:
                return new(type, null, null, true, false, null, false);
            case [_, ['$', ..] operation]:
                return new(type, null, null, false, false, operation[1..], false);
        }

        var id = parts[1];
        if (!ResourceKey.IsId(id))
        {
            fault = FhirFault.Of(FaultKind.Invalid, $"'{(id.Length > 80 ? id[..80] : id)}' is not an id: ids are 1 to 64 letters, digits, '-' or '.'.", code: "value");
            return null;
        }

        switch (parts)
        {
            case [_, _]:
                return new(type, id, null, false, false, null, false);
            case [_, _, "_history"]:
                return new(type, id, null, true, false, null, false);
            case [_, _, "_history", var version]:
                if (int.TryParse(version, out var number) && number > 0)
                    return new(type, id, number, true, false, null, false);
                fault = FhirFault.Of(FaultKind.NotFound, $"{type}/{id} has no version '{version}': versions are numbered from 1.");
                return null;
            case [_, _, "_history", var past, ['$', ..] operation] when int.TryParse(past, out var then) && then > 0:
                return new(type, id, then, true, false, operation[1..], false);
            case [_, _, ['$', ..] operation]:
                return new(type, id, null, false, false, operation[1..], false);
            case [_, _, "*"] or [_, _, "_search"] or [_, _, "*", "_search"]:
                return Within(new(type, id), null, parts[^1] == "_search", out fault);
            case [_, _, _] or [_, _, _, "_search"] when ResourceTypes.Exists(parts[2]):
                return Within(new(type, id), parts[2], parts.Length == 4, out fault);
            case [_, _, _] or [_, _, _, "_search"] when NearestName.Of(parts[2], ResourceTypes.All) is { } near:
                fault = FhirFault.Of(FaultKind.NotFound, $"'{path}' is no path of the FHIR API: '{parts[2]}' is not a resource type. Did you mean '{near}'?");
                return null;
        }

        fault = FhirFault.Of(FaultKind.NotFound, $"'{path}' is no path of the FHIR API.");
        return null;
    }

    private static FhirTarget? Within(ResourceKey focus, string? type, bool isPosted, out FhirFault? fault)
    {
        fault = CompartmentTypes.Contains(focus.Type) ? null : FhirFault.Of(FaultKind.NotFound,
            $"{focus.Type} has no compartment: {string.Join(", ", CompartmentTypes)} have, as in Patient/{focus.Id}/Observation.");
        return fault is null ? new(type, null, null, false, true, null, false) { Compartment = new(focus, isPosted) } : null;
    }

    /// <summary>It names work under way, or what came of it, and not a resource.</summary>
    public bool IsOfJob => this is { Type: null, Id: not null, Operation: "job" or "export" or "import" };

    /// <summary>The path again, as <see cref="Parse"/> reads it.</summary>
    public string ToPath() => string.Join('/', ((string?[])
    [
        Type, IsOfJob ? "$" + Operation : null, Id, File, IsHistory ? "_history" : null, Version?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        IsSearch ? "_search" : null, IsMetadata ? "metadata" : null, Operation is null || IsOfJob ? null : "$" + Operation,
    ]).Where(part => part is not null));
}

/// <param name="Focus">The resource that the compartment is named after.</param>
/// <param name="IsPosted">The path ends in <c>_search</c>, so it is for POST.</param>
internal sealed record CompartmentPath(ResourceKey Focus, bool IsPosted);
